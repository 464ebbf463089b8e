"""What was posted when, from the rollup of days. Callers pass the keys of channels that they have
access to; all dates are inclusive.
"""

from archive.stats._cuts import midnight
from archive.stats._days import (
    DailySeries,
    Heatmap,
    HeatmapDay,
    Sums,
    Totals,
    days,
    first_day,
    heatmap,
    members,
    sparklines,
    totals,
)
from archive.stats._stacked import Stacked, Step, stacked_days, stacked_hours
from archive.stats._top import Measure, TopPost, TopPosts, top_posts

__all__ = [
    "DailySeries",
    "Heatmap",
    "HeatmapDay",
    "Measure",
    "Stacked",
    "Step",
    "Sums",
    "TopPost",
    "TopPosts",
    "Totals",
    "days",
    "first_day",
    "heatmap",
    "members",
    "midnight",
    "sparklines",
    "stacked_days",
    "stacked_hours",
    "top_posts",
    "totals",
]

"""What was posted when, from the rollup of days. Callers pass the keys of channels that they have
access to; all dates are inclusive.
"""

from archive.stats._cuts import local_days, midnight
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
    year_of_days,
    years,
)
from archive.stats._runs import RunActivity, RunSums, run_activity
from archive.stats._stacked import Stacked, Step, bar_start, stacked_days, stacked_hours
from archive.stats._top import Measure, Ranks, TopPost, TopPosts, ranks, top_posts

__all__ = [
    "DailySeries",
    "Heatmap",
    "HeatmapDay",
    "Measure",
    "Ranks",
    "RunActivity",
    "RunSums",
    "Stacked",
    "Step",
    "Sums",
    "TopPost",
    "TopPosts",
    "Totals",
    "bar_start",
    "days",
    "first_day",
    "heatmap",
    "local_days",
    "members",
    "midnight",
    "ranks",
    "run_activity",
    "sparklines",
    "stacked_days",
    "stacked_hours",
    "top_posts",
    "totals",
    "year_of_days",
    "years",
]

"""Channels against each other: one line each, and what they had in all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from archive import stats
from archive.stats import DailySeries, Step
from dashboard import charts
from dashboard.ranges import Range
from ingestion.models import Channel

FEWEST: Final = 2
MOST: Final = 6

Values = Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Row:
    """A channel's sums in the range. `members` is what was seen last."""

    channel: Channel
    tint: int
    messages: int
    views: int
    forwards: int
    reactions: int
    replies: int
    members: int | None

    @property
    def views_per_post(self) -> float | None:
        return self.views / self.messages if self.messages else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The chart of one metric, and the table of all."""

    chart: charts.Chart
    rows: list[Row]


def compare(
    *,
    channels: Sequence[Channel],
    range_: Range,
    metric: str,
    per_post: bool,
    name: str,
) -> Comparison:
    """`metric` is a field of `DailySeries`, or `members`; `name` is its word."""
    keys = [channel.pk for channel in channels]
    since, until = range_.since, range_.until
    found = stats.days(channels=keys, since=since, until=until, zone=range_.zone)
    members = stats.members(channels=keys, since=since, until=until)
    step = Step.DAY if range_.step is Step.HOUR else range_.step
    lines = []
    rows = []
    for place, channel in enumerate(channels):
        series = found[channel.pk]
        values: Values = members[channel.pk] if metric == "members" else getattr(series, metric)
        drawn = _line(series, values, step, metric=metric, per_post=per_post)
        row = _row(channel, charts.tint(place), series, members[channel.pk])
        rows.append(row)
        lines.append(
            charts.Line(
                name=channel.title,
                tint=row.tint,
                values=tuple(drawn.values()),
                total=_total(row, metric, per_post=per_post),
                channel=channel.pk,
            )
        )
    starts = tuple(
        dict.fromkeys(stats.bar_start(day, step) for day in stats.local_days(since, until))
    )
    # Zooming keeps what is compared.
    kept: list[tuple[str, object]] = [("channel", key) for key in keys]
    kept += [("metric", metric), *([("per", "post")] if per_post else []), ("range", "custom")]
    chart = charts.Chart(
        name=_("%(metric)s per post") % {"metric": name} if per_post else name,
        kind="lines",
        step=step,
        points=charts.points(starts, step, until),
        lines=tuple(lines),
        messages=f"{reverse('messages')}?",
        zoom=f"{reverse('compare')}?{urlencode(kept)}&",
        decimals=1 if per_post else 0,
    )
    return Comparison(chart, rows)


def _line(
    series: DailySeries, values: Values, step: Step, *, metric: str, per_post: bool
) -> dict[date, float | None]:
    """A value for each place of the x axis: sums, averages, or what was seen last."""
    sums: dict[date, float | None] = {}
    posts: dict[date, int] = {}
    for day, value, messages in zip(series.days, values, series.messages, strict=True):
        start = stats.bar_start(day, step)
        posts[start] = posts.get(start, 0) + messages
        if metric == "members":
            sums[start] = value if value is not None else sums.get(start)
        else:
            sums[start] = (sums.get(start) or 0) + (value or 0)
    if not per_post:
        return sums
    return {
        start: round((value or 0) / posts[start], 1) if posts[start] else None
        for start, value in sums.items()
    }


def _row(channel: Channel, tint: int, series: DailySeries, members: Values) -> Row:
    return Row(
        channel=channel,
        tint=tint,
        messages=sum(series.messages),
        views=sum(series.views),
        forwards=sum(series.forwards),
        reactions=sum(series.reactions),
        replies=sum(series.replies),
        members=members[-1] if members else None,
    )


def _total(row: Row, metric: str, *, per_post: bool) -> float | None:
    value: float | None = getattr(row, metric)
    if per_post:
        return (value or 0) / row.messages if row.messages else None
    return value

"""Messages of many channels over time: the busiest by name, the others together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from archive.stats import _sql
from archive.stats._cuts import DAY, local_days
from archive.stats._days import _columns, _rows

HOUR = timedelta(hours=1)


class Step(StrEnum):
    """How wide a bar is."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Stacked:
    """`starts` are the bars: dates, or hours (aware, UTC). `series` are `(channel, messages of
    each bar)`, the busiest first; the channel None is all the others together. `before` are the
    messages of the period of the same length before the first bar.
    """

    step: Step
    starts: tuple[date, ...]
    series: tuple[tuple[int | None, tuple[int, ...]], ...]
    before: int = 0


def stacked_days(
    *,
    channels: Sequence[int],
    since: date,
    until: date,
    zone: ZoneInfo,
    step: Step = Step.DAY,
    named: int = 4,
) -> Stacked:
    """By local day, week (from Monday) or month, from `since` to `until` inclusive."""
    busiest = _busiest(channels, since, until, named)
    before = since - ((until - since).days + 1) * DAY
    rows = _rows(
        _sql.STACKED_DAYS,
        {
            "channels": list(channels),
            "named": busiest,
            "before": before,
            "since": since,
            "until": until,
            "step": step.value,
            **_columns(before, until, zone),
        },
    )
    starts = tuple(dict.fromkeys(bar_start(day, step) for day in local_days(since, until)))
    return Stacked(step, starts, _series(rows, starts, busiest), _before(rows))


def stacked_hours(
    *, channels: Sequence[int], since: datetime, until: datetime, named: int = 4
) -> Stacked:
    """By the hour: every full hour (UTC) that begins in `since <= hour < until`."""
    first = since.astimezone(UTC)
    if first != (full := first.replace(minute=0, second=0, microsecond=0)):
        first = full + HOUR
    last = until.astimezone(UTC)
    busiest = _busiest(channels, first.date(), last.date(), named)
    rows = _rows(
        _sql.STACKED_HOURS,
        {
            "channels": list(channels),
            "named": busiest,
            "before": first - (last - first),
            "since": first,
            "until": last,
        },
    )
    starts = tuple(first + number * HOUR for number in range(-(-(last - first) // HOUR)))
    return Stacked(Step.HOUR, starts, _series(rows, starts, busiest), _before(rows))


def _busiest(channels: Sequence[int], since: date, until: date, named: int) -> list[int]:
    if len(channels) == 1:
        return list(channels)
    rows = _rows(
        _sql.BUSIEST,
        {"channels": list(channels), "since": since, "until": until, "limit": named},
    )
    return [row[0] for row in rows]


def bar_start(day: date, step: Step) -> date:
    """The first day of the bar that a day belongs to."""
    if step is Step.WEEK:
        return day - day.weekday() * DAY
    return day.replace(day=1) if step is Step.MONTH else day


def _series(
    rows: list[tuple[Any, ...]], starts: tuple[date, ...], busiest: list[int]
) -> tuple[tuple[int | None, tuple[int, ...]], ...]:
    counts = {(series, start): messages for series, start, messages in rows}
    some = {series for series, start, _messages in rows if start is not None}
    order: list[int | None] = [channel for channel in busiest if channel in some]
    if None in some:
        order.append(None)
    return tuple(
        (series, tuple(counts.get((series, start), 0) for start in starts)) for series in order
    )


def _before(rows: list[tuple[Any, ...]]) -> int:
    return sum(messages for _series, start, messages in rows if start is None)

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
    each bar)`, the busiest first; the channel None is all the others together.
    """

    step: Step
    starts: tuple[date, ...]
    series: tuple[tuple[int | None, tuple[int, ...]], ...]


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
    rows = _rows(
        _sql.STACKED_DAYS,
        {
            "channels": list(channels),
            "named": busiest,
            "since": since,
            "until": until,
            "step": step.value,
            **_columns(since, until, zone),
        },
    )
    starts = tuple(dict.fromkeys(_start(day, step) for day in local_days(since, until)))
    return Stacked(step, starts, _series(rows, starts, busiest))


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
        {"channels": list(channels), "named": busiest, "since": first, "until": last},
    )
    starts = tuple(first + number * HOUR for number in range(-(-(last - first) // HOUR)))
    return Stacked(Step.HOUR, starts, _series(rows, starts, busiest))


def _busiest(channels: Sequence[int], since: date, until: date, named: int) -> list[int]:
    rows = _rows(
        _sql.BUSIEST,
        {"channels": list(channels), "since": since, "until": until, "limit": named},
    )
    return [row[0] for row in rows]


def _start(day: date, step: Step) -> date:
    if step is Step.WEEK:
        return day - day.weekday() * DAY
    return day.replace(day=1) if step is Step.MONTH else day


def _series(
    rows: list[tuple[Any, ...]], starts: tuple[date, ...], busiest: list[int]
) -> tuple[tuple[int | None, tuple[int, ...]], ...]:
    counts = {(series, start): messages for series, start, messages in rows}
    some = {series for series, *_ in rows}
    order: list[int | None] = [channel for channel in busiest if channel in some]
    if None in some:
        order.append(None)
    return tuple(
        (series, tuple(counts.get((series, start), 0) for start in starts)) for series in order
    )

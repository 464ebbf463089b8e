"""What happened on which day, from the rollup: no page ever counts messages."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Sum
from django.db.models.functions import ExtractYear
from django.utils import timezone

from archive.models import ChannelDay
from archive.stats import _sql
from archive.stats._cuts import DAY, Cuts, local_days
from ingestion.models import MemberCount

WEEKS = 53


@dataclass(frozen=True, slots=True)
class DailySeries:
    """A channel day by day: all tuples are as long as `days`. `messages` are by local day, the
    others by UTC day of the same date. `members` is None where nobody looked on or before a day.
    """

    days: tuple[date, ...]
    messages: tuple[int, ...]
    deleted: tuple[int, ...]
    views: tuple[int, ...]
    forwards: tuple[int, ...]
    replies: tuple[int, ...]
    reactions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HeatmapDay:
    """`level` is 0 (no message) to 4 (among the busiest)."""

    day: date
    messages: int
    level: int


@dataclass(frozen=True, slots=True)
class Heatmap:
    """`weeks` run from Monday to Sunday; None is a day that has not come yet. `busiest` is the
    highest number of messages on a day.
    """

    weeks: tuple[tuple[HeatmapDay | None, ...], ...]
    busiest: int
    messages: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What was posted in a stretch of days (UTC)."""

    messages: int = 0
    deleted: int = 0
    views: int = 0
    forwards: int = 0
    replies: int = 0
    reactions: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """The days asked for, and as many days before them."""

    now: Sums
    before: Sums


def sparklines(
    *, channels: Sequence[int], days: int, zone: ZoneInfo, until: date | None = None
) -> dict[int, list[int]]:
    """Messages of the last `days` local days, oldest first, `until` (else today) last; for every
    channel.
    """
    until = until or timezone.localtime(timezone=zone).date()
    since = until - (days - 1) * DAY
    found = _messages(channels, since, until, zone)
    return {
        channel: [found.get((channel, day), 0) for day in local_days(since, until)]
        for channel in channels
    }


def days(
    *, channels: Sequence[int], since: date, until: date, zone: ZoneInfo
) -> dict[int, DailySeries]:
    """Every channel day by day, from `since` to `until` inclusive; days without messages too."""
    messages = _messages(channels, since, until, zone)
    rows = ChannelDay.objects.filter(
        channel_id__in=channels, day__range=(since, until)
    ).values_list("channel_id", "day", "deleted", "views", "forwards", "replies", "reactions")
    others = {(row[0], row[1]): row[2:] for row in rows}
    wanted = tuple(local_days(since, until))
    out = {}
    for channel in channels:
        columns = list(zip(*(others.get((channel, day), (0,) * 5) for day in wanted), strict=True))
        out[channel] = DailySeries(
            wanted,
            tuple(messages.get((channel, day), 0) for day in wanted),
            *(columns or [()] * 5),
        )
    return out


def members(
    *, channels: Sequence[int], since: date, until: date
) -> dict[int, tuple[int | None, ...]]:
    """Members of each channel day by day (UTC): what was seen last, on or before the day."""
    rows = MemberCount.objects.filter(channel_id__in=channels, day__lte=until).order_by("day")
    seen: dict[int, list[tuple[date, int]]] = {}
    for channel_id, day, count in rows.values_list("channel_id", "day", "members"):
        seen.setdefault(channel_id, []).append((day, count))
    out = {}
    for channel in channels:
        counts, place, last = seen.get(channel, []), 0, None
        line: list[int | None] = []
        for day in local_days(since, until):
            while place < len(counts) and counts[place][0] <= day:
                last, place = counts[place][1], place + 1
            line.append(last)
        out[channel] = tuple(line)
    return out


def heatmap(*, channel: int, until: date, zone: ZoneInfo) -> Heatmap:
    """The 53 weeks that end with the one of `until`."""
    monday = until - until.weekday() * DAY - 7 * (WEEKS - 1) * DAY
    found = _messages([channel], monday, until, zone)
    level = _levels(found.values())

    def cell(day: date) -> HeatmapDay | None:
        if day > until:
            return None
        messages = found.get((channel, day), 0)
        return HeatmapDay(day, messages, level(messages))

    weeks = tuple(
        tuple(cell(monday + (7 * week + weekday) * DAY) for weekday in range(7))
        for week in range(WEEKS)
    )
    return Heatmap(weeks, max(found.values(), default=0), sum(found.values()))


def year_of_days(*, channel: int, year: int, zone: ZoneInfo) -> list[HeatmapDay]:
    """Every local day of a year."""
    since, until = date(year, 1, 1), date(year, 12, 31)
    found = _messages([channel], since, until, zone)
    level = _levels(found.values())
    counted = [(day, found.get((channel, day), 0)) for day in local_days(since, until)]
    return [HeatmapDay(day, messages, level(messages)) for day, messages in counted]


def _levels(values: Iterable[int]) -> Callable[[int], int]:
    """By rank, not by size: one backfill day must not make all others pale."""
    counts = sorted(values)
    bounds = [counts[len(counts) * part // 4] for part in (1, 2, 3)] if counts else []
    return lambda messages: 1 + sum(messages > bound for bound in bounds) if messages else 0


def totals(*, channels: Sequence[int], since: date, until: date) -> Totals:
    """Sums of the days (UTC) from `since` to `until` inclusive, and of the period before."""
    before = since - ((until - since).days + 1) * DAY
    rows = _rows(
        _sql.TOTALS,
        {"channels": list(channels), "since": since, "until": until, "before": before},
    )
    sums = {is_now: Sums(*values) for is_now, *values in rows}
    return Totals(sums.get(True, Sums()), sums.get(False, Sums()))


def first_day(*, channels: Sequence[int]) -> date | None:
    """The first day (UTC) of which a message is archived."""
    day: date | None = _rows(_sql.FIRST_DAY, {"channels": list(channels)})[0][0]
    return day


def years(*, channel: int) -> list[tuple[int, int]]:
    """Messages by year (UTC), oldest first, from the first to the last of which there are any."""
    rows = ChannelDay.objects.filter(channel_id=channel).annotate(year=ExtractYear("day"))
    found = dict(rows.values_list("year").annotate(Sum("messages")))
    return (
        [(year, found.get(year, 0)) for year in range(min(found), max(found) + 1)] if found else []
    )


def _messages(
    channels: Sequence[int], since: date, until: date, zone: ZoneInfo
) -> dict[tuple[int, date], int]:
    rows = _rows(
        _sql.LOCAL_DAYS,
        {
            "channels": list(channels),
            "since": since,
            "until": until,
            **_columns(since, until, zone),
        },
    )
    return {(channel, day): messages for channel, day, messages in rows}


def _columns(since: date, until: date, zone: ZoneInfo) -> dict[str, Any]:
    cuts = Cuts.of(since, until, zone)
    return {"days": cuts.days, "cuts": cuts.cuts, "early": cuts.early, "late": cuts.late}


def _rows(statement: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows

"""Where the messages of a search lie: how many in which channel, and on which day.

The newest of each channel are looked at, some thousands in all, and the share of them that fits is
taken for the whole channel, whose size the rollup knows. Where that says that there are few, and an
index finds them, they are counted. So it costs about the same however many messages there are, and
what was worked out is kept for the next who asks (`tgadmin.lib.cache`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from archive.filters import Filters, filled, matching
from archive.limits import TooSlow, limited
from archive.models import ChannelDay
from ingestion.models import Channel, ChannelTotals
from tgadmin.lib import cache
from workspaces.models import Workspace

#: Messages that are counted one by one.
COUNTED: Final = 2_000
#: So few messages are all looked at.
FEW: Final = 10_000
#: Of more, so many are, shared by the channels; at least so many of each. A row costs some 3 µs.
LOOKED_AT: Final = 4_000
_AT_LEAST: Final = 20
#: For each of the two ways; a page waits for no more.
MILLISECONDS: Final = 300
#: What is shown of each facet.
_MOST: Final = 12

#: By channel and by day, how many fit, and of how many.
_GROUPED: Final = """
SELECT hit.channel_id, (hit.date AT TIME ZONE %(day_zone)s)::date AS day,
       count(*) FILTER (WHERE hit.fits), count(*)
FROM hit
GROUP BY GROUPING SETS ((hit.channel_id), ((hit.date AT TIME ZONE %(day_zone)s)::date))
"""

#: All that fit, up to a number of them.
_COUNT: Final = filled("""
WITH hit AS MATERIALIZED (
    SELECT message.channel_id, message.date, true AS fits
    FROM ingestion_message message
    WHERE message.channel_id = ANY(%(channels)s::bigint[])
-- bounds
-- conditions
    LIMIT %(most)s
)
-- grouped
""").replace("-- grouped", _GROUPED)

#: The newest of each channel, and whether each fits.
_SAMPLE: Final = filled("""
WITH hit AS MATERIALIZED (
    SELECT message.channel_id, message.date, (true
-- conditions
    ) AS fits
    FROM unnest(%(channels)s::bigint[]) AS wanted (id)
    CROSS JOIN LATERAL (
        SELECT message.*
        FROM ingestion_message message
        WHERE message.channel_id = wanted.id
-- bounds
        ORDER BY message.date DESC
        LIMIT %(window)s
    ) message
)
-- grouped
""").replace("-- grouped", _GROUPED)


@dataclass(frozen=True, slots=True)
class Count:
    """`key`: a channel's, or a day. `estimated`: not counted."""

    key: Any
    count: int
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Facets:
    """Channels with the most hits first, days with the newest first; both empty where even an
    estimate would take too long.
    """

    channels: list[Count] = field(default_factory=list)
    days: list[Count] = field(default_factory=list)
    estimated: bool = False
    #: In all channels, those included that are not shown.
    total: int = 0


def facets(
    *, workspace: Workspace, filters: Filters, known: Iterable[Channel] | None = None
) -> Facets:
    """Takes less than a second, however many messages there are. `known`: every channel of the
    workspace, where the caller has them at hand.
    """
    rows = Channel.objects.filter(workspace=workspace) if known is None else known
    chosen = filters.channels
    channels = sorted(
        channel.pk
        for channel in rows
        if (channel.pk in chosen if chosen else channel.removed_at is None)
    )
    if not channels:
        return Facets()
    zone = filters.zone or timezone.get_current_timezone_name()
    return cache.remember(
        workspace.pk, "facets", _looked_up, channels=channels, filters=filters, zone=zone
    )


def _looked_up(*, channels: Sequence[int], filters: Filters, zone: str) -> Facets:
    wanted = matching(filters.words, tags=filters.tags)
    parameters = {
        "channels": channels,
        "day_zone": zone,
        **filters.parameters(),
        **wanted.parameters(),
    }
    window = max(LOOKED_AT // len(channels), _AT_LEAST)
    try:
        sample = _grouped(_SAMPLE, parameters | {"window": window})
        if all(seen < window for _key, _count, seen in sample.channels):
            return _facets(sample, estimated=False)
        messages = sizes(channels, filters)
        if sum(messages.values()) <= FEW:
            whole = max(messages.values(), default=0) + 1
            sample = _grouped(_SAMPLE, parameters | {"window": max(window, whole)})
            return _facets(sample, estimated=False)
        scaled = [
            (
                key,
                max(count, round(count * messages.get(key, 0) / seen)) if seen == window else count,
            )
            for key, count, seen in sample.channels
        ]
        is_quick = wanted.indexed or "deleted" in filters.are
        if is_quick and sum(count for _key, count in scaled) <= COUNTED:
            counted = _grouped(_COUNT, parameters | {"most": COUNTED + 1})
            if sum(count for _key, count, _seen in counted.channels) <= COUNTED:
                return _facets(counted, estimated=False)
    except TooSlow:
        return Facets(estimated=True)
    rows = [(key, count, count) for key, count in scaled]
    return _facets(_Grouped(rows, sample.days), estimated=True)


def sizes(channels: Sequence[int], filters: Filters) -> dict[int, int]:
    """Messages of each channel between the days that were chosen, as the rollup has them, and a
    day more at both ends: days are those of a time zone.
    """
    if not (filters.since or filters.until):
        rows = ChannelTotals.objects.filter(channel__in=channels)
        return dict(rows.values_list("channel_id", "messages"))
    days = ChannelDay.objects.filter(channel_id__in=channels)
    if filters.since:
        days = days.filter(day__gte=filters.since - timedelta(days=1))
    if filters.until:
        days = days.filter(day__lte=filters.until + timedelta(days=1))
    return dict(days.values_list("channel_id").annotate(Sum("messages")))


@dataclass(frozen=True, slots=True)
class _Grouped:
    """By channel and by day: how many fit, and of how many."""

    channels: list[tuple[int, int, int]]
    days: list[tuple[date, int, int]]


def _grouped(statement: str, parameters: dict[str, Any]) -> _Grouped:
    with limited(MILLISECONDS), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows = cursor.fetchall()
    return _Grouped(
        [(key, fits, seen) for key, _day, fits, seen in rows if key is not None],
        [(day, fits, seen) for key, day, fits, seen in rows if key is None],
    )


def _facets(found: _Grouped, *, estimated: bool) -> Facets:
    most = sorted(found.channels, key=lambda one: (-one[1], one[0]))
    newest = sorted(found.days, reverse=True)
    return Facets(
        [Count(key, count, estimated) for key, count, _ in most if count][:_MOST],
        [Count(key, count, estimated) for key, count, _ in newest if count][:_MOST],
        estimated,
        sum(count for _key, count, _seen in most),
    )

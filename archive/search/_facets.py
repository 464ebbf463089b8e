"""Where the messages of a search lie: how many in which channel, and on which day.

Up to `COUNTED` messages are counted. Where there are more, or counting takes too long, the newest
of each channel are looked at, and the share of them that fits is taken for the whole channel, whose
size the rollup knows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from archive.filters import Filters, filled, matching
from archive.models import ChannelDay
from archive.search._limit import TooSlow, limited
from ingestion.models import Channel
from workspaces.models import Workspace

#: Messages that are counted one by one.
COUNTED: Final = 10_000
#: Rows that are looked at for an estimate, shared by the channels; at least so many of each.
LOOKED_AT: Final = 20_000
_AT_LEAST: Final = 50
#: For each of the two ways; a page waits for no more.
MILLISECONDS: Final = 300
#: What is shown of each facet.
_MOST: Final = 12

_GROUPED: Final = """
SELECT hit.channel_id, (hit.date AT TIME ZONE %(day_zone)s)::date AS day, count(*)
FROM hit
GROUP BY GROUPING SETS ((hit.channel_id), ((hit.date AT TIME ZONE %(day_zone)s)::date))
"""

#: All that fit, up to a number of them.
_COUNT: Final = filled("""
WITH hit AS MATERIALIZED (
    SELECT message.channel_id, message.date
    FROM ingestion_message message
    WHERE message.channel_id = ANY(%(channels)s::bigint[])
-- bounds
-- conditions
    LIMIT %(most)s
)
-- grouped
""").replace("-- grouped", _GROUPED)

#: Those that fit among the newest of each channel.
_SAMPLE: Final = filled("""
WITH hit AS MATERIALIZED (
    SELECT message.channel_id, message.date
    FROM unnest(%(channels)s::bigint[]) AS wanted (id)
    CROSS JOIN LATERAL (
        SELECT message.*
        FROM ingestion_message message
        WHERE message.channel_id = wanted.id
-- bounds
        ORDER BY message.date DESC, message.message_id DESC
        LIMIT %(window)s
    ) message
    WHERE true
-- conditions
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


def facets(
    *, workspace: Workspace, filters: Filters, known: Iterable[Channel] | None = None
) -> Facets:
    """Takes less than a second, however many messages there are. `known`: every channel of the
    workspace, where the caller has them at hand.
    """
    rows = Channel.objects.filter(workspace=workspace) if known is None else known
    chosen = filters.channels
    channels = [
        channel.pk
        for channel in rows
        if (channel.pk in chosen if chosen else channel.removed_at is None)
    ]
    if not channels:
        return Facets()
    parameters = {
        "channels": channels,
        "day_zone": filters.zone or timezone.get_current_timezone_name(),
        **filters.parameters(),
        **matching(filters.words, tags=filters.tags).parameters(),
    }
    try:
        found = _grouped(_COUNT, parameters | {"most": COUNTED + 1})
        if sum(count for _key, count in found[0]) <= COUNTED:
            return _facets(*found, estimated=False)
    except TooSlow:
        pass
    return _estimated(channels, filters, parameters)


def _estimated(channels: Sequence[int], filters: Filters, parameters: dict[str, Any]) -> Facets:
    window = max(LOOKED_AT // len(channels), _AT_LEAST)
    try:
        by_channel, by_day = _grouped(_SAMPLE, parameters | {"window": window})
    except TooSlow:
        return Facets(estimated=True)
    sizes = _sizes(channels, filters)
    scaled = [
        (
            key,
            max(count, round(count * sizes.get(key, 0) / window))
            if sizes.get(key, 0) > window
            else count,
        )
        for key, count in by_channel
    ]
    return _facets(scaled, by_day, estimated=True)


def _sizes(channels: Sequence[int], filters: Filters) -> dict[int, int]:
    """Messages of each channel between the days that were chosen, as the rollup has them."""
    days = ChannelDay.objects.filter(channel_id__in=channels)
    if filters.since:
        days = days.filter(day__gte=filters.since - timedelta(days=1))
    if filters.until:
        days = days.filter(day__lte=filters.until + timedelta(days=1))
    counted = days.values("channel_id").annotate(archived=Sum("messages"))
    return {row["channel_id"]: row["archived"] for row in counted}


def _grouped(
    statement: str, parameters: dict[str, Any]
) -> tuple[list[tuple[int, int]], list[tuple[date, int]]]:
    with limited(MILLISECONDS), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows = cursor.fetchall()
    by_channel = [(key, count) for key, _day, count in rows if key is not None]
    return by_channel, [(day, count) for key, day, count in rows if key is None]


def _facets(
    channels: list[tuple[int, int]], days: list[tuple[date, int]], *, estimated: bool
) -> Facets:
    most = sorted(channels, key=lambda one: (-one[1], one[0]))[:_MOST]
    newest = sorted(days, reverse=True)[:_MOST]
    return Facets(
        [Count(key, count, estimated) for key, count in most],
        [Count(key, count, estimated) for key, count in newest],
        estimated,
    )

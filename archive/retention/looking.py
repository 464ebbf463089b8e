"""What a policy would let go, before anything is. Messages are counted by their days' sums, and no
more stored files are looked at than a page can wait for, so that it answers at once however many there
are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Max, Min, Sum

from archive.models import ChannelDay, RetentionHold, RetentionPolicy
from archive.retention.policy import limit
from ingestion.models import Channel

#: Stored files that are looked at, over all channels.
LOOKED_AT: Final = 10_000
#: At least so many of each channel.
LEAST: Final = 500
_ALL: Final = 1 << 62

#: Of each channel that has any: how many stored files are named, their bytes, by how many messages,
#: from which day to which, and whether there are more. The oldest are looked at, along the index
#: `medium_stored`; one more than asked for says that a channel has more, and is not counted. Sizes are
#: looked up by key: joined, the planner would read every file's for them.
_FILES: Final = """
WITH looked AS MATERIALIZED (
    SELECT stored.*, row_number() OVER (PARTITION BY stored.channel_id) > %(share)s AS beyond
    FROM unnest(%(channels)s::bigint[]) AS asked (channel_id)
    CROSS JOIN LATERAL (
        SELECT medium.channel_id, medium.message_id, medium.date, medium.file_id, medium.thumb_id
        FROM ingestion_medium medium
        WHERE medium.channel_id = asked.channel_id AND medium.date < %(before)s
          AND (medium.file_id IS NOT NULL OR medium.thumb_id IS NOT NULL)
        ORDER BY medium.date LIMIT %(share)s + 1
    ) AS stored
), named AS (
    SELECT channel_id, file_id AS sha256 FROM looked WHERE NOT beyond AND file_id IS NOT NULL
    UNION
    SELECT channel_id, thumb_id FROM looked WHERE NOT beyond AND thumb_id IS NOT NULL
), weighed AS (
    SELECT named.channel_id, count(*) AS files, sum((
        SELECT file.size FROM ingestion_storedfile file WHERE file.sha256 = named.sha256
    ))::bigint AS bytes
    FROM named GROUP BY named.channel_id
), held AS (
    SELECT channel_id, count(DISTINCT message_id) FILTER (WHERE NOT beyond) AS messages,
           min(date) AS oldest, bool_or(beyond) AS more
    FROM looked GROUP BY channel_id
)
SELECT held.channel_id, weighed.files, weighed.bytes, held.messages,
       (held.oldest AT TIME ZONE 'UTC')::date, (newest.date AT TIME ZONE 'UTC')::date, held.more
FROM held
JOIN weighed ON weighed.channel_id = held.channel_id
CROSS JOIN LATERAL (
    SELECT medium.date FROM ingestion_medium medium
    WHERE medium.channel_id = held.channel_id AND medium.date < %(before)s
      AND (medium.file_id IS NOT NULL OR medium.thumb_id IS NOT NULL)
    ORDER BY medium.date DESC LIMIT 1
) AS newest
"""


@dataclass(frozen=True, slots=True)
class Preview:
    """Of one channel. `files` and `bytes` are of stored files; those that other messages name, too,
    stay. `held`: nothing of it goes, and why. Where only files go, `messages` are those that have
    any. `is_all`: else there are more files than were looked at, and more messages that have them.
    """

    channel: Channel
    before: datetime
    messages: int
    files: int
    bytes: int
    oldest: date | None
    newest: date | None
    held: str = ""
    is_all: bool = True


@dataclass(frozen=True, slots=True)
class _Files:
    """What of a channel is stored."""

    files: int = 0
    bytes: int = 0
    messages: int = 0
    oldest: date | None = None
    newest: date | None = None
    more: bool = False


@dataclass(frozen=True, slots=True)
class _Messages:
    """What of a channel is archived."""

    messages: int = 0
    oldest: date | None = None
    newest: date | None = None


def preview(channel: Channel, *, days: int, action: str = "") -> Preview:
    """Of one channel, every file counted. Writes nothing. `action`: of a policy, where it makes a
    difference.
    """
    (found,) = _previews([channel], days=days, action=action, share=_ALL)
    return found


def previews(channels: Sequence[Channel], *, days: int, action: str = "") -> list[Preview]:
    """Of each, for a page that somebody waits for: as many statements whatever the number of
    channels, and no more than `LOOKED_AT` files, or a few of each.
    """
    share = max(LOOKED_AT // max(len(channels), 1), LEAST)
    return _previews(channels, days=days, action=action, share=share)


def _previews(channels: Sequence[Channel], *, days: int, action: str, share: int) -> list[Preview]:
    before, keys = limit(days), [channel.pk for channel in channels]
    stored = _stored(keys, before, share)
    posted: Mapping[int, _Messages | _Files] = (
        stored if action in RetentionPolicy.OF_MEDIA else _posted(keys, before)
    )
    holds = RetentionHold.objects.filter(channel__in=keys, lifted_at__isnull=True)
    held = dict(holds.values_list("channel", "reason"))
    found = []
    for key, channel in zip(keys, channels, strict=True):
        files, messages = stored.get(key, _Files()), posted.get(key, _Messages())
        found.append(
            Preview(
                channel,
                before,
                messages.messages,
                files.files,
                files.bytes,
                messages.oldest,
                messages.newest,
                held=held.get(key, ""),
                is_all=not files.more,
            )
        )
    return found


def _stored(keys: list[int], before: datetime, share: int) -> dict[int, _Files]:
    asked: dict[str, Any] = {"channels": keys, "before": before, "share": share}
    with connection.cursor() as cursor:
        cursor.execute(_FILES, asked)
        return {key: _Files(*figures) for key, *figures in cursor.fetchall()}


def _posted(keys: list[int], before: datetime) -> dict[int, _Messages]:
    rows = ChannelDay.objects.filter(channel__in=keys, day__lt=before.date()).values("channel")
    sums = rows.annotate(posted=Sum("messages"), oldest=Min("day"), newest=Max("day"))
    figures = sums.order_by().values_list("channel", "posted", "oldest", "newest")
    return {key: _Messages(*rest) for key, *rest in figures}

"""The messages of a stretch of days that had the most of something."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal
from zoneinfo import ZoneInfo

from archive.stats import _sql
from archive.stats._cuts import DAY, midnight
from archive.stats._days import _rows
from ingestion.models import Message

Measure = Literal["views", "forwards", "reactions", "replies"]

#: Ids that are looked at for one list, all channels together: 50,000 rows of counters are read
#: in some 20 ms.
WINDOW: Final = 50_000


@dataclass(frozen=True, slots=True)
class TopPost:
    """`message` has its channel at hand; `value` is what was asked for."""

    message: Message
    value: int


@dataclass(frozen=True, slots=True)
class TopPosts:
    """Highest first. Not `is_whole`: there were more messages than are looked at, and the
    newest of each channel were.
    """

    posts: tuple[TopPost, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Ranks:
    """What `TopPosts` is made of, as figures alone: a channel's key, a message's id, its value."""

    rows: tuple[tuple[int, int, int], ...]
    is_whole: bool


def ranks(
    *,
    channels: Sequence[int],
    since: date,
    until: date,
    zone: ZoneInfo,
    by: Measure = "views",
    limit: int = 5,
) -> Ranks:
    """Of the messages posted on the local days from `since` to `until` inclusive, deleted ones
    included.
    """
    stretch = {"since": midnight(since, zone), "until": midnight(until + DAY, zone)}
    ends = _rows(_sql.ENDS_OF_STRETCH, {"channels": list(channels), **stretch})
    share = WINDOW // max(len(ends), 1)
    rows = _rows(
        _sql.TOP,
        {
            "by": by,
            "channels": [channel for channel, _, _ in ends],
            "low": [max(low, high - share + 1) for _, low, high in ends],
            "high": [high for _, _, high in ends],
            "limit": limit,
        },
    )
    return Ranks(
        tuple((channel, message, value) for channel, message, value in rows),
        is_whole=all(high - low < share for _, low, high in ends),
    )


def top_posts(found: Ranks) -> TopPosts:
    """With the messages, as they are now: one that is not there any more is left out."""
    messages = {
        (message.channel_id, message.message_id): message
        for message in Message.objects.filter(pk__in=[row[:2] for row in found.rows])
        .select_related("channel")
        .defer("tsv", "entities")
    }
    return TopPosts(
        tuple(TopPost(messages[row[:2]], row[2]) for row in found.rows if row[:2] in messages),
        is_whole=found.is_whole,
    )

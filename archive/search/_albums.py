"""Albums: messages that were posted at once and are one post to a reader.

A page of a list may hold a part of an album only. Each album has one place in a list, that of its
newest member that the filters let through, whichever way the list is walked; the rest of it is
fetched for that place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection

from archive.filters import Filters, filled, matching
from ingestion.models import Message

#: Members have neighbouring ids, ten at most; in a group, others may write in between
#: (https://core.telegram.org/api/files#albums-grouped-media).
REACH: Final = 20

#: The members of albums, in their order, and whether the filters let each through.
MEMBERS: Final = filled("""
SELECT message.channel_id, message.message_id, message.grouped_id, (true
-- bounds
-- conditions
) AS fits
FROM unnest(%(in_channels)s::bigint[], %(groups)s::bigint[], %(lows)s::bigint[],
            %(highs)s::bigint[]) AS album (channel_id, grouped_id, low, high)
JOIN ingestion_message message
     ON message.channel_id = album.channel_id AND message.grouped_id = album.grouped_id
    AND message.message_id BETWEEN album.low AND album.high
ORDER BY message.message_id
""")

#: An album's key: the channel's, and its own.
AlbumKey = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Album:
    """`members` in their order; `place` is the id of the one at whose place it stands."""

    members: list[Message]
    place: int


def albums(messages: Sequence[Message], filters: Filters | None = None) -> dict[AlbumKey, Album]:
    """Those that these messages belong to, whole: at most three queries, however many."""
    spans: dict[AlbumKey, list[int]] = {}
    for message in messages:
        if message.grouped_id is not None:
            spans.setdefault((message.channel_id, message.grouped_id), []).append(
                message.message_id
            )
    if not spans:
        return {}
    found = _members(spans, filters or Filters())
    at_hand = {(message.channel_id, message.message_id): message for message in messages}
    missing = [(key[0], number) for key, ids in found.items() for number, _ in ids]
    missing = [pair for pair in missing if pair not in at_hand]
    channels = {message.channel_id: message.channel for message in messages}
    for row in _rows(missing):
        row.channel = channels[row.channel_id]
        at_hand[row.channel_id, row.message_id] = row
    return {
        key: Album(
            [at_hand[key[0], number] for number, _ in ids if (key[0], number) in at_hand],
            max([number for number, fits in ids if fits] or spans[key]),
        )
        for key, ids in found.items()
    }


def _rows(pairs: list[tuple[int, int]]) -> Iterable[Message]:
    return Message.objects.filter(pk__in=pairs).defer("tsv") if pairs else ()


def _members(
    spans: dict[AlbumKey, list[int]], filters: Filters
) -> dict[AlbumKey, list[tuple[int, bool]]]:
    with connection.cursor() as cursor:
        cursor.execute(
            MEMBERS,
            {
                **filters.parameters(),
                **matching(filters.words).parameters(),
                "in_channels": [channel for channel, _ in spans],
                "groups": [group for _, group in spans],
                "lows": [min(ids) - REACH for ids in spans.values()],
                "highs": [max(ids) + REACH for ids in spans.values()],
            },
        )
        out: dict[AlbumKey, list[tuple[int, bool]]] = {}
        for channel, number, group, fits in cursor.fetchall():
            out.setdefault((channel, group), []).append((number, bool(fits)))
    return out

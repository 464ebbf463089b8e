"""A channel's messages of a stretch of time as a table, ordered by what they brought.

By date, a page is a walk along the primary key. By a counter, the newest `WINDOW` ids of the stretch
are looked at, each time: an index on a counter would make every refresh of views and reactions write
to it, and would end HOT updates, which are what makes refreshing cheap
(https://www.postgresql.org/docs/current/storage-hot.html). So many rows of counters are what the
best posts of a channel are found among, too (`archive.stats.top_posts`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal, Self

from django.db import connection

from ingestion.models import Channel, Message, MessageStats
from workspaces.access import NotFound, within

Order = Literal["date", "views", "forwards", "replies", "reactions"]
ORDERS: Final[tuple[Order, ...]] = ("date", "views", "forwards", "replies", "reactions")
#: Ids that are looked at when a counter orders them.
WINDOW: Final = 50_000
LIMIT: Final = 100

#: The lowest and the highest id of a stretch of time: two looks into the index by date.
_ENDS: Final = """
SELECT
    (SELECT message_id FROM ingestion_message
     WHERE channel_id = %(channel)s::bigint AND date >= %(since)s AND date < %(until)s
     ORDER BY date, message_id LIMIT 1),
    (SELECT message_id FROM ingestion_message
     WHERE channel_id = %(channel)s::bigint AND date >= %(since)s AND date < %(until)s
     ORDER BY date DESC, message_id DESC LIMIT 1)
"""

#: Ids in their own order, beyond a place.
_BY_DATE: Final = """
SELECT message_id, message_id FROM ingestion_message
WHERE channel_id = %(channel)s::bigint AND message_id BETWEEN %(low)s AND %(high)s
  AND message_id < %(message)s::bigint
ORDER BY message_id DESC LIMIT %(limit)s
"""

#: Ids by a counter, beyond a place; what nobody counted is 0.
_BY_COUNTER: Final = """
SELECT counted.message_id, counted.value
FROM (
    SELECT stats.message_id, coalesce(CASE %(by)s::text
        WHEN 'views' THEN stats.views
        WHEN 'forwards' THEN stats.forwards
        WHEN 'replies' THEN stats.replies
        WHEN 'reactions' THEN (
            SELECT sum(one.value::bigint)::bigint FROM jsonb_each_text(stats.reactions) AS one
        )
    END, 0) AS value
    FROM ingestion_messagestats stats
    WHERE stats.channel_id = %(channel)s::bigint
      AND stats.message_id BETWEEN %(low)s AND %(high)s
) counted
WHERE (counted.value, counted.message_id) < (%(value)s::bigint, %(message)s::bigint)
ORDER BY counted.value DESC, counted.message_id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A row, and the way to go from it: `on` with the order, or `back` against it."""

    way: Literal["on", "back"]
    value: int
    message_id: int

    _FORM = re.compile(r"(on|back)\.(\d{1,18})\.(\d{1,18})", re.ASCII)

    @classmethod
    def parse(cls, text: str | None) -> Self | None:
        """From an address; `NotFound` for what was made up there."""
        if not text:
            return None
        match = cls._FORM.fullmatch(text)
        if match is None:
            raise NotFound
        return cls("on" if match[1] == "on" else "back", int(match[2]), int(match[3]))

    def __str__(self) -> str:
        return f"{self.way}.{self.value}.{self.message_id}"


@dataclass(frozen=True, slots=True)
class Ranked:
    """A page. Not `is_whole`: the stretch holds more ids than are looked at, and the newest
    were; `window` is how many.
    """

    messages: list[Message]
    next: Place | None = None
    previous: Place | None = None
    is_whole: bool = True
    window: int = WINDOW
    stats: dict[tuple[int, int], MessageStats] = field(default_factory=dict)


def ranked(
    *,
    channel: Channel,
    since: datetime,
    until: datetime,
    by: Order = "date",
    descending: bool = True,
    place: Place | None = None,
    limit: int = LIMIT,
) -> Ranked:
    """Of the messages posted from `since` up to `until`, deleted ones included."""
    ends = _rows(_ENDS, {"channel": channel.pk, "since": since, "until": until})[0]
    low, high = ends
    if low is None or high is None:
        return Ranked([])
    low, high = min(low, high), max(low, high)
    whole = by == "date" or high - low < WINDOW
    if not whole:
        low = high - WINDOW + 1
    going_back = place is not None and place.way == "back"
    if place is None:
        place = Place("on", 2**62, 2**62) if descending else Place("on", -1, -1)
    statement = _BY_DATE if by == "date" else _BY_COUNTER
    rows = _rows(
        statement if descending != going_back else _mirrored(statement),
        {
            "channel": channel.pk,
            "low": low,
            "high": high,
            "by": by,
            "value": place.value,
            "message": place.message_id,
            "limit": limit + 1,
        },
    )
    more, rows = len(rows) > limit, rows[:limit]
    if going_back:
        rows.reverse()
    started = -1 < place.message_id < 2**62
    return _page(
        channel,
        rows,
        Ranked(
            [],
            next=Place("on", rows[-1][1], rows[-1][0]) if rows and (more or going_back) else None,
            previous=Place("back", rows[0][1], rows[0][0])
            if rows and (more if going_back else started)
            else None,
            is_whole=whole,
        ),
    )


def _page(channel: Channel, rows: Sequence[tuple[int, int]], page: Ranked) -> Ranked:
    ids = [number for number, _value in rows]
    mine = {"channel_id": channel.pk, "message_id__in": ids}
    found = within(channel.workspace, Message.objects.filter(**mine)).defer("tsv")
    messages = {message.message_id: message for message in found}
    for message in messages.values():
        message.channel = channel
    counters = within(channel.workspace, MessageStats.objects.filter(**mine))
    return replace(
        page,
        messages=[messages[number] for number in ids if number in messages],
        stats={(row.channel_id, row.message_id): row for row in counters},
    )


def _mirrored(statement: str) -> str:
    """The other way round."""
    return (
        statement.replace("DESC", "ASC")
        .replace("< (%(value)s", "> (%(value)s")
        .replace("message_id < %(message)s", "message_id > %(message)s")
    )


def _rows(statement: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows

"""The best matches first. PostgreSQL would have to read every match to order all of them (2.8 s for
a common word of ten million messages), so a bounded number of the newest is ordered.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

from django.db import connection

from archive.search._cursor import Cursor, Direction, Key
from workspaces.access import NotFound

#: So many matches are ordered at most.
MOST: Final = 1_000

_FORM: Final = re.compile(r"best\.(-?\d{1,17})\.(\d{1,18})\.(\d{1,18})\.(\d{1,4})", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

#: Longer texts have more of everything, so their length counts against them (1: the logarithm of
#: it; https://www.postgresql.org/docs/current/textsearch-controls.html#TEXTSEARCH-RANKING).
ORDER: Final = """
SELECT message.channel_id, message.message_id, message.date
FROM unnest(%(in_channels)s::bigint[], %(ids)s::bigint[]) AS hit (channel_id, message_id)
JOIN ingestion_message message
  ON message.channel_id = hit.channel_id AND message.message_id = hit.message_id
ORDER BY ts_rank(message.tsv, %(query)s::tsquery, 1) DESC,
         message.date DESC, message.channel_id DESC, message.message_id DESC
"""


@dataclass(frozen=True, slots=True)
class Place:
    """The `start`-th of the matches that are not newer than `newest`: what comes later does not
    shift the pages.
    """

    start: int = 0
    newest: Key | None = None

    @classmethod
    def parse(cls, text: str | None) -> Self:
        """From an address. What was made up there is nowhere: `NotFound`; a place in the order by
        date is the beginning.
        """
        if not text or Cursor.is_one(text):
            return cls()
        match = _FORM.fullmatch(text)
        if match is None:
            raise NotFound
        try:
            date = _EPOCH + timedelta(microseconds=int(match[1]))
        except OverflowError as error:
            raise NotFound from error
        return cls(int(match[4]), Key(date, int(match[2]), int(match[3])))

    def at(self, start: int) -> str:
        if self.newest is None:
            return ""
        microseconds = (self.newest.date - _EPOCH) // timedelta(microseconds=1)
        return f"best.{microseconds}.{self.newest.channel_id}.{self.newest.message_id}.{start}"

    def cursor(self) -> Cursor:
        """By date, from the newest one on, itself included."""
        if self.newest is None:
            return Cursor()
        key = self.newest
        return Cursor(Direction.OLDER, Key(key.date, key.channel_id, key.message_id + 1))


def is_place(text: str) -> bool:
    """Whether it is a place in this order."""
    return _FORM.fullmatch(text) is not None


def ordered(keys: list[Key], query: str | None) -> list[Key]:
    """The best first."""
    parameters: dict[str, Any] = {
        "in_channels": [key.channel_id for key in keys],
        "ids": [key.message_id for key in keys],
        "query": query,
    }
    with connection.cursor() as cursor:
        cursor.execute(ORDER, parameters)
        return [Key(date, channel, number) for channel, number, date in cursor.fetchall()]

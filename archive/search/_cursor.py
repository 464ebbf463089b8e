"""A place in the list of messages, and the way to go from it, as it stands in an address."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self

from workspaces.access import NotFound

_FORM: Final = re.compile(r"(older|newer)\.(-?\d{1,17})\.(\d{1,18})\.(\d{1,18})", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_HIGHEST: Final = 2**63 - 1
#: More than any id, and not too long for an address.
_BEYOND_IDS: Final = 10**18 - 1


class Direction(StrEnum):
    OLDER = "older"
    NEWER = "newer"


@dataclass(frozen=True, slots=True)
class Key:
    """What messages are ordered by."""

    date: datetime
    channel_id: int
    message_id: int


def cursor_at(moment: datetime) -> str:
    """The place from which the list shows what was posted before `moment`."""
    return str(Cursor(Direction.OLDER, Key(moment, _BEYOND_IDS, _BEYOND_IDS)))


@dataclass(frozen=True, slots=True)
class Cursor:
    """Everything beyond `key` in a direction; without a key, from the newest message on."""

    direction: Direction = Direction.OLDER
    key: Key | None = None

    @classmethod
    def parse(cls, text: str | None) -> Self:
        """From an address. What was made up there is nowhere: `NotFound`."""
        if not text:
            return cls()
        match = _FORM.fullmatch(text)
        if match is None:
            raise NotFound
        try:
            date = _EPOCH + int(match[2]) * _MICROSECOND
        except OverflowError as error:
            raise NotFound from error
        return cls(Direction(match[1]), Key(date, int(match[3]), int(match[4])))

    @staticmethod
    def is_one(text: str) -> bool:
        """Whether it is a place in the order by date."""
        return _FORM.fullmatch(text) is not None

    def __str__(self) -> str:
        if self.key is None:
            return ""
        microseconds = (self.key.date - _EPOCH) // _MICROSECOND
        return f"{self.direction}.{microseconds}.{self.key.channel_id}.{self.key.message_id}"

    def parameters(self) -> dict[str, Any]:
        """The key as the statements take it."""
        if self.key is None:
            return {"date": "infinity", "channel": _HIGHEST, "message": _HIGHEST}
        return {
            "date": self.key.date,
            "channel": self.key.channel_id,
            "message": self.key.message_id,
        }

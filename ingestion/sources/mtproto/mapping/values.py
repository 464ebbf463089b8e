"""Single values in their live and stored forms."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

#: A TL object in the form of Telethon's `to_dict()`.
TLDict = Mapping[str, Any]

#: Marked ids of channels start here: -1000000000000 - channel_id.
#: https://core.telegram.org/api/bots/ids
_CHANNEL_MARK: Final = -1_000_000_000_000


def as_datetime(value: Any) -> datetime:
    """An aware datetime in UTC, from a datetime, an ISO string or Unix seconds."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    elif isinstance(value, int):
        return datetime.fromtimestamp(value, UTC)
    if not isinstance(value, datetime):
        raise TypeError(f"not a date: {value!r}")
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value if value.tzinfo is UTC else value.astimezone(UTC)


def as_optional_datetime(value: Any) -> datetime | None:
    """None for no date; Telegram writes "never" as 0."""
    return as_datetime(value) if value else None


def as_iso(value: Any) -> str | None:
    """The same date as text, for what is kept in JSON."""
    return as_datetime(value).isoformat() if value else None


def as_base64(value: Any) -> str:
    """Bytes, or bytes stored as a list of integers or as base64, as base64."""
    if isinstance(value, str):
        return value
    return base64.b64encode(bytes(value)).decode("ascii")


def clean(text: str | None) -> str:
    """Text as PostgreSQL takes it: U+0000, which it refuses, is shown as U+2400.

    Both are one UTF-16 code unit, so entity offsets stay right.
    """
    if not text:
        return ""
    return text.replace("\0", "␀") if "\0" in text else text


def plain_text(value: Any) -> str:
    """The text of a `TextWithEntities`, which was a bare string in older layers."""
    return clean(value["text"] if isinstance(value, Mapping) else value)


def channel_mark(channel_id: int) -> int:
    """The marked form (-100…) of a channel's bare id."""
    return _CHANNEL_MARK - channel_id


def bare_channel_id(marked: int) -> int:
    """The bare id that requests carry, of a channel's marked id."""
    return _CHANNEL_MARK - marked


def peer_text(peer: Any) -> str:
    """The marked id of a peer as text; "" for none. Layers before 2021 have bare user ids."""
    if peer is None:
        return ""
    if isinstance(peer, int):
        return str(peer)
    if "user_id" in peer:
        return str(peer["user_id"])
    if "channel_id" in peer:
        return str(_CHANNEL_MARK - peer["channel_id"])
    return str(-peer["chat_id"])


def number(value: float) -> float:
    """Whole numbers as int: durations were integers in older layers and are floats now."""
    whole = int(value)
    return whole if whole == value else value


@cache
def snake(name: str) -> str:
    """Return "set_messages_ttl" for "SetMessagesTTL"."""
    out = ""
    for position, letter in enumerate(name):
        if letter.isupper() and position and not name[position - 1].isupper():
            out += "_"
        out += letter.lower()
    return out

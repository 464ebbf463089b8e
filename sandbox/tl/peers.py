"""Ids and moments of the model as TL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from telethon.tl import types

from sandbox.world.model import MARK, bare_channel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Fields whose numbers are people's or channels' marked ids.
_PEOPLE = {
    "bot_id",
    "boost_peer",
    "from_id",
    "inviter_id",
    "new_creator_id",
    "other_participants",
    "peer",
    "peers",
    "to_id",
    "user_id",
    "users",
}


def when(date: int) -> datetime:
    return datetime.fromtimestamp(date, UTC)


def peer(marked: int) -> Any:
    """``peerUser``, ``peerChat`` or ``peerChannel`` of a marked id."""
    if marked > 0:
        return types.PeerUser(marked)
    return types.PeerChannel(bare_channel(marked)) if marked < MARK else types.PeerChat(-marked)


def people_of(facts: Mapping[str, Any]) -> Iterator[int]:
    """Whom these facts name, so that a reader is told about them."""
    for name, value in facts.items():
        if name in _PEOPLE:
            yield from value if isinstance(value, list | tuple) else (value,)

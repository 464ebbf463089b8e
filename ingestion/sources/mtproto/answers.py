"""Lists of messages as Telegram answers them (https://core.telegram.org/type/messages.Messages)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from telethon.tl import types

from ingestion.errors import DataError
from ingestion.records import MessageRecord, PeerRecord, Unparsed, dump_raw
from ingestion.sources.base import ChannelAddress
from ingestion.sources.mtproto.mapping import display_name, map_message, map_peer
from ingestion.sources.mtproto.mapping.values import channel_mark, peer_text
from ingestion.sources.mtproto.wire import gc_paused

_EMPTY: Final = types.MessageEmpty.CONSTRUCTOR_ID


@dataclass(frozen=True, slots=True)
class Answer:
    """Messages as they came, and how to name the people in them."""

    messages: Sequence[Any]
    names: dict[str, str]
    #: Telegram may say that an answer leaves something out.
    exact: bool = True
    peers: Sequence[PeerRecord] = ()

    def ids(self) -> list[int]:
        """Return the ids in order, those of empty messages included."""
        return [message.id for message in self.messages]

    def empty_ids(self) -> frozenset[int]:
        """Return the ids that Telegram says have no message."""
        return frozenset(one.id for one in self.messages if one.CONSTRUCTOR_ID == _EMPTY)

    def dicts(self) -> Iterator[dict[str, Any]]:
        """Yield the messages as dicts, each made once."""
        return (one.to_dict() for one in self.messages if one.CONSTRUCTOR_ID != _EMPTY)

    def mapped(self) -> tuple[list[MessageRecord], list[Unparsed]]:
        """Return the records, and what could not be mapped."""
        records: list[MessageRecord] = []
        unparsed: list[Unparsed] = []
        with gc_paused():
            for raw in self.dicts():
                try:
                    records.append(map_message(raw, names=self.names))
                except DataError as error:
                    unparsed.append(Unparsed(raw["id"], error.told, dump_raw(raw)))
        return records, unparsed


def read_answer(result: Any) -> Answer:
    """Take apart what getHistory or getMessages returned."""
    if not hasattr(result, "messages"):
        raise contradiction(
            "Telegram answered with %(what)s instead of messages.", what=type(result).__name__
        )
    return Answer(
        result.messages,
        names_in(result),
        exact=not getattr(result, "inexact", False),
        peers=peers_in(result),
    )


def names_in(result: Any) -> dict[str, str]:
    """Return the display names of whoever an answer describes, by marked id as text."""
    names = {
        str(user.id): display_name(user.first_name, user.last_name)
        for user in getattr(result, "users", ())
        if hasattr(user, "first_name")
    }
    for chat in getattr(result, "chats", ()):
        names[str(channel_mark(chat.id))] = display_name(None, None, getattr(chat, "title", ""))
    return names


def peers_in(result: Any) -> list[PeerRecord]:
    """Return whoever an answer describes."""
    described = (*getattr(result, "users", ()), *getattr(result, "chats", ()))
    return [found for one in described if (found := map_peer(one))]


def check_range(ids: Sequence[int], low: int, high: int | None) -> None:
    """Trust no page that is not what was asked for: coverage is built on it."""
    if not ids:
        return
    first, last = ids[0], ids[-1]
    if any(one <= other for one, other in pairwise(ids)):
        raise contradiction(
            "Telegram sent ids that do not descend (%(first)s … %(last)s).", first=first, last=last
        )
    if last < low or (high is not None and first > high):
        raise contradiction(
            "Telegram sent ids outside %(low)s…%(high)s (%(first)s … %(last)s).",
            low=low,
            high="" if high is None else high,
            first=first,
            last=last,
        )


def check_peer(messages: Iterable[Any], address: ChannelAddress) -> None:
    """Trust no message of another channel."""
    wanted = str(address.peer_id)
    for message in messages:
        peer = message.peer_id
        if peer is not None and peer_text(peer.to_dict()) != wanted:
            raise contradiction(
                "Telegram sent a message of another channel (%(id)s).", id=message.id
            )


def contradiction(happened: str, **values: object) -> DataError:
    """Make the error for an answer that does not fit the question; `happened` as in every error."""
    return DataError(
        "CONTRADICTORY_ANSWER",
        happened,
        "Nothing was changed because of this answer; the range is asked for again.",
        **values,
    )

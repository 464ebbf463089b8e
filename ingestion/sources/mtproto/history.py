"""A channel's history by id ranges (https://core.telegram.org/api/offsets)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from telethon.tl import functions, types

from ingestion.errors import DataError
from ingestion.records import MessageRecord, Page, Unparsed, dump_raw
from ingestion.sources.base import ChannelAddress, Lookup
from ingestion.sources.mtproto.mapping import display_name, map_message
from ingestion.sources.mtproto.mapping.values import bare_channel_id, channel_mark
from ingestion.sources.mtproto.salvage import salvage
from ingestion.sources.mtproto.wire import UnreadableAnswerError, Wire, gc_paused

#: Telegram answers with at most this many messages.
MAX_LIMIT: Final = 100

_EMPTY: Final = types.MessageEmpty.CONSTRUCTOR_ID


@dataclass(frozen=True, slots=True)
class _Answer:
    """Messages as they came, newest first, and how to name the people in them."""

    messages: Sequence[Any]
    names: dict[str, str]
    exact: bool = True


@dataclass(frozen=True, slots=True)
class _Mapped:
    records: list[MessageRecord]
    unparsed: list[Unparsed]


class History:
    """Reads one account's view of channels."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def page(
        self, address: ChannelAddress, *, low: int, high: int | None, limit: int = MAX_LIMIT
    ) -> Page:
        """Return the newest messages with `low <= id <= high`.

        `min_id` filters after the slice of `limit` was taken, and a page may be short for
        reasons of Telegram's own: only an empty page says that nothing is left. With no
        `high`, the page's `high` is the channel's top, or `low - 1` when there is nothing.

        When a message cannot be read, the page ends before it; the next one holds it alone, in
        `unparsed`. That takes up to three requests.
        """
        limit = min(limit, MAX_LIMIT)
        while True:
            try:
                answer = await self._ask(address, low=low, high=high, limit=limit)
            except UnreadableAnswerError as unreadable:
                found = salvage(unreadable.body)
                if found is not None and found.complete:
                    return _page(_Answer(found.messages, {}), address, low, high)
                if limit == 1:
                    bad_id = found.bad_id if found else None
                    return await self._unreadable(unreadable, bad_id, address, low, high)
                readable = len(found.messages) if found is not None else limit // 2
                limit = max(1, min(readable, limit - 1))
            else:
                return _page(answer, address, low, high)

    async def lookup(self, address: ChannelAddress, ids: Sequence[int]) -> Lookup:
        """Ask for single ids (https://core.telegram.org/method/channels.getMessages).

        An id that is neither in the page nor in `empty` was not answered.
        """
        request = functions.channels.GetMessagesRequest(
            types.InputChannel(bare_channel_id(address.peer_id), address.access_hash),
            [types.InputMessageID(message_id) for message_id in ids],
        )
        try:
            answer = _answer(await self._wire.send(request))
        except UnreadableAnswerError as unreadable:
            return await self._lookup_halves(unreadable, address, ids)
        got = [message.id for message in answer.messages]
        if len(set(got)) != len(got) or not set(got) <= set(ids):
            raise _contradiction("answered for ids that were not asked for", got)
        _check_peer(answer.messages, address)
        mapped = _map(answer)
        empty = (one.id for one in answer.messages if one.CONSTRUCTOR_ID == _EMPTY)
        return Lookup(_of_ids(mapped.records, mapped.unparsed, ids), frozenset(empty))

    async def _lookup_halves(
        self, unreadable: UnreadableAnswerError, address: ChannelAddress, ids: Sequence[int]
    ) -> Lookup:
        """Isolate what cannot be read by halving."""
        if len(ids) == 1:
            bad = Unparsed(ids[0], unreadable.reason, unreadable.body)
            return Lookup(_of_ids([], [bad], ids), frozenset())
        middle = len(ids) // 2
        halves = [await self.lookup(address, part) for part in (ids[:middle], ids[middle:])]
        records = [record for half in halves for record in half.page.records]
        unparsed = [bad for half in halves for bad in half.page.unparsed]
        return Lookup(_of_ids(records, unparsed, ids), halves[0].empty | halves[1].empty)

    async def _unreadable(
        self,
        unreadable: UnreadableAnswerError,
        bad_id: int | None,
        address: ChannelAddress,
        low: int,
        high: int | None,
    ) -> Page:
        """Return the page of one message that cannot be read."""
        bad = Unparsed(bad_id, unreadable.reason, unreadable.body)
        if bad_id is not None:
            _check_ids([bad_id], low, high)
            return Page([], [bad], low=bad_id, high=high or bad_id, proves_absence=True)
        if high is None:
            raise unreadable
        below = await self._next_below(address, low, high)
        # Somewhere above the next readable one: nothing in between is proven to be absent.
        return Page([], [bad], low=below + 1, high=high, proves_absence=False)

    async def _next_below(self, address: ChannelAddress, low: int, high: int) -> int:
        """Return the id of the next message whose id can be read; low - 1 when there is none."""
        for skip in range(1, MAX_LIMIT):
            try:
                answer = await self._ask(address, low=low, high=high, limit=1, skip=skip)
            except UnreadableAnswerError as unreadable:
                found = salvage(unreadable.body)
                if found is not None and found.bad_id is not None:
                    return found.bad_id
            else:
                return answer.messages[0].id if answer.messages else low - 1
        raise _contradiction(f"had {MAX_LIMIT} unreadable messages in a row", [])

    async def _ask(
        self, address: ChannelAddress, *, low: int, high: int | None, limit: int, skip: int = 0
    ) -> _Answer:
        peer = types.InputPeerChannel(bare_channel_id(address.peer_id), address.access_hash)
        request = functions.messages.GetHistoryRequest(
            peer=peer,
            offset_id=0 if high is None else high + 1,
            offset_date=None,
            add_offset=skip,
            limit=limit,
            max_id=0,
            min_id=low - 1,
            hash=0,
        )
        return _answer(await self._wire.send(request))


def _answer(result: Any) -> _Answer:
    if not hasattr(result, "messages"):
        raise _contradiction(f"answered with {type(result).__name__} instead of messages", [])
    names = {str(user.id): display_name(user.first_name, user.last_name) for user in _named(result)}
    for chat in result.chats:
        names[str(channel_mark(chat.id))] = display_name(None, None, getattr(chat, "title", ""))
    return _Answer(result.messages, names, exact=not getattr(result, "inexact", False))


def _named(result: Any) -> Iterable[Any]:
    return (user for user in result.users if hasattr(user, "first_name"))


def _page(answer: _Answer, address: ChannelAddress, low: int, high: int | None) -> Page:
    ids = [message.id for message in answer.messages]
    _check_ids(ids, low, high)
    _check_peer(answer.messages, address)
    mapped = _map(answer)
    if high is None:
        high = ids[0] if ids else low - 1
    return Page(
        mapped.records,
        mapped.unparsed,
        low=ids[-1] if ids else low,
        high=high,
        proves_absence=answer.exact,
    )


def _map(answer: _Answer) -> _Mapped:
    mapped = _Mapped([], [])
    with gc_paused():
        for message in answer.messages:
            if message.CONSTRUCTOR_ID == _EMPTY:
                continue
            raw = message.to_dict()
            try:
                mapped.records.append(map_message(raw, names=answer.names))
            except DataError as error:
                mapped.unparsed.append(Unparsed(message.id, str(error), dump_raw(raw)))
    return mapped


def _check_ids(ids: Sequence[int], low: int, high: int | None) -> None:
    """Trust no page that is not what was asked for: coverage is built on it."""
    if not ids:
        return
    if any(one <= other for one, other in pairwise(ids)):
        raise _contradiction("sent ids that do not descend", ids)
    if ids[-1] < low or (high is not None and ids[0] > high):
        raise _contradiction(f"sent ids outside {low}…{'' if high is None else high}", ids)


def _check_peer(messages: Iterable[Any], address: ChannelAddress) -> None:
    channel_id = bare_channel_id(address.peer_id)
    for message in messages:
        peer = message.peer_id
        if peer is not None and getattr(peer, "channel_id", None) != channel_id:
            raise _contradiction("sent messages of another channel", [message.id])


def _of_ids(records: list[MessageRecord], unparsed: list[Unparsed], ids: Sequence[int]) -> Page:
    """Single ids are no range: what stands between them was not asked for."""
    return Page(records, unparsed, low=min(ids), high=max(ids), proves_absence=False)


def _contradiction(what: str, ids: Sequence[int]) -> DataError:
    shown = f" ({ids[0]} … {ids[-1]})" if ids else ""
    return DataError(
        "CONTRADICTORY_ANSWER",
        f"Telegram {what}{shown}.",
        "Nothing was changed because of this answer; the range is asked for again.",
    )

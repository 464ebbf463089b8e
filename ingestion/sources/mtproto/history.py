"""A channel's history by id ranges (https://core.telegram.org/api/offsets)."""

from collections.abc import Sequence
from typing import Final

from telethon.tl import functions, types

from ingestion.records import MessageRecord, Page, PeerRecord, Unparsed
from ingestion.sources.base import ChannelAddress, Lookup
from ingestion.sources.mtproto.answers import (
    Answer,
    check_peer,
    check_range,
    contradiction,
    read_answer,
)
from ingestion.sources.mtproto.peers import input_channel, input_peer, is_basic
from ingestion.sources.mtproto.salvage import salvage
from ingestion.sources.mtproto.wire import UnreadableAnswerError, Wire

#: Telegram answers with at most this many messages.
MAX_LIMIT: Final = 100


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
        `unparsed`. Either takes a few requests more.
        """
        limit = min(limit, MAX_LIMIT)
        while True:
            try:
                answer = await self._ask(address, low=low, high=high, limit=limit)
            except UnreadableAnswerError as unreadable:
                found = salvage(unreadable.body)
                if found is not None and found.complete:
                    return _page(Answer(found.messages, {}), address, low, high)
                if limit == 1:
                    bad_id = found.bad_id if found else None
                    return await self._unreadable(unreadable, bad_id, address, low, high)
                readable = len(found.messages) if found is not None else limit // 2
                limit = max(1, min(readable, limit - 1))
            else:
                return _page(answer, address, low, high)

    async def lookup(self, address: ChannelAddress, ids: Sequence[int]) -> Lookup:
        """Ask for at most 100 single ids.

        https://core.telegram.org/method/channels.getMessages; of a basic group
        https://core.telegram.org/method/messages.getMessages, whose ids are the account's. An id that is neither in the
        page nor in `empty` was not answered.
        """
        named = [types.InputMessageID(message_id) for message_id in ids]
        request = (
            functions.messages.GetMessagesRequest(named)
            if is_basic(address)
            else functions.channels.GetMessagesRequest(input_channel(address), named)
        )
        try:
            answer = read_answer(await self._wire.send(request))
        except UnreadableAnswerError as unreadable:
            return await self._lookup_halves(unreadable, address, ids)
        got = answer.ids()
        if len(set(got)) != len(got) or not set(got) <= set(ids):
            raise contradiction(
                "Telegram answered for ids that were not asked for (%(first)s … %(last)s).",
                first=got[0],
                last=got[-1],
            )
        check_peer(answer.messages, address)
        return Lookup(_of_ids(*answer.mapped(), ids, answer.peers), answer.empty_ids())

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
        peers = [peer for half in halves for peer in half.page.peers]
        return Lookup(_of_ids(records, unparsed, ids, peers), halves[0].empty | halves[1].empty)

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
            check_range([bad_id], low, high)
            return Page([], [bad], low=bad_id, high=high or bad_id, proves_absence=True)
        below = await self._next_below(address, low, high)
        page = await self._one_by_one(address, below + 1, high)
        if page is not None:
            return page
        if high is None:
            raise unreadable
        # It is somewhere above the next one: nothing in between is proven to be absent.
        return Page([], [bad], low=below + 1, high=high, proves_absence=False)

    async def _one_by_one(self, address: ChannelAddress, low: int, high: int | None) -> Page | None:
        """Ask for each id of a short range, which tells the id of what cannot be read.

        None when the range is long, or when these answers do not explain the page.
        """
        last = low + MAX_LIMIT - 1 if high is None else high
        if last - low >= MAX_LIMIT:
            return None
        asked = list(range(low, last + 1))
        found = await self.lookup(address, asked)
        records = sorted(found.page.records, key=lambda one: -one.message_id)
        unparsed = found.page.unparsed
        ids = {record.message_id for record in records}
        ids |= {bad.message_id for bad in unparsed if bad.message_id is not None}
        if not ids:
            return None
        complete = len(ids) + len(found.empty) == len(asked)
        top = high or max(ids)
        peers = found.page.peers
        return Page(records, unparsed, low=low, high=top, proves_absence=complete, peers=peers)

    async def _next_below(self, address: ChannelAddress, low: int, high: int | None) -> int:
        """Return the id of the next message whose id can be read; low - 1 when there is none."""
        for skip in range(1, MAX_LIMIT):
            try:
                answer = await self._ask(address, low=low, high=high, limit=1, skip=skip)
            except UnreadableAnswerError as unreadable:
                found = salvage(unreadable.body)
                if found is not None and found.bad_id is not None:
                    return found.bad_id
            else:
                check_range(answer.ids(), low, high)
                return answer.ids()[0] if answer.messages else low - 1
        raise contradiction(
            "Telegram sent %(count)s unreadable messages in a row.", count=MAX_LIMIT
        )

    async def _ask(
        self, address: ChannelAddress, *, low: int, high: int | None, limit: int, skip: int = 0
    ) -> Answer:
        request = functions.messages.GetHistoryRequest(
            peer=input_peer(address),
            offset_id=0 if high is None else high + 1,
            offset_date=None,
            add_offset=skip,
            limit=limit,
            max_id=0,
            min_id=low - 1,
            hash=0,
        )
        return read_answer(await self._wire.send(request))


def _page(answer: Answer, address: ChannelAddress, low: int, high: int | None) -> Page:
    ids = answer.ids()
    check_range(ids, low, high)
    check_peer(answer.messages, address)
    records, unparsed = answer.mapped()
    if high is None:
        high = ids[0] if ids else low - 1
    return Page(
        records,
        unparsed,
        low=ids[-1] if ids else low,
        high=high,
        proves_absence=answer.exact,
        peers=answer.peers,
    )


def _of_ids(
    records: list[MessageRecord],
    unparsed: list[Unparsed],
    ids: Sequence[int],
    peers: Sequence[PeerRecord] = (),
) -> Page:
    """Single ids are no range: what stands between them was not asked for."""
    return Page(records, unparsed, low=min(ids), high=max(ids), proves_absence=False, peers=peers)

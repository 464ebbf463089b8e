"""What Telegram tells of by itself (https://core.telegram.org/api/updates), and its differences."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from telethon.tl import functions, types

from ingestion.errors import DataError, TransientError
from ingestion.sources.base import ChannelAddress
from ingestion.sources.live import (
    AccountState,
    Difference,
    EventKind,
    Heard,
    LiveEvent,
    Standing,
)
from ingestion.sources.mtproto.answers import contradiction
from ingestion.sources.mtproto.events import Reading
from ingestion.sources.mtproto.mapping.values import bare_channel_id, channel_mark
from ingestion.sources.mtproto.wire import Wire

#: "Ordinary (non-bot) users are supposed to pass 10-100"
#: (https://core.telegram.org/method/updates.getChannelDifference).
LIMIT: Final = 100
#: Packets that wait at most; of more it is cheaper to ask what happened than to read them.
MOST_WAITING: Final = 2_000
#: Seconds after which a channel is asked again where Telegram names no time.
_TIMEOUT: Final = 30


class Updates:
    """A `LiveSource`, on a connection that was opened to listen."""

    #: Done when the connection is.
    _lost: asyncio.Future[Any] | None = None

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def subscribe(self, since: AccountState | None) -> tuple[AccountState, Collection[int]]:
        """Return the account's state by now, and the channels that it says have news.

        What happened in private chats is not asked for: the difference is that of the account's
        state as it is by now, and of an earlier date.
        """
        state = await self._wire.send(functions.updates.GetStateRequest())
        news: set[int] = set()
        if since is not None:
            answer = await self._wire.send(
                functions.updates.GetDifferenceRequest(state.pts, since.date, state.qts)
            )
            for update in getattr(answer, "other_updates", ()):
                if isinstance(update, types.UpdateChannelTooLong):
                    news.add(channel_mark(update.channel_id))
        return AccountState(state.pts, state.qts, state.date), news

    async def hear(self, peers: Collection[int], wait: float) -> Heard:
        """Return what was told of these channels since the last look."""
        queue = self._wire.client._updates_queue  # noqa: SLF001 - what Telethon's own loop reads
        packets = [] if queue.qsize() else await self._first(queue, wait)
        if queue.qsize() > MOST_WAITING:
            while not queue.empty():
                queue.get_nowait()
            return Heard(lost=True)
        while not queue.empty():
            packets.append(queue.get_nowait())
        events: list[LiveEvent] = []
        for packet in packets:
            if isinstance(packet, types.UpdatesTooLong):
                return Heard(events, lost=True)
            reading = Reading(packet, peers)
            for update in _updates_in(packet):
                events.extend(reading.events(update))
        return Heard(events)

    async def _first(self, queue: Any, seconds: float) -> list[Any]:
        """Wait for something to come, or raise when the connection is lost."""
        came = asyncio.ensure_future(queue.get())
        lost = self._lost
        if lost is None:
            # Each look at it makes another future, whose error asyncio would tell of.
            lost = self._lost = self._wire.client.disconnected
            lost.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            await asyncio.wait({came, lost}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            came.cancel()
            await asyncio.gather(came, return_exceptions=True)
        if not came.cancelled():
            return [came.result()]
        if lost.done():
            raise TransientError(
                "CONNECTION_LOST",
                "The connection to Telegram broke while it was listened on.",
                "It is opened again in a moment, and what was missed is asked for.",
            )
        return []

    async def standings(self, addresses: Sequence[ChannelAddress]) -> Mapping[int, Standing]:
        """Ask where at most 100 channels stand, in one request.

        https://core.telegram.org/method/messages.getPeerDialogs
        """
        request = functions.messages.GetPeerDialogsRequest(
            [
                types.InputDialogPeer(
                    types.InputPeerChannel(bare_channel_id(one.peer_id), one.access_hash)
                )
                for one in addresses
            ]
        )
        answer = await self._wire.send(request)
        left = {
            channel_mark(chat.id)
            for chat in answer.chats
            if getattr(chat, "left", False) or isinstance(chat, types.ChannelForbidden)
        }
        found = {}
        for dialog in answer.dialogs:
            channel_id = getattr(getattr(dialog, "peer", None), "channel_id", None)
            if channel_id is not None and getattr(dialog, "pts", None):
                peer_id = channel_mark(channel_id)
                found[peer_id] = Standing(dialog.pts, dialog.top_message, peer_id not in left)
        return found

    async def difference(self, address: ChannelAddress, pts: int) -> Difference:
        """Ask what happened in a channel since `pts`: the first hundred events of it."""
        request = functions.updates.GetChannelDifferenceRequest(
            channel=types.InputChannel(bare_channel_id(address.peer_id), address.access_hash),
            filter=types.ChannelMessagesFilterEmpty(),
            pts=pts,
            limit=LIMIT,
        )
        answer = await self._wire.send(request)
        timeout = getattr(answer, "timeout", None) or _TIMEOUT
        if isinstance(answer, types.updates.ChannelDifferenceEmpty):
            return Difference(answer.pts, timeout=timeout)
        if isinstance(answer, types.updates.ChannelDifferenceTooLong):
            dialog = answer.dialog
            if not getattr(dialog, "pts", None):
                raise contradiction(
                    "Telegram told of a difference that is too long, and not where it ends."
                )
            return Difference(dialog.pts, timeout=timeout, too_long=True, top=dialog.top_message)
        if not isinstance(answer, types.updates.ChannelDifference):
            raise DataError(
                "UNREADABLE_ANSWER",
                "Telegram answered with something that is no difference.",
                "Nothing was changed because of this answer.",
            )
        if answer.pts < pts:
            raise contradiction("Telegram sent a difference that leads back.")
        reading = Reading(answer, {address.peer_id})
        events = []
        if answer.new_messages:
            events.append(reading.messages(address.peer_id, EventKind.NEW, answer.new_messages))
        for update in answer.other_updates:
            events.extend(reading.events(update))
        return Difference(answer.pts, events, final=bool(answer.final), timeout=timeout)


def _updates_in(packet: Any) -> Sequence[Any]:
    """Return the updates of a packet (https://core.telegram.org/type/Updates).

    Short messages are of private chats and basic groups, which have no sequence of their own.
    """
    if isinstance(packet, (types.Updates, types.UpdatesCombined)):
        return list(packet.updates)
    if isinstance(packet, types.UpdateShort):
        return [packet.update]
    return []

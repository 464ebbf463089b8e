"""Telegram's updates as events of channels (https://core.telegram.org/type/Update)."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from telethon.tl import types

from ingestion.errors import DataError
from ingestion.records import MessageRecord, Unparsed, dump_raw
from ingestion.sources.live import Counters, EventKind, LiveEvent
from ingestion.sources.mtproto.answers import names_in, peers_in
from ingestion.sources.mtproto.mapping import map_message
from ingestion.sources.mtproto.mapping.attached import map_attached
from ingestion.sources.mtproto.mapping.headers import map_reactions
from ingestion.sources.mtproto.mapping.values import channel_mark

#: Of messages, with the sequence that they are part of.
_MESSAGES: Final[Mapping[Any, EventKind]] = {
    types.UpdateNewChannelMessage: EventKind.NEW,
    types.UpdateEditChannelMessage: EventKind.EDIT,
}


class Reading:
    """Reads the updates of one packet, as far as they are about the channels in `peers`."""

    def __init__(self, packet: Any, peers: Collection[int]) -> None:
        self._packet = packet
        self._names: dict[str, str] | None = None
        self._peers = peers

    def events(self, update: Any) -> Iterator[LiveEvent]:
        """Yield at most one event."""
        kind = _MESSAGES.get(type(update))
        if kind is not None:
            peer_id = _marked(getattr(update.message, "peer_id", None))
            if peer_id in self._peers:
                yield self.messages(
                    peer_id, kind, [update.message], pts=update.pts, pts_count=update.pts_count
                )
            return
        read = _READERS.get(type(update))
        if read is not None:
            event = read(update)
            if event.peer_id in self._peers:
                yield event
        elif getattr(update, "pts_count", None) is not None:
            # Part of a channel's sequence that is not known here must not look like a gap.
            peer_id = channel_mark(getattr(update, "channel_id", 0) or 0)
            if peer_id in self._peers:
                yield LiveEvent(peer_id, EventKind.OTHER, update.pts, update.pts_count)

    def messages(
        self,
        peer_id: int,
        kind: EventKind,
        messages: Sequence[Any],
        *,
        pts: int | None = None,
        pts_count: int = 0,
    ) -> LiveEvent:
        """Map messages; what cannot be mapped is kept as it came."""
        if self._names is None:
            self._names = names_in(self._packet)
        records: list[MessageRecord] = []
        unparsed: list[Unparsed] = []
        for message in messages:
            if isinstance(message, types.MessageEmpty) or _marked(message.peer_id) != peer_id:
                continue
            raw = message.to_dict()
            try:
                records.append(map_message(raw, names=self._names))
            except DataError as error:
                unparsed.append(Unparsed(raw["id"], error.told, dump_raw(raw)))
        return LiveEvent(
            peer_id,
            kind,
            pts,
            pts_count,
            records=records,
            unparsed=unparsed,
            peers=peers_in(self._packet),
        )


def _marked(peer: Any) -> int:
    """Return a channel's marked id; 0 for whatever is no channel."""
    return channel_mark(peer.channel_id) if isinstance(peer, types.PeerChannel) else 0


def _deleted(update: Any) -> LiveEvent:
    return LiveEvent(
        channel_mark(update.channel_id),
        EventKind.DELETE,
        update.pts,
        update.pts_count,
        ids=tuple(update.messages),
    )


def _pinned(update: Any) -> LiveEvent:
    return LiveEvent(
        channel_mark(update.channel_id),
        EventKind.PINNED,
        update.pts,
        update.pts_count,
        ids=tuple(update.messages),
    )


def _counted(peer_id: int, message_id: int, counters: Counters) -> LiveEvent:
    return LiveEvent(peer_id, EventKind.COUNTERS, counters={message_id: counters})


def _views(update: Any) -> LiveEvent:
    return _counted(channel_mark(update.channel_id), update.id, Counters(views=update.views))


def _forwards(update: Any) -> LiveEvent:
    counters = Counters(forwards=update.forwards)
    return _counted(channel_mark(update.channel_id), update.id, counters)


def _reactions(update: Any) -> LiveEvent:
    told = map_reactions(update.reactions.to_dict())
    return _counted(_marked(update.peer), update.msg_id, Counters(reactions=told))


def _poll(update: Any) -> LiveEvent:
    """Results of a poll; which message it is in is not always told, and then it is nobody's
    (https://core.telegram.org/constructor/updateMessagePoll).
    """
    poll = update.poll.to_dict() if update.poll is not None else {"answers": ()}
    media = {"_": "MessageMediaPoll", "poll": poll, "results": update.results.to_dict()}
    votes = (map_attached({"media": media}) or {}).get("poll", {})
    # Whose answers were added, the message itself tells.
    told = {name: value for name, value in votes.items() if name != "added"}
    return _counted(_marked(update.peer), update.msg_id or 0, Counters(poll=told))


def _channel(update: Any) -> LiveEvent:
    return LiveEvent(channel_mark(update.channel_id), EventKind.CHANNEL)


def _behind(update: Any) -> LiveEvent:
    return LiveEvent(channel_mark(update.channel_id), EventKind.BEHIND)


_READERS: Final[Mapping[Any, Callable[[Any], LiveEvent]]] = {
    types.UpdateDeleteChannelMessages: _deleted,
    types.UpdatePinnedChannelMessages: _pinned,
    types.UpdateChannelMessageViews: _views,
    types.UpdateChannelMessageForwards: _forwards,
    types.UpdateMessageReactions: _reactions,
    types.UpdateMessagePoll: _poll,
    types.UpdateChannel: _channel,
    types.UpdateChannelAvailableMessages: _channel,
    types.UpdateChannelTooLong: _behind,
}

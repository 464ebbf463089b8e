"""What stands around a channel's history: topics, pinned messages, administrators."""

from typing import Any, Final

from telethon.tl import functions, types

from ingestion.errors import IngestionError
from ingestion.records import AdminRecord, TopicRecord
from ingestion.sources.base import ChannelAddress
from ingestion.sources.mtproto.mapping import map_peer
from ingestion.sources.mtproto.mapping.values import as_datetime, clean
from ingestion.sources.mtproto.peers import input_channel, input_peer
from ingestion.sources.mtproto.wire import Wire

_PAGE: Final = 100
#: More pages than any channel has topics or pinned messages for.
_PAGES: Final = 50
_ADMINS: Final = 200
#: Administrators show themselves to administrators alone, or hid from everybody.
_HIDDEN: Final = frozenset({"CHAT_ADMIN_REQUIRED", "CHANNEL_PARTICIPANTS_HIDDEN"})


class Around:
    """Reads one account's view of what is no history."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def topics(self, address: ChannelAddress) -> list[TopicRecord]:
        """Every topic of a forum (https://core.telegram.org/method/messages.getForumTopics)."""
        found: dict[int, TopicRecord] = {}
        offset: tuple[Any, int, int] = (None, 0, 0)
        for _ in range(_PAGES):
            date, message_id, topic_id = offset
            request = functions.messages.GetForumTopicsRequest(
                input_peer(address), date, message_id, topic_id, _PAGE
            )
            answer = await self._wire.send(request)
            known = len(found)
            topics = [one for one in answer.topics if isinstance(one, types.ForumTopic)]
            found.update((one.id, _topic(one)) for one in topics)
            if not topics or len(found) == known or len(found) >= answer.count:
                break
            last = topics[-1]
            dates = {message.id: getattr(message, "date", None) for message in answer.messages}
            offset = (dates.get(last.top_message) or last.date, last.top_message, last.id)
        return list(found.values())

    async def pinned(self, address: ChannelAddress) -> list[int]:
        """The ids of the pinned messages, newest first (https://core.telegram.org/api/pin)."""
        found: list[int] = []
        for _ in range(_PAGES):
            request = functions.messages.SearchRequest(
                peer=input_peer(address),
                q="",
                filter=types.InputMessagesFilterPinned(),
                min_date=None,
                max_date=None,
                offset_id=found[-1] if found else 0,
                add_offset=0,
                limit=_PAGE,
                max_id=0,
                min_id=0,
                hash=0,
            )
            answer = await self._wire.send(request)
            ids = [one.id for one in answer.messages if not found or one.id < found[-1]]
            found += ids
            if len(ids) < _PAGE:
                break
        return found

    async def admins(self, address: ChannelAddress) -> list[AdminRecord] | None:
        """Who runs it; None where this account may not see that
        (https://core.telegram.org/method/channels.getParticipants).
        """
        channel = input_channel(address)
        request = functions.channels.GetParticipantsRequest(
            channel, types.ChannelParticipantsAdmins(), 0, _ADMINS, 0
        )
        try:
            answer = await self._wire.send(request)
        except IngestionError as error:
            if error.code in _HIDDEN:
                return None
            raise
        peers = {user.id: peer for user in answer.users if (peer := map_peer(user))}
        return [
            AdminRecord(
                peer=peers[one.user_id],
                rank=clean(one.rank),
                creator=isinstance(one, types.ChannelParticipantCreator),
            )
            for one in answer.participants
            if getattr(one, "user_id", None) in peers
        ]


def _topic(one: Any) -> TopicRecord:
    return TopicRecord(
        topic_id=one.id,
        title=clean(one.title),
        date=as_datetime(one.date),
        icon_color=one.icon_color,
        icon_emoji_id=one.icon_emoji_id,
        closed=bool(one.closed),
        pinned=bool(one.pinned),
        hidden=bool(one.hidden),
    )

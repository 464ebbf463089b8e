"""Finding, describing and joining channels."""

from typing import Any, Final

from telethon.tl import functions, types

from ingestion.errors import AccessError, DataError, IngestionError, InputError, Meaning
from ingestion.records import ChannelRecord
from ingestion.sources.base import ChannelAddress
from ingestion.sources.mtproto.mapping import display_name, map_channel
from ingestion.sources.mtproto.mapping.values import bare_channel_id
from ingestion.sources.mtproto.peers import is_basic
from ingestion.sources.mtproto.wire import Wire

_DIALOG_PAGE: Final = 100
#: More pages than any account has dialogs for; a server that repeats itself must not hold us.
_DIALOG_PAGES: Final = 100

_WRITE_A_CHANNEL: Final = "Write the name or link of a channel."
#: Whether it is a bot and whether its name is known → what to say of a name that is no channel's.
_WHO: Final = {
    (True, True): Meaning(
        InputError,
        "@%(username)s is a bot (%(name)s), not a channel or a group.",
        _WRITE_A_CHANNEL,
    ),
    (True, False): Meaning(
        InputError, "@%(username)s is a bot, not a channel or a group.", _WRITE_A_CHANNEL
    ),
    (False, True): Meaning(
        InputError,
        "@%(username)s is a person (%(name)s), not a channel or a group.",
        _WRITE_A_CHANNEL,
    ),
    (False, False): Meaning(
        InputError, "@%(username)s is a person, not a channel or a group.", _WRITE_A_CHANNEL
    ),
}


class Directory:
    """The channels that an account can reach."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def resolve(self, username: str) -> ChannelRecord:
        """Return the channel with this name.

        Telegram allows few of these requests: keep `peer_id` and `access_hash`, and never ask
        for the same name twice.
        """
        found = await self._wire.send(functions.contacts.ResolveUsernameRequest(username))
        peer = found.peer
        if not isinstance(peer, types.PeerChannel):
            raise _not_a_channel(username, found)
        chat = next((chat for chat in found.chats if chat.id == peer.channel_id), None)
        if chat is None:
            raise DataError(
                "CONTRADICTORY_ANSWER",
                "Telegram knows @%(username)s, but did not say what it is.",
                "Try again in a moment.",
                username=username,
            )
        record = map_channel(chat.to_dict())
        return await self.describe(ChannelAddress(record.peer_id, record.access_hash))

    async def describe(self, address: ChannelAddress) -> ChannelRecord:
        """Return title, description, members and what it hides.

        https://core.telegram.org/method/channels.getFullChannel
        """
        if is_basic(address):
            request = functions.messages.GetFullChatRequest(-address.peer_id)
            channel_id = -address.peer_id
        else:
            request = functions.channels.GetFullChannelRequest(_input(address))
            channel_id = bare_channel_id(address.peer_id)
        answer = await self._wire.send(request)
        chat = next((chat for chat in answer.chats if chat.id == channel_id), None)
        if chat is None or answer.full_chat.id != channel_id:
            raise DataError(
                "CONTRADICTORY_ANSWER",
                "Telegram described another channel than the one asked for.",
                "Nothing was changed; try again.",
            )
        return map_channel(chat.to_dict(), answer.full_chat.to_dict())

    async def dialogs(self, *, pages: int = _DIALOG_PAGES) -> list[ChannelRecord]:
        """Return the channels and groups the account is in, the most recent first, of at most
        so many pages.

        Without descriptions: those cost one request each (`describe`).
        """
        records: dict[int, ChannelRecord] = {}
        offset: tuple[Any, int, Any] = (None, 0, types.InputPeerEmpty())
        for _ in range(pages):
            date, message_id, peer = offset
            request = functions.messages.GetDialogsRequest(
                offset_date=date,
                offset_id=message_id,
                offset_peer=peer,
                limit=_DIALOG_PAGE,
                hash=0,
            )
            answer = await self._wire.send(request)
            known = len(records)
            _collect(records, answer)
            following = _next_offset(answer)
            if following is None or (len(records) == known and following == offset):
                break
            offset = following
        return list(records.values())

    async def join(self, address: ChannelAddress) -> None:
        """Become a member, or stay one; AccessError when an administrator has to agree first."""
        try:
            await self._wire.send(functions.channels.JoinChannelRequest(_input(address)))
        except IngestionError as error:
            if error.code != "USER_ALREADY_PARTICIPANT":
                raise


def _input(address: ChannelAddress) -> types.InputChannel:
    return types.InputChannel(bare_channel_id(address.peer_id), address.access_hash)


def _collect(records: dict[int, ChannelRecord], answer: Any) -> None:
    chats = {chat.id: chat for chat in answer.chats}
    for dialog in answer.dialogs:
        chat = chats.get(
            getattr(dialog.peer, "channel_id", None) or getattr(dialog.peer, "chat_id", None)
        )
        if isinstance(chat, types.Chat) or (isinstance(chat, types.Channel) and chat.access_hash):
            record = map_channel(chat.to_dict())
            records.setdefault(record.peer_id, record)


def _next_offset(answer: Any) -> tuple[Any, int, Any] | None:
    """Return where the next page starts: the last dialog's top message.

    https://core.telegram.org/api/offsets#offset-peer. None after the last page.
    """
    if not isinstance(answer, types.messages.DialogsSlice) or not answer.dialogs:
        return None
    tops = {(_peer_key(one.peer_id), one.id): one for one in answer.messages if one.peer_id}
    for dialog in reversed(answer.dialogs):
        message = tops.get((_peer_key(dialog.peer), dialog.top_message))
        peer = _input_peer(dialog.peer, answer)
        if message is not None and peer is not None and getattr(message, "date", None):
            return message.date, message.id, peer
    return None


def _peer_key(peer: Any) -> tuple[str, int]:
    fields = peer.to_dict()
    return fields.pop("_"), next(iter(fields.values()))


def _input_peer(peer: Any, answer: Any) -> Any:
    if isinstance(peer, types.PeerChat):
        return types.InputPeerChat(peer.chat_id)
    if isinstance(peer, types.PeerUser):
        user = next((user for user in answer.users if user.id == peer.user_id), None)
        access_hash = getattr(user, "access_hash", None)
        return types.InputPeerUser(peer.user_id, access_hash) if access_hash else None
    chat = next((chat for chat in answer.chats if chat.id == peer.channel_id), None)
    access_hash = getattr(chat, "access_hash", None)
    return types.InputPeerChannel(peer.channel_id, access_hash) if access_hash else None


def _not_a_channel(username: str, found: Any) -> Exception:
    if not isinstance(found.peer, types.PeerUser):
        return AccessError(
            "NOT_A_CHANNEL",
            "@%(username)s is a basic group, which cannot be archived yet.",
            username=username,
        )
    user = next((user for user in found.users if user.id == found.peer.user_id), None)
    name = display_name(getattr(user, "first_name", ""), getattr(user, "last_name", ""))
    meaning = _WHO[bool(getattr(user, "bot", False)), bool(name)]
    return meaning.error("NOT_A_CHANNEL", username=username, name=name)

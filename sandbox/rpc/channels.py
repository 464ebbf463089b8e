"""channels.*: cards of channels, joining and leaving."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telethon.tl import functions, types

from sandbox.rpc.errors import bad
from sandbox.rpc.peers import basic_group_of, channel_of, no_settings
from sandbox.rpc.registry import method
from sandbox.tl.media import chat_photo_object
from sandbox.tl.peers import when
from sandbox.world.model import Media

if TYPE_CHECKING:
    from sandbox.rpc.registry import Call
    from sandbox.world.channel import Channel


def channel_photo(channel: Channel) -> Media | None:
    """The picture of a channel, as a medium that upload.getFile knows; None without one."""
    photo = channel.info.photo
    return None if photo is None else Media("photo", photo, width=640, height=640)


def photo_tl(call: Call, channel: Channel) -> Any:
    """See <https://core.telegram.org/constructor/photo>, or ``photoEmpty``."""
    media = channel_photo(channel)
    if media is None:
        return types.PhotoEmpty(0)
    info = channel.info
    return call.server.filled(chat_photo_object(media, info.created, info.photo_dc))


@method(functions.channels.GetChannelsRequest)
def get_channels(call: Call) -> Any:
    """See <https://core.telegram.org/method/channels.getChannels>."""
    chats = []
    for item in call.request.id:
        known = call.world.channels.get(getattr(item, "channel_id", 0))
        expected = call.world.access_hash(call.user_id, "channel", getattr(item, "channel_id", 0))
        if known is None or item.access_hash != expected:
            raise bad("CHANNEL_INVALID")
        call.channel = known
        chats.append(call.server.pages.chat(call.user_id, known.info.id))
    return types.messages.Chats(chats)


@method(functions.channels.GetFullChannelRequest)
def get_full_channel(call: Call) -> Any:
    """See <https://core.telegram.org/method/channels.getFullChannel>."""
    channel = channel_of(call, call.request.channel)
    info = channel.info
    full = types.ChannelFull(
        info.id,
        info.about,
        channel.top_id,
        0,
        0,
        photo_tl(call, channel),
        no_settings(),
        [],
        info.pts,
        participants_count=info.participants,
        pinned_msg_id=info.pinned_id,
        hidden_prehistory=info.available_min_id > 0 or None,
        available_min_id=info.available_min_id or None,
        linked_chat_id=info.linked_id,
        migrated_from_chat_id=info.migrated_from,
        migrated_from_max_id=info.migrated_max_id,
        can_view_participants=info.kind != "broadcast" or None,
    )
    linked = call.world.channels.get(info.linked_id or 0)
    described = (channel,) if linked is None else (channel, linked)
    chats, users = call.server.pages.around(call.user_id, described, ())
    return types.messages.ChatFull(full, chats, users)


@method(functions.messages.GetFullChatRequest)
def get_full_chat(call: Call) -> Any:
    """See <https://core.telegram.org/method/messages.getFullChat>."""
    channel = basic_group_of(call, call.request.chat_id)
    info = channel.info
    people = [types.ChatParticipant(one, one, when(info.created)) for one in sorted(info.members)]
    full = types.ChatFull(
        info.id, info.about, types.ChatParticipants(info.id, people, 1), no_settings()
    )
    near = call.world.channels.get(info.migrated_to or 0)
    described = (channel,) if near is None else (channel, near)
    chats, users = call.server.pages.around(call.user_id, described, ())
    return types.messages.ChatFull(full, chats, users)


@method(functions.channels.JoinChannelRequest)
def join_channel(call: Call) -> Any:
    """See <https://core.telegram.org/method/channels.joinChannel>."""
    channel = channel_of(call, call.request.channel)
    if call.user_id in channel.info.members:
        raise bad("USER_ALREADY_PARTICIPANT")
    return joined(call, channel)


@method(functions.channels.LeaveChannelRequest)
def leave_channel(call: Call) -> Any:
    """See <https://core.telegram.org/method/channels.leaveChannel>."""
    channel = channel_of(call, call.request.channel)
    if call.user_id not in channel.info.members:
        raise bad("USER_NOT_PARTICIPANT")
    call.world.member(channel, call.user_id, joined=False)
    return _membership_changed(call, channel)


def joined(call: Call, channel: Channel) -> Any:
    """Makes the account a member; what layer 229 answers to those who join
    (``messages.chatInviteJoinResultOk``, with the updates in it).
    """
    call.world.member(channel, call.user_id, joined=True)
    return types.messages.ChatInviteJoinResultOk(_membership_changed(call, channel))


def _membership_changed(call: Call, channel: Channel) -> Any:
    chat = call.server.pages.chat(call.user_id, channel.info.id)
    update = types.UpdateChannel(channel.info.id)
    return types.Updates([update], [], [chat], when(call.world.now()), 0)

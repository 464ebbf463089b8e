"""Peers: who may name them and how they are described.

https://core.telegram.org/api/peers
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telethon.tl import types

from sandbox.rpc.errors import bad, named
from sandbox.tl.images import stripped
from sandbox.tl.peers import when

if TYPE_CHECKING:
    from sandbox.rpc.registry import Call
    from sandbox.world.channel import Channel
    from sandbox.world.model import User
    from sandbox.world.world import World


def channel_of(call: Call, peer: Any) -> Channel:
    """The channel that an input names, if this account may read it.

    CHANNEL_INVALID when there is none or its access hash is not this account's,
    CHANNEL_PRIVATE when the account is not in it
    (https://core.telegram.org/method/messages.getHistory#possible-errors).
    """
    if isinstance(peer, types.InputPeerChat):
        return basic_group_of(call, peer.chat_id)
    if not isinstance(peer, (types.InputPeerChannel, types.InputChannel)):
        if isinstance(peer, types.InputPeerEmpty):
            raise bad("PEER_ID_INVALID")
        raise bad("CHANNEL_INVALID")
    channel = call.world.channels.get(peer.channel_id)
    if channel is None or channel.info.is_basic:
        raise bad("CHANNEL_INVALID")
    call.channel = channel
    user_id = call.user_id
    if peer.access_hash != call.world.access_hash(user_id, "channel", peer.channel_id):
        raise bad("CHANNEL_INVALID")
    if channel.info.private and user_id not in channel.info.members:
        raise named("CHANNEL_PRIVATE")
    return channel


def basic_group_of(call: Call, chat_id: int) -> Channel:
    """A basic group by its bare id: no access hash is needed, being a member is
    (https://core.telegram.org/api/peers#access-hash).
    """
    channel = call.world.channels.get(chat_id)
    if channel is None or not channel.info.is_basic or call.user_id not in channel.info.members:
        raise bad("CHAT_ID_INVALID")
    call.channel = channel
    return channel


def user_of(call: Call, peer: Any) -> User:
    """The user that an input names; PEER_ID_INVALID when the hash is not this account's."""
    if isinstance(peer, (types.InputUserSelf, types.InputPeerSelf)):
        return call.world.users[call.user_id]
    if isinstance(peer, (types.InputUser, types.InputPeerUser)):
        user = call.world.users.get(peer.user_id)
        known = call.world.access_hash(call.user_id, "user", peer.user_id)
        if user is not None and (peer.access_hash == known or user.id == call.user_id):
            return user
    raise bad("PEER_ID_INVALID")


def user_tl(world: World, viewer: int, user: User) -> Any:
    """See <https://core.telegram.org/constructor/user>."""
    own = user.id == viewer
    photo = None
    if user.verified:
        photo = types.UserProfilePhoto(user.id, 2, stripped_thumb=stripped(user.id, 40, 40))
    return types.User(
        user.id,
        is_self=own or None,
        deleted=user.deleted or None,
        bot=user.bot or None,
        verified=user.verified or None,
        access_hash=world.access_hash(viewer, "user", user.id),
        first_name=None if user.deleted else user.first_name,
        last_name=None if user.deleted else user.last_name,
        username=None if user.deleted else user.username,
        phone=user.phone if own else None,
        bot_info_version=1 if user.bot else None,
        photo=photo,
    )


def channel_tl(world: World, viewer: int, channel: Channel) -> Any:
    """See <https://core.telegram.org/constructor/channel>, or ``channelForbidden``."""
    info = channel.info
    if info.is_basic:
        return _chat_tl(world, viewer, channel)
    access_hash = world.access_hash(viewer, "channel", info.id)
    broadcast = info.kind == "broadcast" or None
    group = None if broadcast else True
    member = viewer in info.members
    if info.private and not member:
        return types.ChannelForbidden(
            info.id, access_hash, info.title, broadcast=broadcast, megagroup=group
        )
    return types.Channel(
        info.id,
        info.title,
        types.ChatPhotoEmpty()
        if info.photo is None
        else types.ChatPhoto(
            info.photo, info.photo_dc, stripped_thumb=stripped(info.photo, 40, 40)
        ),
        when(info.created),
        left=None if member else True,
        broadcast=broadcast,
        megagroup=group,
        gigagroup=info.kind == "gigagroup" or None,
        forum=info.kind == "forum" or None,
        verified=info.verified or None,
        signatures=info.signatures or None,
        has_link=info.linked_id is not None or None,
        access_hash=access_hash,
        username=info.username,
        participants_count=info.participants,
    )


def _chat_tl(world: World, viewer: int, channel: Channel) -> Any:
    """See <https://core.telegram.org/constructor/chat>, or ``chatForbidden``. One that became a
    supergroup is deactivated and names it (https://core.telegram.org/api/channel#migration).
    """
    info = channel.info
    if viewer not in info.members:
        return types.ChatForbidden(info.id, info.title)
    moved = info.migrated_to
    return types.Chat(
        info.id,
        info.title,
        types.ChatPhotoEmpty(),
        len(info.members),
        when(info.created),
        1,
        deactivated=moved is not None or None,
        migrated_to=types.InputChannel(moved, world.access_hash(viewer, "channel", moved))
        if moved is not None
        else None,
    )


def no_settings() -> Any:
    """Nobody changed how these notify."""
    return types.PeerNotifySettings()

"""Messages as TL (https://core.telegram.org/constructor/message)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from telethon.tl import types

from sandbox.tl import media as media_tl
from sandbox.world.model import bare_channel

if TYPE_CHECKING:
    from sandbox.world.channel import Channel
    from sandbox.world.model import Action, Entity, Forward, Message, Reply

_ENTITIES: dict[str, Any] = {
    "mention": types.MessageEntityMention,
    "hashtag": types.MessageEntityHashtag,
    "bot_command": types.MessageEntityBotCommand,
    "url": types.MessageEntityUrl,
    "email": types.MessageEntityEmail,
    "bold": types.MessageEntityBold,
    "italic": types.MessageEntityItalic,
    "code": types.MessageEntityCode,
    "phone": types.MessageEntityPhone,
    "cashtag": types.MessageEntityCashtag,
    "underline": types.MessageEntityUnderline,
    "strike": types.MessageEntityStrike,
    "bank_card": types.MessageEntityBankCard,
    "spoiler": types.MessageEntitySpoiler,
    "unknown": types.MessageEntityUnknown,
}


class Raw(NamedTuple):
    """The bytes of a TL object, which can stand wherever Telethon writes one."""

    data: bytes

    def _bytes(self) -> bytes:
        return self.data


class Written(NamedTuple):
    """A message's bytes and whom a reader must be told about."""

    raw: Raw
    users: tuple[int, ...]
    channels: tuple[int, ...]


def when(date: int) -> datetime:
    return datetime.fromtimestamp(date, UTC)


def peer(marked: int) -> Any:
    """``peerUser`` or ``peerChannel`` of a marked id."""
    return types.PeerUser(marked) if marked > 0 else types.PeerChannel(bare_channel(marked))


def write(channel: Channel, message: Message) -> Written:
    """The bytes of one message, with marks for its file references."""
    people = {marked for marked in _mentioned(message) if marked}
    users = tuple(marked for marked in people if marked > 0)
    channels = tuple(bare_channel(marked) for marked in people if marked < 0)
    return Written(Raw(bytes(build(channel, message))), users, channels)


def build(channel: Channel, message: Message) -> Any:
    """``message`` or ``messageService``."""
    info = channel.info
    where = types.PeerChannel(info.id)
    sender = None if message.sender_id is None else peer(message.sender_id)
    post = info.kind == "broadcast" or None
    if message.action is not None:
        return types.MessageService(
            message.id,
            where,
            when(message.date),
            post=post,
            from_id=sender,
            reply_to=_reply(message.reply),
            action=_action(message.action),
        )
    media = None if message.media is None else media_tl.build(message.media, message.date)
    return types.Message(
        message.id,
        where,
        when(message.date),
        message.text,
        post=post,
        from_id=sender,
        silent=message.silent or None,
        edit_hide=message.edit_hide or None,
        pinned=message.pinned or None,
        fwd_from=_forward(message.forward),
        via_bot_id=message.via_bot_id,
        reply_to=_reply(message.reply),
        media=media,
        entities=[_entity(entity) for entity in message.entities] or None,
        views=message.views,
        forwards=message.forwards,
        replies=_replies(channel, message),
        edit_date=None if message.edit_date is None else when(message.edit_date),
        post_author=message.author,
        grouped_id=message.grouped_id,
        reactions=reactions(message),
    )


def _mentioned(message: Message) -> list[int | None]:
    out = [message.sender_id, message.via_bot_id]
    if message.forward is not None:
        out.append(message.forward.from_id)
    if message.reply is not None:
        out.append(message.reply.peer_id)
    if message.action is not None:
        out.extend(message.action.users)
        if message.action.kind in {"chat_joined_by_link", "chat_delete_user"}:
            out.append(message.action.value)
    out.extend(entity.user_id for entity in message.entities)
    return out


def _entity(entity: Entity) -> Any:
    """See <https://core.telegram.org/type/MessageEntity>."""
    offset, length = entity.offset, entity.length
    if entity.type == "pre":
        return types.MessageEntityPre(offset, length, entity.language or "")
    if entity.type == "text_url":
        return types.MessageEntityTextUrl(offset, length, entity.url or "")
    if entity.type == "mention_name":
        return types.MessageEntityMentionName(offset, length, entity.user_id or 0)
    if entity.type == "custom_emoji":
        return types.MessageEntityCustomEmoji(offset, length, entity.document_id or 0)
    if entity.type == "blockquote":
        return types.MessageEntityBlockquote(offset, length, collapsed=entity.collapsed or None)
    return _ENTITIES[entity.type](offset, length)


def _forward(forward: Forward | None) -> Any:
    if forward is None:
        return None
    return types.MessageFwdHeader(
        when(forward.date),
        from_id=None if forward.from_id is None else peer(forward.from_id),
        from_name=forward.from_name,
        channel_post=forward.channel_post,
        post_author=forward.post_author,
    )


def _reply(reply: Reply | None) -> Any:
    if reply is None:
        return None
    return types.MessageReplyHeader(
        reply_to_msg_id=reply.message_id,
        reply_to_top_id=reply.top_id,
        forum_topic=reply.forum_topic or None,
        quote=reply.quote is not None or None,
        quote_text=reply.quote,
        quote_offset=0 if reply.quote is not None else None,
        reply_to_peer_id=None if reply.peer_id is None else peer(reply.peer_id),
    )


def _replies(channel: Channel, message: Message) -> Any:
    if message.replies is None:
        return None
    comments = channel.info.kind == "broadcast" and channel.info.linked_id is not None
    return types.MessageReplies(
        message.replies,
        message.id,
        comments=comments or None,
        channel_id=channel.info.linked_id if comments else None,
    )


def reactions(message: Message) -> Any:
    """See <https://core.telegram.org/api/reactions>."""
    if not message.reactions:
        return None
    return types.MessageReactions(
        [types.ReactionCount(reaction(name), count) for name, count in message.reactions]
    )


def reaction(name: str) -> Any:
    """``👍``, ``custom:<document id>`` or ``paid``."""
    if name == "paid":
        return types.ReactionPaid()
    if name.startswith("custom:"):
        return types.ReactionCustomEmoji(int(name.removeprefix("custom:")))
    return types.ReactionEmoji(name)


def _action(action: Action) -> Any:
    """See <https://core.telegram.org/type/MessageAction>."""
    kind = action.kind
    made: Any
    if kind == "channel_create":
        made = types.MessageActionChannelCreate(action.title)
    elif kind == "pin_message":
        made = types.MessageActionPinMessage()
    elif kind == "chat_edit_title":
        made = types.MessageActionChatEditTitle(action.title)
    elif kind == "chat_edit_photo":
        made = types.MessageActionChatEditPhoto(types.PhotoEmpty(0))
    elif kind == "chat_joined_by_link":
        made = types.MessageActionChatJoinedByLink(action.value)
    elif kind == "chat_add_user":
        made = types.MessageActionChatAddUser(list(action.users))
    elif kind == "chat_delete_user":
        made = types.MessageActionChatDeleteUser(action.value)
    elif kind == "topic_create":
        made = types.MessageActionTopicCreate(action.title, action.value)
    else:
        made = types.MessageActionCustomAction(action.title or kind)
    return made

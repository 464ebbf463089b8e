"""Messages as TL (https://core.telegram.org/constructor/message)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from telethon.tl import types

from sandbox.tl import actions as actions_tl
from sandbox.tl import extras as extras_tl
from sandbox.tl import media as media_tl
from sandbox.tl.peers import peer, people_of, when
from sandbox.world.model import MARK, bare_channel

if TYPE_CHECKING:
    from collections.abc import Callable

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


def write(channel: Channel, message: Message) -> Written:
    """The bytes of one message, with marks for its file references."""
    people = {marked for marked in _mentioned(message) if marked}
    users = tuple(marked for marked in people if marked > 0)
    channels = tuple(
        bare_channel(marked) if marked < MARK else -marked for marked in people if marked < 0
    )
    return Written(Raw(bytes(build(channel, message))), users, channels)


def build(channel: Channel, message: Message) -> Any:
    """``message`` or ``messageService``."""
    info = channel.info
    where = peer(info.marked_id)
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
        **extras_tl.build(message.extras),
    )


def _mentioned(message: Message) -> list[int | None]:
    out = [message.sender_id, message.via_bot_id]
    if message.action is not None and message.action.facts:
        out.extend(people_of(message.action.facts))
    if message.forward is not None:
        out += [message.forward.from_id, message.forward.saved_from_peer]
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
    make = _ENTITIES_WITH_MORE.get(entity.type)
    return make(entity) if make else _ENTITIES[entity.type](offset, length)


_ENTITIES_WITH_MORE: dict[str, Callable[[Entity], Any]] = {
    "pre": lambda e: types.MessageEntityPre(e.offset, e.length, e.language or ""),
    "text_url": lambda e: types.MessageEntityTextUrl(e.offset, e.length, e.url or ""),
    "mention_name": lambda e: types.MessageEntityMentionName(e.offset, e.length, e.user_id or 0),
    "custom_emoji": lambda e: types.MessageEntityCustomEmoji(
        e.offset, e.length, e.document_id or 0
    ),
    "date": lambda e: types.MessageEntityFormattedDate(e.offset, e.length, when(e.date or 0)),
    "blockquote": lambda e: types.MessageEntityBlockquote(
        e.offset, e.length, collapsed=e.collapsed or None
    ),
}


def _forward(forward: Forward | None) -> Any:
    if forward is None:
        return None
    return types.MessageFwdHeader(
        when(forward.date),
        from_id=None if forward.from_id is None else peer(forward.from_id),
        from_name=forward.from_name,
        channel_post=forward.channel_post,
        post_author=forward.post_author,
        imported=forward.imported or None,
        psa_type=forward.psa_type,
        saved_from_peer=None if forward.saved_from_peer is None else peer(forward.saved_from_peer),
        saved_from_msg_id=forward.saved_from_msg_id,
        saved_from_id=None if forward.saved_from_id is None else peer(forward.saved_from_id),
        saved_from_name=forward.saved_from_name,
        saved_date=None if forward.saved_date is None else when(forward.saved_date),
    )


def _reply(reply: Reply | None) -> Any:
    if reply is None:
        return None
    if reply.story_id is not None:
        return types.MessageReplyStoryHeader(peer(reply.peer_id or 0), reply.story_id)
    option = reply.poll_option
    return types.MessageReplyHeader(
        reply_to_msg_id=reply.message_id,
        quote_entities=[_entity(entity) for entity in reply.quote_entities] or None,
        todo_item_id=reply.todo_item_id,
        poll_option=None if option is None else str(option).encode(),
        reply_from=_forward(reply.origin),
        reply_media=None if reply.media is None else media_tl.build(reply.media, 0),
        reply_to_top_id=reply.top_id,
        forum_topic=reply.forum_topic or None,
        quote=reply.quote is not None or None,
        quote_text=reply.quote,
        quote_offset=reply.quote_offset if reply.quote is not None else None,
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
    if action.facts is not None:
        return actions_tl.build(kind, action.facts)
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

"""The truth that tests compare with: written from the model, never through TL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sandbox.world import codec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.world.channel import Channel
    from sandbox.world.model import Message

JSON = dict[str, Any]
#: Told of a forward only where they are set.
_RARE_FORWARD = {
    "imported",
    "psa_type",
    "saved_from_peer",
    "saved_from_msg_id",
    "saved_from_id",
    "saved_from_name",
    "saved_date",
}


def iso(moment: int | None) -> str | None:
    """Unix seconds as ISO 8601 in UTC, ``2024-05-01T10:00:00+00:00``."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat()


def card(channel: Channel) -> JSON:
    """What is true of a channel as a whole.

    `hidden` counts the ids that newcomers cannot see (1..`available_min_id`); `visible`
    the messages that they can; `missing` the ids outside the hidden part without a
    message: ``hidden + visible + missing = top_id``.
    """
    info = channel.info
    hidden = min(info.available_min_id, channel.top_id)
    visible = len(channel.ids) - channel.first_visible
    return {
        "id": info.marked_id,
        "username": info.username,
        "title": info.title,
        "about": info.about,
        "kind": info.kind,
        "language": info.language,
        "participants": info.participants,
        "photo": info.photo,
        "invites": [codec.plain(invite) for invite in info.invites],
        "verified": info.verified,
        "top_id": channel.top_id,
        "available_min_id": info.available_min_id,
        "hidden": hidden,
        "visible": visible,
        "missing": channel.top_id - hidden - visible,
        "linked_id": info.linked_id,
        "topics": [codec.plain(topic) for topic in info.topics],
        "admins": [codec.plain(admin) for admin in info.admins],
        "migrated_from": info.migrated_from,
        "pts": info.pts,
    }


def message(channel: Channel, item: Message) -> JSON:
    """One message, every field always there; entity offsets in UTF-16 units."""
    forward = item.forward
    reply = item.reply
    return {
        "id": item.id,
        "hidden": not channel.visible(item.id),
        "date": iso(item.date),
        "edit_date": iso(item.edit_date),
        "edit_hide": item.edit_hide,
        "text": item.text,
        "entities": [codec.plain(entity) for entity in item.entities],
        "sender_id": item.sender_id,
        "author": item.author,
        "reply_to": (reply.message_id or None) if reply else None,
        "reply": codec.plain(reply) if reply else None,
        "forward": {
            "date": iso(forward.date),
            "from_id": forward.from_id,
            "from_name": forward.from_name,
            "channel_post": forward.channel_post,
            "post_author": forward.post_author,
            **{k: v for k, v in codec.plain(forward).items() if k in _RARE_FORWARD},
        }
        if forward
        else None,
        "media": codec.plain(item.media) if item.media else None,
        "kind": kind(item),
        "action": codec.plain(item.action) if item.action else None,
        "views": item.views,
        "forwards": item.forwards,
        "replies": item.replies,
        "reactions": [[emoji, count] for emoji, count in item.reactions],
        "grouped_id": item.grouped_id,
        "pinned": item.pinned,
        "silent": item.silent,
        "via_bot_id": item.via_bot_id,
        "extras": item.extras,
    }


def kind(item: Message) -> str:
    """``service``, the kind of the media, or ``text``."""
    if item.action is not None:
        return "service"
    return item.media.kind if item.media is not None else "text"


def whole(channel: Channel) -> JSON:
    """A channel with all its messages, ascending, and the ids that have none."""
    return {
        **card(channel),
        "messages": [message(channel, item) for item in channel.messages()],
        "deleted": channel.deleted_ids(),
    }


def lines(channel: Channel) -> Iterator[JSON]:
    """The same as a stream: the channel, its messages, and last the deleted ids."""
    yield {"type": "channel", **card(channel)}
    for item in channel.messages():
        yield {"type": "message", "channel_id": channel.info.marked_id, **message(channel, item)}
    yield {
        "type": "deleted",
        "channel_id": channel.info.marked_id,
        "ids": channel.deleted_ids(),
    }

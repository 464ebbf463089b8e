"""What stands around a history: forum topics, pinned messages, administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telethon.tl import functions, types

from sandbox.rpc.errors import bad
from sandbox.rpc.history import MAX_LIMIT, answer
from sandbox.rpc.peers import channel_of, no_settings
from sandbox.rpc.registry import method
from sandbox.tl.peers import peer, when
from sandbox.world.model import Topic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.rpc.registry import Call
    from sandbox.world.channel import Channel

#: Every forum has it from the start (https://core.telegram.org/api/forum#forum-topics).
GENERAL = 1


def topics_of(channel: Channel) -> list[Topic]:
    """Pinned ones first, then the newest; "General" is there in every forum, with the id 1."""
    known = list(channel.info.topics)
    if all(topic.id != GENERAL for topic in known):
        known.append(Topic(GENERAL, "General"))
    return sorted(known, key=lambda topic: (not topic.pinned, -topic.id))


def _top_message(channel: Channel, topic: Topic) -> int:
    """The newest of the last messages that lie in the topic."""
    for number in reversed(channel.ids[-400:]):
        message = channel.get(number)
        reply = message.reply if message else None
        inside = reply is not None and reply.forum_topic
        of = (reply.top_id or reply.message_id) if reply and inside else GENERAL
        if of == topic.id:
            return number
    return topic.id


@method(functions.messages.GetForumTopicsRequest)
def get_forum_topics(call: Call) -> Any:
    """See <https://core.telegram.org/method/messages.getForumTopics>: CHANNEL_FORUM_MISSING for
    what is no forum. The next page goes on after the topic that `offset_topic` names.
    """
    request = call.request
    channel = channel_of(call, request.peer)
    if channel.info.kind != "forum":
        raise bad("CHANNEL_FORUM_MISSING")
    found = [t for t in topics_of(channel) if not request.q or request.q.lower() in t.title.lower()]
    places = [i for i, topic in enumerate(found) if topic.id == request.offset_topic]
    page = found[places[0] + 1 :] if places else found
    page = page[: min(request.limit, MAX_LIMIT) if request.limit > 0 else 20]
    tops = {topic.id: _top_message(channel, topic) for topic in page}
    pages = call.server.pages
    items = [w for number in sorted(set(tops.values())) if (w := pages.written(channel, number))]
    chats, users = pages.around(call.user_id, (channel,), items)
    made = types.messages.ForumTopics(
        len(found),
        [_topic(channel, topic, tops[topic.id]) for topic in page],
        [item.raw for item in items],
        chats,
        users,
        channel.info.pts,
    )
    return call.server.references.fill(bytes(made))


def _topic(channel: Channel, topic: Topic, top_message: int) -> Any:
    """See <https://core.telegram.org/constructor/forumTopic>."""
    opened = channel.get(topic.id)
    where = types.PeerChannel(channel.info.id)
    made_by = peer(opened.sender_id) if opened and opened.sender_id else where
    return types.ForumTopic(
        topic.id,
        when(opened.date if opened else channel.info.created),
        where,
        topic.title,
        topic.icon_color,
        top_message,
        top_message,
        0,
        0,
        0,
        0,
        0,
        made_by,
        no_settings(),
        closed=topic.closed or None,
        pinned=topic.pinned or None,
        hidden=topic.hidden or None,
        icon_emoji_id=topic.icon_emoji_id,
    )


@method(functions.messages.SearchRequest)
def search(call: Call) -> Any:
    """See <https://core.telegram.org/method/messages.search>: with
    ``inputMessagesFilterPinned`` the pinned messages, newest first, with
    ``inputMessagesFilterEmpty`` those whose text has the words; SEARCH_QUERY_EMPTY without any.
    """
    request = call.request
    channel = channel_of(call, request.peer)
    pinned = isinstance(request.filter, types.InputMessagesFilterPinned)
    if not pinned and not isinstance(request.filter, types.InputMessagesFilterEmpty):
        raise bad("INPUT_FILTER_INVALID")
    if not pinned and not request.q:
        raise bad("SEARCH_QUERY_EMPTY")
    found = list(_found(channel, request.q.lower(), pinned=pinned))
    below = [n for n in found if not request.offset_id or n < request.offset_id]
    ids = below[: min(request.limit, MAX_LIMIT) if request.limit > 0 else 20]
    call.entry["ids"] = ids
    return answer(call, channel, ids, count=len(found))


def _found(channel: Channel, words: str, *, pinned: bool) -> Iterator[int]:
    for number in reversed(channel.ids):
        message = channel.get(number)
        if message is None or not channel.visible(number) or (pinned and not message.pinned):
            continue
        if words in message.text.lower():
            yield number


@method(functions.channels.GetParticipantsRequest)
def get_participants(call: Call) -> Any:
    """See <https://core.telegram.org/method/channels.getParticipants>: CHAT_ADMIN_REQUIRED in a
    broadcast channel, whose members only its administrators may see.
    """
    request = call.request
    channel = channel_of(call, request.channel)
    if not isinstance(request.filter, types.ChannelParticipantsAdmins):
        raise bad("CHAT_ADMIN_REQUIRED")
    if channel.info.kind == "broadcast":
        raise bad("CHAT_ADMIN_REQUIRED")
    admins = channel.info.admins
    page = admins[request.offset : request.offset + min(request.limit, 200)]
    rights = types.ChatAdminRights(delete_messages=True, ban_users=True, other=True)
    users = [raw for admin in page if (raw := call.server.pages.user(call.user_id, admin.user_id))]
    creator = next((admin.user_id for admin in admins if admin.creator), 0)
    made = [
        types.ChannelParticipantCreator(admin.user_id, rights, rank=admin.rank)
        if admin.creator
        else types.ChannelParticipantAdmin(
            admin.user_id, creator, when(channel.info.created), rights, rank=admin.rank
        )
        for admin in page
    ]
    return types.channels.ChannelParticipants(len(admins), made, [], users)

"""messages.getHistory and channels.getMessages.

https://core.telegram.org/method/messages.getHistory,
https://core.telegram.org/method/channels.getMessages and, for the rules of paging,
https://core.telegram.org/api/offsets
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any

from telethon.tl import functions, types

from sandbox.rpc.errors import bad
from sandbox.rpc.peers import channel_of
from sandbox.rpc.registry import method
from sandbox.tl.message import Raw

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.rpc.registry import Call
    from sandbox.world.channel import Channel

MAX_LIMIT = 100
DEFAULT_LIMIT = 20
_MASK = (1 << 64) - 1


def history_hash(ids: Iterable[int]) -> int:
    """The hash of a list of ids, as a signed 64-bit number.

    https://core.telegram.org/api/offsets#hash-generation
    """
    value = 0
    for number in ids:
        value ^= value >> 21
        value ^= value << 35 & _MASK
        value ^= value >> 4
        value = value + number & _MASK
    return value - (1 << 64) if value >> 63 else value


def select(channel: Channel, request: Any) -> tuple[list[int], int]:
    """The ids of a page, newest first, and how many messages are newer than the offset.

    The offset is the number of messages down to `offset_id`, inclusive (or, without one,
    of those not older than `offset_date`), plus `add_offset`; then `limit` cuts; then
    `max_id` and `min_id` filter what is left.
    """
    ids, first = channel.ids, channel.first_visible
    total = len(ids)
    offset = 0
    if request.offset_id > 0:
        offset = total - max(first, bisect_left(ids, request.offset_id))
    elif request.offset_date:
        moment = int(request.offset_date.timestamp())
        if moment > 0:
            offset = total - max(first, channel.count_before(moment))
    start = offset + request.add_offset
    limit = request.limit if request.limit > 0 else DEFAULT_LIMIT
    end = start + min(limit, MAX_LIMIT)
    newest, oldest = total - max(start, 0), max(first, total - max(end, 0))
    page = [ids[i] for i in range(newest - 1, oldest - 1, -1)]
    if request.max_id > 0:
        page = [i for i in page if i < request.max_id]
    if request.min_id > 0:
        page = [i for i in page if i > request.min_id]
    return page, offset


@method(functions.messages.GetHistoryRequest)
def get_history(call: Call) -> Any:
    """A page of a channel's history."""
    request = call.request
    channel = channel_of(call, request.peer)
    ids, offset = select(channel, request)
    ids = call.server.faults.page(call, channel, ids)
    call.entry["ids"] = ids
    count = len(channel.ids) - channel.first_visible
    if request.hash and request.hash == history_hash(ids):
        return types.messages.MessagesNotModified(count)
    return answer(call, channel, ids, count=count, offset=offset if request.offset_id else None)


@method(functions.channels.GetMessagesRequest)
def get_messages(call: Call) -> Any:
    """Messages by id; ``messageEmpty`` stands for each that is not there."""
    channel = channel_of(call, call.request.channel)
    if len(call.request.id) > MAX_LIMIT:
        raise bad("LIMIT_INVALID")
    wanted = []
    for item in call.request.id:
        if isinstance(item, types.InputMessageID):
            wanted.append(item.id)
        elif isinstance(item, types.InputMessagePinned):
            wanted.append(channel.info.pinned_id or 0)
        elif isinstance(item, types.InputMessageReplyTo):
            message = channel.get(item.id)
            wanted.append(message.reply.message_id if message and message.reply else 0)
        else:
            raise bad("MESSAGE_IDS_EMPTY")
    if not wanted:
        raise bad("MESSAGE_IDS_EMPTY")
    found = [i for i in wanted if channel.visible(i) and channel.get(i) is not None]
    call.entry["ids"] = found
    return answer(call, channel, wanted, count=len(wanted))


@method(functions.messages.GetMessagesRequest)
def get_own_messages(call: Call) -> Any:
    """Messages of private chats and basic groups, whose ids are the account's
    (https://core.telegram.org/method/messages.getMessages).
    """
    if len(call.request.id) > MAX_LIMIT:
        raise bad("LIMIT_INVALID")
    wanted = [getattr(item, "id", 0) for item in call.request.id]
    mine = [
        channel
        for channel in call.world.channels.values()
        if channel.info.is_basic and call.user_id in channel.info.members
    ]
    raws, items, found = [], [], []
    for number in wanted:
        where = next((channel for channel in mine if channel.get(number)), None)
        written = call.server.pages.written(where, number) if where else None
        if where is None or written is None:
            raws.append(Raw(bytes(types.MessageEmpty(number, peer_id=None))))
            continue
        found.append(where)
        items.append(written)
        raws.append(written.raw)
    call.entry["ids"] = wanted
    chats, users = call.server.pages.around(call.user_id, found, items)
    return call.server.references.fill(bytes(types.messages.Messages(raws, [], chats, users)))


def answer(
    call: Call, channel: Channel, ids: list[int], *, count: int, offset: int | None = None
) -> bytes:
    """``messages.channelMessages`` of these ids, with fresh file references."""
    pages, raws, items = call.server.pages, [], []
    garbled = call.server.faults.garbled(call, channel, ids)
    for message_id in ids:
        written = pages.written(channel, message_id) if channel.visible(message_id) else None
        if written is None:
            raws.append(pages.empty(channel, message_id))
        elif message_id in garbled:
            raws.append(call.server.faults.garble(written.raw))
        else:
            raws.append(written.raw)
            items.append(written)
    chats, users = pages.around(call.user_id, (channel,), items)
    made: Any
    if channel.info.is_basic and count == len(raws):
        made = types.messages.Messages(raws, [], chats, users)
    elif channel.info.is_basic:
        made = types.messages.MessagesSlice(count, raws, [], chats, users, offset_id_offset=offset)
    else:
        made = types.messages.ChannelMessages(
            channel.info.pts, count, raws, [], chats, users, offset_id_offset=offset
        )
    return call.server.references.fill(bytes(made))

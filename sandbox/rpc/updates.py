"""updates.* (https://core.telegram.org/api/updates)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telethon.tl import functions, types

from sandbox.rpc.errors import bad
from sandbox.rpc.peers import channel_of, no_settings
from sandbox.rpc.registry import method
from sandbox.tl.peers import peer, when

if TYPE_CHECKING:
    from sandbox.rpc.registry import Call
    from sandbox.world.channel import Channel

PAGE = 100


@method(functions.updates.GetStateRequest)
def get_state(call: Call) -> Any:
    """See <https://core.telegram.org/method/updates.getState>."""
    _ = call.user_id
    call.session.wants_updates = True
    return call.server.updates_state()


@method(functions.updates.GetDifferenceRequest)
def get_difference(call: Call) -> Any:
    """See <https://core.telegram.org/method/updates.getDifference>.

    The account's own box never changes here (channels have boxes of their own). In which of
    them something happened since then is told by ``updateChannelTooLong``
    (https://core.telegram.org/constructor/updateChannelTooLong).
    """
    viewer = call.user_id
    if call.request.pts < 1:
        raise bad("PERSISTENT_TIMESTAMP_EMPTY")
    call.session.wants_updates = True
    since = int(call.request.date.timestamp()) if call.request.date else 0
    happened = call.server.pusher.happened
    changed = [
        channel
        for channel in call.world.channels.values()
        if viewer in channel.info.members and happened.get(channel.info.id, -1) >= since
    ]
    if not changed:
        return types.updates.DifferenceEmpty(when(call.world.now()), 1)
    others = [types.UpdateChannelTooLong(c.info.id, c.info.pts) for c in changed]
    chats, users = call.server.pages.around(viewer, changed, ())
    state = call.server.updates_state()
    made = types.updates.Difference([], [], others, chats, users, state)
    return call.server.references.fill(bytes(made))


@method(functions.updates.GetChannelDifferenceRequest)
def get_channel_difference(call: Call) -> Any:
    """See <https://core.telegram.org/method/updates.getChannelDifference>."""
    channel = channel_of(call, call.request.channel)
    info, pts = channel.info, call.request.pts
    if pts < 1:
        raise bad("PERSISTENT_TIMESTAMP_EMPTY")
    if pts > info.pts:
        raise bad("PERSISTENT_TIMESTAMP_INVALID")
    events = call.server.store.events(info.id, pts, max(1, min(call.request.limit, PAGE)))
    if pts == info.pts:
        return types.updates.ChannelDifferenceEmpty(
            info.pts, final=True, timeout=call.server.difference_timeout
        )
    if not events or events[0][0] - len(events[0][2]) > pts:
        return _too_long(call, channel)
    messages, others, items = [], [], []
    for number, kind, ids in events:
        if kind == "delete":
            others.append(types.UpdateDeleteChannelMessages(info.id, ids, number, len(ids)))
            continue
        for message_id in ids:
            written = call.server.pages.written(channel, message_id)
            if written is None:
                continue
            items.append(written)
            if kind == "new":
                messages.append(written.raw)
            else:
                others.append(types.UpdateEditChannelMessage(written.raw, number, 1))
    chats, users = call.server.pages.around(call.user_id, (channel,), items)
    last = events[-1][0]
    made = types.updates.ChannelDifference(
        last,
        messages,
        others,
        chats,
        users,
        final=last >= info.pts or None,
        timeout=call.server.difference_timeout,
    )
    return call.server.references.fill(bytes(made))


def _too_long(call: Call, channel: Channel) -> bytes:
    """What happened since is not kept: the newest messages, and the pts to go on from.

    https://core.telegram.org/constructor/updates.channelDifferenceTooLong
    """
    pages, info = call.server.pages, channel.info
    newest = [pages.written(channel, i) for i in channel.ids[channel.first_visible :][-20:]]
    items = [written for written in reversed(newest) if written is not None]
    dialog = types.Dialog(
        peer(info.marked_id),
        channel.top_id,
        channel.top_id,
        0,
        0,
        0,
        0,
        0,
        no_settings(),
        pts=info.pts,
    )
    chats, users = pages.around(call.user_id, (channel,), items)
    made = types.updates.ChannelDifferenceTooLong(
        dialog,
        [item.raw for item in items],
        chats,
        users,
        final=True,
        timeout=call.server.difference_timeout,
    )
    return call.server.references.fill(bytes(made))

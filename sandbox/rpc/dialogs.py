"""messages.getDialogs (https://core.telegram.org/method/messages.getDialogs) and its kin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telethon.tl import functions, types

from sandbox.rpc.errors import bad
from sandbox.rpc.history import MAX_LIMIT
from sandbox.rpc.peers import channel_of, no_settings
from sandbox.rpc.registry import method
from sandbox.tl.peers import peer

if TYPE_CHECKING:
    from sandbox.rpc.registry import Call
    from sandbox.world.channel import Channel
    from sandbox.world.model import Message


def _newest(channel: Channel) -> Message | None:
    return channel.get(channel.ids[-1]) if channel.ids else None


def _order(channel: Channel) -> tuple[int, int]:
    newest = _newest(channel)
    return (newest.date, channel.info.id) if newest else (0, channel.info.id)


@method(functions.messages.GetDialogsRequest)
def get_dialogs(call: Call) -> Any:
    """The channels that the account is in, the one with the newest message first.

    A page goes on after the dialog that `offset_peer` names, or, without one, with what
    is older than `offset_date`.
    """
    request, viewer = call.request, call.user_id
    mine = [c for c in call.world.channels.values() if viewer in c.info.members]
    mine.sort(key=_order, reverse=True)
    total = len(mine)
    if request.folder_id:
        mine, total = [], 0
    after = getattr(request.offset_peer, "channel_id", None) or getattr(
        request.offset_peer, "chat_id", None
    )
    places = [i for i, channel in enumerate(mine) if channel.info.id == after]
    if places:
        mine = mine[places[0] + 1 :]
    elif request.offset_date:
        moment = int(request.offset_date.timestamp())
        if moment > 0:
            mine = [channel for channel in mine if _order(channel)[0] < moment]
    page = mine[: min(request.limit, MAX_LIMIT) if request.limit > 0 else 20]
    return _answer(call, page, total, whole=len(page) == total)


@method(functions.messages.GetPeerDialogsRequest)
def get_peer_dialogs(call: Call) -> Any:
    """See <https://core.telegram.org/method/messages.getPeerDialogs>: of any channel that the
    account may read, whether or not it is in it.
    """
    if len(call.request.peers) > MAX_LIMIT:
        raise bad("PEER_ID_INVALID")
    page = [channel_of(call, item.peer) for item in call.request.peers]
    dialogs, messages, chats, users = _described(call, page)
    state = call.server.updates_state()
    made = types.messages.PeerDialogs(dialogs, messages, chats, users, state)
    return call.server.references.fill(bytes(made))


def _answer(call: Call, page: list[Channel], total: int, *, whole: bool) -> Any:
    dialogs, messages, chats, users = _described(call, page)
    if whole:
        made = types.messages.Dialogs(dialogs, messages, chats, users)
    else:
        made = types.messages.DialogsSlice(total, dialogs, messages, chats, users)
    return call.server.references.fill(bytes(made))


def _described(
    call: Call, page: list[Channel]
) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    """Dialogs, their newest messages, and the chats and users that these name."""
    dialogs, items = [], []
    pages = call.server.pages
    for channel in page:
        newest = _newest(channel)
        if newest is None:
            continue
        dialogs.append(
            types.Dialog(
                peer(channel.info.marked_id),
                newest.id,
                newest.id,
                0,
                0,
                0,
                0,
                0,
                no_settings(),
                pts=channel.info.pts,
            )
        )
        written = pages.written(channel, newest.id)
        if written is not None:
            items.append(written)
    chats, users = pages.around(call.user_id, page, items)
    return dialogs, [item.raw for item in items], chats, users


@method(functions.messages.GetPinnedDialogsRequest)
def get_pinned_dialogs(call: Call) -> Any:
    """See <https://core.telegram.org/method/messages.getPinnedDialogs>: none are."""
    return types.messages.PeerDialogs([], [], [], [], call.server.updates_state())

"""The world goes on by itself, and can be changed from outside."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
from telethon import events, functions, types

from sandbox.control.client import ControlError

if TYPE_CHECKING:
    from sandbox.testing import SandboxProcess


def _state(sandbox: SandboxProcess) -> list[Any]:
    return [sandbox.truth(channel["id"]) for channel in sandbox.status()["channels"]]


def test_a_frozen_world_stands_still_and_events_repeat_themselves(
    sandbox: SandboxProcess,
) -> None:
    start = _state(sandbox)
    assert _state(sandbox) == start
    happened = sandbox.tick(40)
    later = _state(sandbox)
    assert later != start
    sandbox.reset()
    assert _state(sandbox) == start
    assert sandbox.tick(40) == happened
    assert _state(sandbox) == later


def test_it_posts_edits_deletes_and_counts(sandbox: SandboxProcess) -> None:
    before = _state(sandbox)
    happened = set(sandbox.tick(120))
    assert happened >= {"new", "edit", "delete", "counters"}
    after = _state(sandbox)
    assert sum(c["top_id"] for c in after) > sum(c["top_id"] for c in before)
    assert sum(c["pts"] for c in after) > sum(c["pts"] for c in before)


def test_unfrozen_it_goes_on_until_it_is_frozen(sandbox: SandboxProcess) -> None:
    top = sum(c["top_id"] for c in sandbox.status()["channels"])
    sandbox.control("rate", rate=100)
    sandbox.unfreeze()
    deadline = time.monotonic() + 20
    while sum(c["top_id"] for c in sandbox.status()["channels"]) < top + 5:
        assert time.monotonic() < deadline
    sandbox.freeze()
    state = _state(sandbox)
    assert state == _state(sandbox)
    newest = max(m["date"] for channel in state for m in channel["messages"])
    assert newest.startswith(time.strftime("%Y", time.gmtime()))
    sandbox.restart()
    assert sandbox.status()["frozen"]
    assert _state(sandbox) == state


async def test_a_client_sees_what_changed(sandbox: SandboxProcess, connect: Any) -> None:
    client = await connect(sandbox)
    peer = await client.get_input_entity("channel_1")
    ids = [m["id"] for m in sandbox.truth("@channel_1")["messages"] if not m["action"]]
    before = (await client.get_messages(peer, ids=ids[-1])).text
    posted = sandbox.post("@channel_1", "Привет 🌊", silent=True, reactions=[["🔥", 4]])
    edited = sandbox.edit("@channel_1", ids[-1], text="changed", entities=[])
    gone = sandbox.delete("@channel_1", ids[-2], 99_999)
    assert gone == [ids[-2]]
    grown = sandbox.set_counters("@channel_1", ids[-3], views=777, forwards=5)
    page = {m.id: m for m in await client.get_messages(peer, limit=10)}
    assert page[posted["id"]].message == "Привет 🌊"
    assert page[posted["id"]].reactions.results[0].count == 4
    assert page[posted["id"]].views == posted["views"] == 1
    assert before != "changed" == page[ids[-1]].message
    assert page[ids[-1]].edit_date.isoformat() == edited["edit_date"]
    assert ids[-2] not in page
    assert (page[ids[-3]].views, page[ids[-3]].forwards) == (777, 5)
    assert grown["edit_date"] is None or page[ids[-3]].edit_date is not None
    empty = await client.get_messages(peer, ids=ids[-2])
    assert empty is None


async def test_the_difference_of_a_channel(sandbox: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/method/updates.getChannelDifference>
    client = await connect(sandbox)
    peer = await client.get_input_entity("channel_1")
    pts = (await client(functions.messages.GetHistoryRequest(peer, 0, None, 0, 1, 0, 0, 0))).pts
    nothing = functions.updates.GetChannelDifferenceRequest(
        peer, types.ChannelMessagesFilterEmpty(), pts, 100
    )
    assert isinstance(await client(nothing), types.updates.ChannelDifferenceEmpty)
    posted = sandbox.post("@channel_1", "new")
    sandbox.edit("@channel_1", 20, text="edited")
    sandbox.delete("@channel_1", 30)
    difference = await client(nothing)
    assert [m.id for m in difference.new_messages] == [posted["id"]]
    edit, delete = difference.other_updates
    assert (edit.message.id, edit.message.message) == (20, "edited")
    assert delete.messages == [30]
    assert (difference.pts, difference.final) == (pts + 3, True)


async def test_a_difference_that_is_too_long(sandbox: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/constructor/updates.channelDifferenceTooLong>
    client = await connect(sandbox)
    peer = await client.get_input_entity("channel_1")
    request = functions.updates.GetChannelDifferenceRequest(
        peer, types.ChannelMessagesFilterEmpty(), 1, 100
    )
    answer = await client(request)
    assert isinstance(answer, types.updates.ChannelDifferenceTooLong)
    assert answer.dialog.pts == sandbox.truth("@channel_1")["pts"]
    assert answer.messages[0].id == sandbox.truth("@channel_1")["top_id"]


async def test_the_state_of_the_account(sandbox: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/method/updates.getState>, <https://core.telegram.org/method/updates.getDifference>
    client = await connect(sandbox)
    state = await client(functions.updates.GetStateRequest())
    request = functions.updates.GetDifferenceRequest(state.pts, state.date, state.qts)
    assert isinstance(await client(request), types.updates.DifferenceEmpty)


async def test_members_are_told_what_happens(sandbox: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/api/updates>
    client = await connect(sandbox, receive_updates=True)
    told: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()

    async def note(event: Any) -> None:
        ids = getattr(event, "deleted_ids", None) or event.message.message
        await told.put((type(event).__qualname__.split(".")[0], ids))

    for kind in (events.NewMessage, events.MessageEdited, events.MessageDeleted):
        client.add_event_handler(note, kind())
    await client.get_dialogs()
    await client.catch_up()
    posted = sandbox.post("@channel_1", "news")
    assert await asyncio.wait_for(told.get(), 10) == ("NewMessage", "news")
    sandbox.edit("@channel_1", posted["id"], text="newer")
    assert await asyncio.wait_for(told.get(), 10) == ("MessageEdited", "newer")
    sandbox.delete("@channel_1", posted["id"])
    assert await asyncio.wait_for(told.get(), 10) == ("MessageDeleted", [posted["id"]])


async def test_nobody_is_told_who_does_not_want_it(sandbox: SandboxProcess, connect: Any) -> None:
    client = await connect(sandbox, receive_updates=False)
    await client(functions.updates.GetStateRequest())
    sandbox.post("@channel_1", "news")
    await client(functions.updates.GetStateRequest())
    assert client._updates_queue.empty()


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("edit", {"channel": "@channel_1", "id": 99_999, "text": "x"}),
        ("post", {"channel": "@nowhere"}),
        ("post", {"channel": "@channel_1", "no_such_field": 1}),
        ("session", {"phone": "1"}),
        ("fly", {}),
        ("fault", {"kind": "slow", "color": "red"}),
    ],
)
def test_wrong_commands_are_refused(
    shared: SandboxProcess, command: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ControlError):
        shared.control(command, **arguments)
    assert shared.status()["pid"] == shared.pid


async def test_counters_are_told_outside_of_the_sequence(
    sandbox: SandboxProcess, connect: Any
) -> None:
    # <https://core.telegram.org/constructor/updateChannelMessageViews>: no pts, unlike an edit
    client = await connect(sandbox, receive_updates=True)
    await client(functions.updates.GetStateRequest())
    told: asyncio.Queue[Any] = asyncio.Queue()
    client.add_event_handler(told.put, events.Raw(types.UpdateChannelMessageViews))
    before = sandbox.truth("@channel_1")["pts"]
    posted = sandbox.post("@channel_1", "counted")
    sandbox.set_counters("@channel_1", posted["id"], views=41, forwards=2)
    update = await asyncio.wait_for(told.get(), 10)
    assert (update.id, update.views) == (posted["id"], 41)
    assert sandbox.truth("@channel_1")["pts"] == before + 1


async def test_a_dialog_tells_where_a_channel_stands_whoever_asks(
    sandbox: SandboxProcess, connect: Any
) -> None:
    # <https://core.telegram.org/method/messages.getPeerDialogs>
    client = await connect(sandbox)
    peer = await client.get_input_entity("channel_1")
    ask = functions.messages.GetPeerDialogsRequest([types.InputDialogPeer(peer)])
    phone = sandbox.accounts[0]["phone"]
    for joined in (True, False):
        sandbox.control("member", channel="@channel_1", phone=phone, joined=joined)
        answer = await client(ask)
        truth = sandbox.truth("@channel_1")
        dialog = answer.dialogs[0]
        assert (dialog.pts, dialog.top_message) == (truth["pts"], truth["messages"][-1]["id"])
        assert bool(answer.chats[0].left) is not joined


async def test_a_difference_asks_to_look_into_the_channels_that_changed(
    sandbox: SandboxProcess, connect: Any
) -> None:
    # <https://core.telegram.org/constructor/updateChannelTooLong>
    client = await connect(sandbox)
    state = await client(functions.updates.GetStateRequest())
    ask = functions.updates.GetDifferenceRequest(state.pts, state.date, state.qts)
    assert isinstance(await client(ask), types.updates.DifferenceEmpty)
    sandbox.post("@channel_1", "news")
    (update,) = (await client(ask)).other_updates
    assert isinstance(update, types.UpdateChannelTooLong)
    assert update.pts == sandbox.truth("@channel_1")["pts"]


async def test_packets_are_lost_doubled_and_late_on_demand(
    sandbox: SandboxProcess, connect: Any
) -> None:
    listening = await connect(sandbox, receive_updates=True)
    await listening(functions.updates.GetStateRequest())
    queue = listening._updates_queue
    listening._updates_handle.cancel()
    sandbox.control("updates", script=["lose", "twice", "late", ""])
    ids = [sandbox.post("@channel_1", str(n))["id"] for n in range(4)]
    came: list[int] = []
    while len(came) < 4:
        packet = await asyncio.wait_for(queue.get(), 10)
        came += [u.message.id for u in getattr(packet, "updates", ()) if hasattr(u, "message")]
    assert came == [ids[1], ids[1], ids[3], ids[2]]
    with pytest.raises(ControlError):
        sandbox.control("updates", script=["fly"])

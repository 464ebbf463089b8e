"""Every request is logged, so that a test can say "nothing was asked for twice"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telethon import functions

from sandbox.testing import log_lines

if TYPE_CHECKING:
    from sandbox.testing import SandboxProcess

HISTORY = "messages.getHistory"


async def test_what_is_logged_of_a_page(sandbox: SandboxProcess, connect: Any) -> None:
    client = await connect(sandbox)
    peer = await client.get_input_entity("channel_1")
    before = sandbox.last_request()
    await client(functions.messages.GetHistoryRequest(peer, 90, None, -5, 20, 88, 7, 0))
    (entry,) = sandbox.requests(before)
    assert entry["seq"] == before + 1
    assert entry["method"] == HISTORY
    assert entry["account"] == "15550001001"
    assert (entry["channel"], entry["username"]) == (-1001500000001, "channel_1")
    wanted = {"offset_id": 90, "add_offset": -5, "limit": 20, "max_id": 88, "min_id": 7}
    assert {name: entry["params"][name] for name in wanted} == wanted
    assert entry["answer"] == "ok"
    truth = [m["id"] for m in reversed(sandbox.truth("@channel_1")["messages"])]
    newer = sum(i >= 90 for i in truth)
    assert entry["ids"] == [i for i in truth[newer - 5 : newer + 15] if 7 < i < 88]


async def test_whole_history_asks_for_nothing_twice(sandbox: SandboxProcess, connect: Any) -> None:
    client = await connect(sandbox)
    entity = await client.get_input_entity("channel_1")
    before = sandbox.last_request()
    _ = [m async for m in client.iter_messages(entity, wait_time=0)]
    pages = sandbox.requests(before, HISTORY)
    returned = [i for entry in pages for i in entry["ids"]]
    assert len(returned) == len(set(returned)) == len(sandbox.truth("@channel_1")["messages"])
    offsets = [entry["params"]["offset_id"] for entry in pages]
    assert len(offsets) == len(set(offsets))


async def test_numbers_go_on_after_a_kill(sandbox: SandboxProcess, connect: Any) -> None:
    client = await connect(sandbox)
    await client.get_input_entity("channel_1")
    await client.disconnect()
    entries = sandbox.requests()
    sandbox.restart(kill=True)
    assert sandbox.requests() == entries
    await connect(sandbox)
    numbers = [entry["seq"] for entry in sandbox.requests()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > len(entries)
    assert [entry["seq"] for entry in log_lines(sandbox.directory)] == numbers
    counts = sandbox.control("counts")
    assert sum(counts.values()) == len(numbers)

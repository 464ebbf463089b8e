"""What goes wrong by script reaches the client as it would from Telegram."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
from telethon import errors, functions, types
from telethon.sessions import StringSession

from sandbox.faults import Fault, FaultBook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.testing import SandboxProcess

HISTORY = "messages.getHistory"


@pytest.fixture
def clean(shared: SandboxProcess) -> Iterator[SandboxProcess]:
    """The shared server, whose faults go with the test."""
    yield shared
    shared.clear_faults()


async def _ready(sandbox: SandboxProcess, connect: Any, **options: Any) -> tuple[Any, Any]:
    client = await connect(sandbox, **options)
    peer = await client.get_input_entity("channel_1")
    return client, functions.messages.GetHistoryRequest(peer, 0, None, 0, 100, 0, 0, 0)


@pytest.mark.parametrize(
    ("kind", "fields", "error"),
    [
        ("flood_wait", {"seconds": 33}, errors.FloodWaitError),
        ("channel_private", {}, errors.ChannelPrivateError),
        ("channel_invalid", {}, errors.ChannelInvalidError),
        ("auth_key_unregistered", {}, errors.AuthKeyUnregisteredError),
        ("session_revoked", {}, errors.SessionRevokedError),
        ("user_deactivated_ban", {}, errors.UserDeactivatedBanError),
        ("error", {"error": "PEER_ID_INVALID"}, errors.PeerIdInvalidError),
    ],
)
async def test_errors(
    clean: SandboxProcess, connect: Any, kind: str, fields: Any, error: type[Exception]
) -> None:
    # https://core.telegram.org/api/errors
    client, request = await _ready(clean, connect)
    clean.fault(kind, HISTORY, **fields)
    with pytest.raises(error) as caught:
        await client(request)
    if isinstance(caught.value, errors.FloodWaitError):
        assert caught.value.seconds == 33
        client._flood_waited_requests.clear()
    assert (await client(request)).messages, "a fault happens once"


async def test_a_name_that_is_suddenly_unknown(clean: SandboxProcess, connect: Any) -> None:
    client = await connect(clean)
    clean.fault("username_not_occupied", "contacts.resolveUsername")
    with pytest.raises(errors.UsernameNotOccupiedError):
        await client(functions.contacts.ResolveUsernameRequest("channel_1"))


async def test_an_internal_error(clean: SandboxProcess, connect: Any) -> None:
    client, request = await _ready(clean, connect)
    clean.fault("internal", HISTORY)
    with pytest.raises(errors.RPCError) as caught:
        await client._sender.send(request)
    assert (caught.value.code, caught.value.message) == (500, "INTERNAL")
    assert (await client(request)).messages


async def test_a_flood_wait_that_holds(clean: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/api/errors#420-flood> says "A wait of X seconds is required"
    client, request = await _ready(clean, connect)
    clean.fault("flood_wait", HISTORY, seconds=60, hold=True)
    waits = []
    for _ in range(3):
        client._flood_waited_requests.clear()
        with pytest.raises(errors.FloodWaitError) as caught:
            await client(request)
        waits.append(caught.value.seconds)
    assert all(55 <= wait <= 60 for wait in waits)
    assert (await client(functions.updates.GetStateRequest())).pts


async def test_the_connection_ends_before_anything_is_done(
    clean: SandboxProcess, connect: Any
) -> None:
    client, request = await _ready(clean, connect)
    before = clean.last_request()
    clean.fault("drop_before", HISTORY)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError)):
        await client(request)
    entry = clean.requests(before, HISTORY)[0]
    assert (entry["answer"], entry.get("ids")) == ("dropped", None)


async def test_the_connection_ends_in_the_middle_of_the_answer(
    clean: SandboxProcess, connect: Any
) -> None:
    client, request = await _ready(clean, connect)
    before = clean.last_request()
    clean.fault("drop_half", HISTORY)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError)):
        await client(request)
    assert len(clean.requests(before, HISTORY)[0]["ids"]) == 100


async def test_the_connection_ends_after_the_answer(clean: SandboxProcess, connect: Any) -> None:
    client, request = await _ready(clean, connect)
    clean.fault("drop_after", HISTORY)
    assert (await client(request)).messages
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError)):
        await client(request)


async def test_a_client_that_reconnects_gets_its_answer(
    clean: SandboxProcess, connect: Any
) -> None:
    options = {"auto_reconnect": True, "connection_retries": 3}
    client, request = await _ready(clean, connect, **options)
    clean.fault("drop_before", HISTORY)
    assert (await client(request)).messages


async def test_a_server_that_says_nothing(clean: SandboxProcess, connect: Any) -> None:
    client, request = await _ready(clean, connect)
    before = clean.last_request()
    clean.fault("silent", HISTORY)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(client(request), 0.3)
    assert clean.requests(before, HISTORY)[0]["answer"] == "silent"
    assert (await client(request)).messages


async def test_a_slow_answer(clean: SandboxProcess, connect: Any) -> None:
    client, request = await _ready(clean, connect)
    clean.fault("slow", HISTORY, seconds=0.3)
    start = time.monotonic()
    slow = asyncio.ensure_future(client(request))
    assert (await client(functions.updates.GetStateRequest())).pts, "others are not held up"
    assert not slow.done()
    assert (await slow).messages
    assert time.monotonic() - start >= 0.3


async def test_a_message_that_cannot_be_parsed(clean: SandboxProcess, connect: Any) -> None:
    client, request = await _ready(clean, connect)
    ids = [message.id for message in (await client(request)).messages]
    clean.fault("garbled", HISTORY, count=None, ids=[ids[40]])
    with pytest.raises(errors.TypeNotFoundError):
        await client(request)
    request.limit = 40
    assert [message.id for message in (await client(request)).messages] == ids[:40]
    request.offset_id, request.limit = ids[40], 10
    assert [message.id for message in (await client(request)).messages] == ids[41:51]
    clean.fault("garbled", "channels.getMessages", ids=[ids[40]])
    with pytest.raises(errors.TypeNotFoundError):
        await client(functions.channels.GetMessagesRequest(request.peer, [ids[40]]))


async def test_odd_pages(clean: SandboxProcess, connect: Any) -> None:
    client, request = await _ready(clean, connect)
    ids = [message.id for message in (await client(request)).messages]
    clean.fault("empty_page", HISTORY)
    empty = await client(request)
    assert (empty.messages, empty.count) == ([], (await client(request)).count)
    clean.fault("missing", HISTORY, ids=ids[3:6])
    page = await client(request)
    assert [message.id for message in page.messages] == ids[:3] + ids[6:]
    clean.fault("missing", HISTORY)
    assert [message.id for message in (await client(request)).messages] == ids[::2]
    wanted = [types.InputMessageID(i) for i in ids[3:6]]
    there = await client(functions.channels.GetMessagesRequest(request.peer, wanted))
    assert [message.id for message in there.messages] == ids[3:6]


async def test_a_session_on_two_connections_dies_for_good(
    sandbox: SandboxProcess, connect: Any
) -> None:
    # <https://core.telegram.org/api/errors#406-not-acceptable>, AUTH_KEY_DUPLICATED: the
    # session is over, and only a new login with a new key helps
    session = sandbox.session_string()
    first = await connect(sandbox, session=StringSession(session))
    with pytest.raises(errors.AuthKeyDuplicatedError):
        await connect(sandbox, session=StringSession(session))
    with pytest.raises(errors.AuthKeyDuplicatedError):
        await first(functions.updates.GetStateRequest())
    await first.disconnect()
    sandbox.restart(kill=True)
    with pytest.raises(errors.AuthKeyDuplicatedError):
        await connect(sandbox, session=StringSession(session))


async def test_one_connection_after_the_other_is_fine(
    sandbox: SandboxProcess, connect: Any
) -> None:
    session = sandbox.session_string()
    for _ in range(8):
        client = await connect(sandbox, session=StringSession(session))
        assert await client.is_user_authorized()
        await client.disconnect()


async def test_a_client_that_was_killed_does_not_count(
    sandbox: SandboxProcess, connect: Any
) -> None:
    session = sandbox.session_string()
    for _ in range(5):
        client = await connect(sandbox, session=StringSession(session))
        assert await client.is_user_authorized()
        # as the kernel does for a killed process: the socket goes, nobody says goodbye
        client._sender._connection._writer.transport.abort()


async def test_the_killed_session_by_script(sandbox: SandboxProcess, connect: Any) -> None:
    client, request = await _ready(sandbox, connect)
    sandbox.fault("auth_key_duplicated", HISTORY)
    for _ in range(2):
        with pytest.raises(errors.AuthKeyDuplicatedError):
            await client(request)


async def test_faults_choose_account_channel_and_turn(clean: SandboxProcess, connect: Any) -> None:
    first, request = await _ready(clean, connect)
    second, other = await _ready(clean, connect, phone="15550001002")
    clean.fault(
        "channel_private", HISTORY, account="+15550001002", channel="@channel_1", skip=1, count=2
    )
    outcomes = []
    for _ in range(5):
        assert (await first(request)).messages
        try:
            await second(other)
            outcomes.append("ok")
        except errors.ChannelPrivateError:
            outcomes.append("private")
    assert outcomes == ["ok", "private", "private", "ok", "ok"]
    elsewhere = await second.get_input_entity("channel_2")
    clean.fault("channel_private", HISTORY, channel="@channel_1")
    other.peer = elsewhere
    assert (await second(other)).messages


def test_the_first_line_of_the_script_that_fits_happens() -> None:
    book = FaultBook()
    book.add(Fault("slow", "a.b", seconds=1))
    late = book.add(Fault("silent", count=None))
    assert [book.next("a.b", None, None) for _ in range(2)][1] is late
    assert book.next("x", None, None) is late
    assert [fault.kind for fault in book.active()] == ["silent"]
    assert book.clear() == 2
    assert book.next("a.b", None, None) is None


async def test_the_pace_can_be_set(sandbox: SandboxProcess, connect: Any) -> None:
    client, request = await _ready(sandbox, connect)
    sandbox.pace(max_rate=20)
    start = time.monotonic()
    for _ in range(5):
        await client(request)
    assert time.monotonic() - start >= 0.2
    sandbox.pace(delay=0.1)
    start = time.monotonic()
    await client(request)
    assert time.monotonic() - start >= 0.1


async def test_a_limit_that_never_wears_off(clean: SandboxProcess, connect: Any) -> None:
    client, request = await _ready(clean, connect)
    other, same = await _ready(clean, connect, phone="15550001002")
    clean.fault("limit", HISTORY, requests=3, seconds=60)
    for _ in range(3):
        assert (await client(request)).messages
    for _ in range(2):
        client._flood_waited_requests.clear()
        with pytest.raises(errors.FloodWaitError) as caught:
            await client(request)
        assert 50 < caught.value.seconds <= 60
    assert (await other(same)).messages, "each account has a limit of its own"


def test_a_limit_slides(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    book = FaultBook()
    book.add(Fault("limit", "a.b", requests=2, seconds=10))
    assert [book.next("a.b", "1", None) is None for _ in range(3)] == [True, True, False]
    now += 4
    assert [fault.failure().message for fault in book.active()] == ["FLOOD_WAIT_6"]
    now += 6
    assert book.next("a.b", "1", None) is None

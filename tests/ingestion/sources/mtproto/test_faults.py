"""What goes wrong on the way, and what the caller learns of it."""

import asyncio
import gc
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from telethon.errors import SecurityError
from telethon.network import authenticator

from ingestion.errors import (
    AccessError,
    AccountError,
    ErrorClass,
    FloodWait,
    IngestionError,
    TransientError,
)
from ingestion.records import PhotoRecord
from ingestion.sources.mtproto.client import connect
from ingestion.sources.mtproto.config import TelegramServer
from tests.ingestion.sources.mtproto.conftest import Telegram, address_of

HISTORY = "messages.getHistory"


async def one_page(telegram: Telegram, *, seconds: float = 10.0, fault: Any = None) -> Any:
    """Read the newest page, with a fault added right before it."""
    async with telegram.connect(timeout=seconds) as session:
        address = await address_of(session, telegram.card("broadcast"))
        if fault:
            fault()
        return await session.page(address, low=1, high=None)


async def until(true: Callable[[], bool]) -> None:
    """Wait for what happens in another process."""
    for _ in range(100):
        if true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not happen")


@pytest.mark.parametrize(
    ("kind", "fields", "code", "error_class"),
    [
        ("internal", {}, "INTERNAL", ErrorClass.TRANSIENT),
        ("drop_before", {}, "CONNECTION_LOST", ErrorClass.TRANSIENT),
        ("drop_half", {}, "CONNECTION_LOST", ErrorClass.TRANSIENT),
        ("channel_private", {}, "CHANNEL_PRIVATE", ErrorClass.ACCESS),
        ("auth_key_unregistered", {}, "AUTH_KEY_UNREGISTERED", ErrorClass.ACCOUNT),
        ("session_revoked", {}, "SESSION_REVOKED", ErrorClass.ACCOUNT),
        ("user_deactivated_ban", {}, "USER_DEACTIVATED_BAN", ErrorClass.ACCOUNT),
        ("auth_key_duplicated", {}, "AUTH_KEY_DUPLICATED", ErrorClass.ACCOUNT),
        ("error", {"error": "NEVER_HEARD_OF", "code": 400}, "NEVER_HEARD_OF", ErrorClass.SYSTEM),
    ],
)
async def test_faults_of_a_request(
    telegram: Telegram, kind: str, fields: dict[str, Any], code: str, error_class: ErrorClass
) -> None:
    started = time.monotonic()
    with pytest.raises(IngestionError) as caught:
        await one_page(telegram, fault=lambda: telegram.sandbox.fault(kind, HISTORY, **fields))
    assert (caught.value.code, caught.value.error_class) == (code, error_class)
    assert len(caught.value.told.sentences) == 2  # and what to do
    assert time.monotonic() - started < 2


async def test_a_silent_server_is_left_in_time(telegram: Telegram) -> None:
    started = time.monotonic()
    with pytest.raises(TransientError) as caught:
        await one_page(
            telegram, seconds=0.5, fault=lambda: telegram.sandbox.fault("silent", HISTORY)
        )
    assert caught.value.code == "TIMEOUT"
    assert HISTORY in str(caught.value)
    assert time.monotonic() - started < 2


async def test_a_slow_answer_is_an_answer(telegram: Telegram) -> None:
    page = await one_page(
        telegram, fault=lambda: telegram.sandbox.fault("slow", HISTORY, seconds=0.3)
    )
    assert page.records


async def test_a_connection_that_broke_stays_broken_and_a_new_one_works(
    telegram: Telegram,
) -> None:
    kept = telegram.sandbox.session_string()
    async with telegram.connect(kept) as session:
        address = await address_of(session, telegram.card("broadcast"))
        telegram.sandbox.fault("drop_before", HISTORY)
        for _ in range(2):
            with pytest.raises(TransientError):
                await session.page(address, low=1, high=None)
        assert not session.connected
    async with telegram.connect(kept) as session:
        assert (await session.page(address, low=1, high=None)).records


@pytest.mark.parametrize("failures", [1, 2])
async def test_when_no_key_was_agreed_on_another_one_is_tried(
    telegram: Telegram, monkeypatch: pytest.MonkeyPatch, failures: int
) -> None:
    agree = authenticator.do_authentication
    results = iter([False] * failures + [True] * 2)

    async def disagree_first(sender: Any) -> Any:
        found = await agree(sender)
        if not next(results):
            raise SecurityError("Step 3 invalid new nonce hash")
        return found

    monkeypatch.setattr(authenticator, "do_authentication", disagree_first)
    if failures == 1:
        async with telegram.connect("") as session:
            assert session.connected
    else:
        with pytest.raises(TransientError) as caught:
            async with telegram.connect(""):
                pass
        assert caught.value.code == "HANDSHAKE_FAILED"


async def test_a_flood_wait_is_told_at_once_and_of_its_method_only(telegram: Telegram) -> None:
    async with telegram.connect() as session:
        address = await address_of(session, telegram.card("broadcast"))
        telegram.sandbox.fault("flood_wait", HISTORY, seconds=40)
        started = time.monotonic()
        with pytest.raises(FloodWait) as caught:
            await session.page(address, low=1, high=None)
        assert (caught.value.seconds, caught.value.method) == (40, HISTORY)
        assert time.monotonic() - started < 1
        assert await session.describe(address)
        # Nothing is remembered here: when to ask again is decided by who asks.
        assert (await session.page(address, low=1, high=None)).records


async def test_one_session_on_two_connections_is_lost(telegram: Telegram) -> None:
    kept = telegram.sandbox.session_string()

    async def use_twice() -> None:
        async with telegram.connect(kept) as first, telegram.connect(kept) as second:
            for session in (first, second, first):
                await session.me()

    with pytest.raises(AccountError) as caught:
        await use_twice()
    assert caught.value.code in {"AUTH_KEY_DUPLICATED", "AUTH_KEY_UNREGISTERED"}


async def test_nothing_is_sent_once_somebody_else_has_the_session(telegram: Telegram) -> None:
    allowed = True
    async with connect(
        telegram.credentials(), server=telegram.server, may_send=lambda: allowed
    ) as session:
        await session.me()
        before = telegram.sandbox.last_request()
        allowed = False
        with pytest.raises(TransientError):
            await session.me()
        assert not session.connected
    assert telegram.sandbox.last_request() == before


async def test_a_garbled_message_in_a_real_answer(telegram: Telegram) -> None:
    card = telegram.card("broadcast")
    truth = [message["id"] for message in telegram.sandbox.truth(card["id"])["messages"]]
    bad = [truth[-3], truth[-150], truth[0]]
    telegram.sandbox.fault("garbled", count=None, ids=bad)
    found, unparsed = [], []
    async with telegram.connect() as session:
        address = await address_of(session, card)
        high = None
        while high is None or high >= 1:
            page = await session.page(address, low=1, high=high)
            assert page.proves_absence
            found += [record.message_id for record in page.records]
            unparsed += page.unparsed
            high = page.low - 1
    assert [one.message_id for one in unparsed] == bad
    assert sorted([*found, *bad]) == truth
    assert all(one.raw and one.error for one in unparsed)


async def test_a_message_that_was_garbled_once(telegram: Telegram) -> None:
    telegram.sandbox.fault("garbled", HISTORY)
    page = await one_page(telegram)
    assert page.records
    assert not page.unparsed


async def test_nobody_listens(telegram: Telegram) -> None:
    server = TelegramServer(2, "127.0.0.1", 9, telegram.sandbox.public_key)
    with pytest.raises(TransientError) as caught:
        async with connect(telegram.credentials(), server=server):
            pass
    assert caught.value.code == "CONNECTION_FAILED"


async def test_a_name_that_leads_to_no_server(telegram: Telegram) -> None:
    server = TelegramServer(2, "no-such-host.invalid", 443, telegram.sandbox.public_key)
    with pytest.raises(TransientError):
        async with connect(telegram.credentials(), server=server):
            pass


async def test_a_server_may_be_named(telegram: Telegram) -> None:
    server = TelegramServer(2, "localhost", telegram.sandbox.port, telegram.sandbox.public_key)
    async with connect(telegram.credentials(), server=server) as session:
        assert await session.me()


@pytest.mark.parametrize("content", [None, "no key"])
async def test_a_key_that_cannot_be_read(
    telegram: Telegram, tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "key.pem"
    if content:
        path.write_text(content)
    server = TelegramServer(2, "127.0.0.1", telegram.sandbox.port, path)
    with pytest.raises(IngestionError) as caught:
        async with connect(telegram.credentials(), server=server):
            pass
    assert caught.value.code == "PUBLIC_KEY_UNREADABLE"


async def test_cancelling_disconnects_at_once(telegram: Telegram) -> None:
    telegram.sandbox.fault("silent", HISTORY)
    before = telegram.sandbox.status()["connections"]
    task = asyncio.create_task(one_page(telegram, seconds=30))
    await until(lambda: HISTORY in telegram.methods(telegram.sandbox.last_request() - 1))
    started = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: telegram.sandbox.status()["connections"] <= before)
    assert time.monotonic() - started < 1


async def test_an_error_inside_the_block_comes_out_as_it_is(telegram: Telegram) -> None:
    class OwnError(Exception):
        pass

    with pytest.raises(OwnError):
        async with telegram.connect():
            raise OwnError


async def test_the_garbage_collector_runs_again_after_a_page(telegram: Telegram) -> None:
    assert gc.isenabled()
    await one_page(telegram)
    assert gc.isenabled()


async def test_a_lost_connection_leaves_no_error_that_nobody_fetched(
    telegram: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "asyncio"), pytest.raises(TransientError):
        await one_page(telegram, fault=lambda: telegram.sandbox.fault("drop_before", HISTORY))
    gc.collect()
    await asyncio.sleep(0)
    assert [record for record in caplog.records if record.name == "asyncio"] == []


async def test_a_channel_that_may_not_be_read(telegram: Telegram) -> None:
    telegram.sandbox.fault("channel_private", "channels.getFullChannel")
    async with telegram.connect() as session:
        with pytest.raises(AccessError, match="may not read"):
            await session.resolve(telegram.card("broadcast")["username"])


async def test_other_data_centres_hear_nothing_either_when_nothing_may_be_sent(
    telegram: Telegram,
) -> None:
    allowed = True
    card = telegram.cards[1]
    photo = telegram.sandbox.control("photo", channel=card["id"], dc=4)["photo"]
    connection = connect(telegram.credentials(), server=telegram.server, may_send=lambda: allowed)
    async with connection as session:
        address = await address_of(session, card)
        found = PhotoRecord(photo, 4)
        assert await session.photo(address, found)
        since = telegram.sandbox.last_request()
        allowed = False
        with pytest.raises(TransientError):
            await session.photo(address, found)
    assert telegram.sandbox.requests(since) == []

"""Logging in, step by step, each on a connection of its own as a web page does it."""

from typing import Any

import pytest

from ingestion.errors import AccountError, ErrorClass, IngestionError, InputError
from ingestion.records import AccountRecord, PasswordNeeded, SentCode
from ingestion.sources.mtproto.client import connect
from ingestion.sources.mtproto.config import Credentials
from tests.ingestion.sources.mtproto.conftest import Telegram


def account(telegram: Telegram, number: int) -> dict[str, Any]:
    return dict(telegram.sandbox.accounts[number])


async def send_code(telegram: Telegram, phone: str) -> tuple[str, SentCode]:
    async with telegram.connect("") as session:
        sent = await session.send_code(phone)
        return session.session_string(), sent


async def test_with_a_code(telegram: Telegram) -> None:
    person = account(telegram, 0)
    kept, sent = await send_code(telegram, f"+{person['phone'][:4]} {person['phone'][4:]}")
    assert (sent.type, sent.length, sent.timeout) == ("app", 5, 60)
    async with telegram.connect(kept) as session:
        code = f" {person['code'][:2]}-{person['code'][2:]} "
        found = await session.sign_in(person["phone"], code, sent.phone_code_hash)
        assert isinstance(found, AccountRecord)
        assert (found.user_id, found.phone) == (person["user_id"], person["phone"])
        kept = session.session_string()
    async with telegram.connect(kept) as session:
        assert await session.me() == found


async def test_with_a_two_step_password(telegram: Telegram) -> None:
    person = account(telegram, 1)
    kept, sent = await send_code(telegram, person["phone"])
    async with telegram.connect(kept) as session:
        found = await session.sign_in(person["phone"], person["code"], sent.phone_code_hash)
        assert isinstance(found, PasswordNeeded)
        kept = session.session_string()
    async with telegram.connect(kept) as session:
        with pytest.raises(InputError) as caught:
            await session.check_password("wrong")
        assert caught.value.code == "PASSWORD_HASH_INVALID"
        with pytest.raises(InputError):
            await session.check_password("")
        record = await session.check_password(person["password"])
        assert record.user_id == person["user_id"]
        assert await session.me() == record


async def test_wrong_codes(telegram: Telegram) -> None:
    person = account(telegram, 0)
    kept, sent = await send_code(telegram, person["phone"])
    async with telegram.connect(kept) as session:
        for code, name in (("99999", "PHONE_CODE_INVALID"), (" ", "PHONE_CODE_EMPTY")):
            with pytest.raises(InputError) as caught:
                await session.sign_in(person["phone"], code, sent.phone_code_hash)
            assert caught.value.code == name
        with pytest.raises(InputError) as caught:
            await session.sign_in(person["phone"], person["code"], "another hash")
        assert caught.value.code == "PHONE_CODE_EXPIRED"


@pytest.mark.parametrize(
    ("phone", "code"),
    [
        ("15550001999", "PHONE_NUMBER_BANNED"),
        ("hello", "PHONE_NUMBER_INVALID"),
        ("123", "PHONE_NUMBER_INVALID"),
    ],
)
async def test_wrong_numbers(telegram: Telegram, phone: str, code: str) -> None:
    with pytest.raises(IngestionError) as caught:
        await send_code(telegram, phone)
    assert caught.value.code == code


async def test_a_number_without_an_account(telegram: Telegram) -> None:
    kept, sent = await send_code(telegram, "15550007777")
    async with telegram.connect(kept) as session:
        with pytest.raises(InputError) as caught:
            await session.sign_in("15550007777", "00000", sent.phone_code_hash)
    assert caught.value.code == "PHONE_NUMBER_UNOCCUPIED"


async def test_wrong_api_credentials(telegram: Telegram) -> None:
    credentials = Credentials(12345, "0" * 32)
    async with connect(credentials, server=telegram.server) as session:
        with pytest.raises(InputError) as caught:
            await session.send_code("15550001001")
    assert caught.value.code == "API_ID_INVALID"


async def test_missing_api_credentials(telegram: Telegram) -> None:
    with pytest.raises(InputError, match="API ID"):
        async with connect(Credentials(0, ""), server=telegram.server):
            pass


async def test_logging_out_ends_the_session(telegram: Telegram) -> None:
    kept = telegram.sandbox.session_string()
    async with telegram.connect(kept) as session:
        await session.log_out()
    async with telegram.connect(kept) as session:
        with pytest.raises(AccountError) as caught:
            await session.me()
    assert caught.value.code == "AUTH_KEY_UNREGISTERED"


async def test_a_damaged_session(telegram: Telegram) -> None:
    for text in ("nonsense", "1AAAA", "é"):
        with pytest.raises(AccountError) as caught:
            async with telegram.connect(text):
                pass
        assert caught.value.code == "SESSION_INVALID"


async def test_a_flood_wait_while_logging_in_is_told_and_not_slept(telegram: Telegram) -> None:
    telegram.sandbox.fault("flood_wait", "auth.sendCode", seconds=300)
    with pytest.raises(IngestionError) as caught:
        await send_code(telegram, "15550001001")
    assert caught.value.error_class is ErrorClass.RATE_LIMIT
    assert "5 min before the next auth.sendCode request" in str(caught.value)


def test_secrets_do_not_show() -> None:
    shown = repr(Credentials(5, "hash of the app", "the session"))
    assert "hash of the app" not in shown
    assert "the session" not in shown

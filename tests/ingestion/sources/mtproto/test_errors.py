"""Whatever a request can raise has its place in the taxonomy, and a sentence."""

import asyncio
from typing import Any

import pytest
from telethon import errors
from telethon.errors import rpcerrorlist
from telethon.tl import functions, types

from ingestion.errors import ErrorClass, FloodWait, IngestionError
from ingestion.sources.mtproto.errors import method_name, telegram_errors, translate
from ingestion.sources.mtproto.sentences import CODES

REQUEST = functions.messages.GetHistoryRequest(types.InputPeerSelf(), 0, None, 0, 1, 0, 0, 0)


def from_telegram(message: str, code: int = 400) -> Exception:
    """Return the error that Telethon makes of what Telegram sends."""
    found: Exception = errors.rpc_message_to_error(types.RpcError(code, message), REQUEST)
    return found


def classify(error: Exception) -> IngestionError:
    return translate(error, method="messages.getHistory")


@pytest.mark.parametrize("code", sorted(CODES))
def test_each_code_we_explain_is_one_that_arrives(code: str) -> None:
    found = classify(from_telegram(code))
    assert found.code == code
    happened, to_do = (str(sentence) for sentence in found.told.sentences)
    assert (happened, to_do) == CODES[code][1:]
    assert happened.endswith(".")
    assert to_do.endswith((".", ")."))


@pytest.mark.parametrize(
    ("message", "number", "error_class"),
    [
        ("AUTH_KEY_DUPLICATED", 406, ErrorClass.ACCOUNT),
        ("AUTH_KEY_UNREGISTERED", 401, ErrorClass.ACCOUNT),
        ("SESSION_REVOKED", 401, ErrorClass.ACCOUNT),
        ("USER_DEACTIVATED_BAN", 401, ErrorClass.ACCOUNT),
        ("SOMETHING_NEW", 401, ErrorClass.ACCOUNT),
        ("SOMETHING_FLOOD", 420, ErrorClass.ACCOUNT),
        ("CHANNEL_PRIVATE", 400, ErrorClass.ACCESS),
        ("CHANNEL_INVALID", 400, ErrorClass.ACCESS),
        ("USERNAME_NOT_OCCUPIED", 400, ErrorClass.ACCESS),
        ("USERNAME_INVALID", 400, ErrorClass.ACCESS),
        ("PHONE_CODE_INVALID", 400, ErrorClass.DATA),
        ("PASSWORD_HASH_INVALID", 400, ErrorClass.DATA),
        ("API_ID_INVALID", 400, ErrorClass.DATA),
        ("INTERNAL", 500, ErrorClass.TRANSIENT),
        ("No workers running", -500, ErrorClass.TRANSIENT),
        ("Timeout", -503, ErrorClass.TRANSIENT),
        ("RPC_CALL_FAIL", 500, ErrorClass.TRANSIENT),
        ("INTERDC_2_CALL_ERROR", 500, ErrorClass.TRANSIENT),
        ("USER_MIGRATE_4", 303, ErrorClass.TRANSIENT),
        ("NOT_KNOWN_TO_ANYBODY", 400, ErrorClass.SYSTEM),
    ],
)
def test_classes_of_answers(message: str, number: int, error_class: ErrorClass) -> None:
    assert classify(from_telegram(message, number)).error_class is error_class


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConnectionError("Connection to Telegram failed 5 time(s)"), "CONNECTION_FAILED"),
        (ConnectionError("auth_key generation failed 2 time(s)"), "HANDSHAKE_FAILED"),
        (ConnectionError("Cannot send requests while disconnected"), "CONNECTION_LOST"),
        (ConnectionResetError("gone"), "CONNECTION_LOST"),
        (asyncio.IncompleteReadError(b"", 8), "CONNECTION_LOST"),
        (TimeoutError(), "TIMEOUT"),
        (ValueError("Request was unsuccessful 6 time(s)"), "RPC_CALL_FAIL"),
        (errors.InvalidBufferError(b"\x53\xfe\xff\xff"), "TRANSPORT_FLOOD"),  # -429
        (errors.SecurityError("hash"), "SECURITY_CHECK"),
        (errors.BadMessageError(REQUEST, 35), "BAD_MESSAGE"),
    ],
)
def test_broken_connections_are_transient(error: Exception, code: str) -> None:
    found = classify(error)
    assert (found.code, found.error_class) == (code, ErrorClass.TRANSIENT)


@pytest.mark.parametrize(
    "error", [errors.AuthKeyNotFound(), errors.InvalidBufferError(b"\x6c\xfe\xff\xff")]
)
def test_a_forgotten_key_is_an_account_error(error: Exception) -> None:
    found = classify(error)
    assert (found.code, found.error_class) == ("AUTH_KEY_UNREGISTERED", ErrorClass.ACCOUNT)


def test_what_cannot_be_read_is_a_data_error() -> None:
    found = classify(errors.TypeNotFoundError(1, b"\x01"))
    assert (found.code, found.error_class) == ("UNREADABLE_ANSWER", ErrorClass.DATA)


def test_what_nobody_foresaw_is_our_own_fault() -> None:
    found = classify(AssertionError("?"))
    assert (found.code, found.error_class) == ("UNEXPECTED", ErrorClass.SYSTEM)


@pytest.mark.parametrize(
    "message",
    ["FLOOD_WAIT_37", "FLOOD_PREMIUM_WAIT_37", "SLOWMODE_WAIT_37", "FLOOD_TEST_PHONE_WAIT_37"],
)
def test_waits_say_how_long_and_for_what(message: str) -> None:
    found = classify(from_telegram(message, 420))
    assert isinstance(found, FloodWait)
    assert (found.seconds, found.method, found.code) == (37, "messages.getHistory", "FLOOD_WAIT")
    assert "37 s before the next messages.getHistory request" in str(found)


def test_a_wait_of_nothing_is_a_wait() -> None:
    found = classify(from_telegram("FLOOD_WAIT_0", 420))
    assert isinstance(found, FloodWait)
    assert found.seconds == 1


def test_every_error_that_telethon_knows_is_classified() -> None:
    for message in rpcerrorlist.rpc_errors_dict:
        found = classify(from_telegram(message))
        assert isinstance(found, IngestionError)
        assert len(found.told.sentences) == 2


def test_methods_have_telegrams_names() -> None:
    assert method_name(REQUEST) == "messages.getHistory"
    assert method_name(functions.InvokeWithoutUpdatesRequest(REQUEST)) == "messages.getHistory"
    assert method_name(functions.PingRequest(1)) == "ping"


def test_nothing_else_leaves_the_block() -> None:
    with pytest.raises(IngestionError), telegram_errors("m"):
        raise KeyError("x")
    ours = FloodWait(seconds=1, method="m")
    with pytest.raises(FloodWait) as caught, telegram_errors("m"):
        raise ours
    assert caught.value is ours


async def test_cancellation_is_no_error() -> None:
    async def wait() -> Any:
        with telegram_errors("m"):
            await asyncio.sleep(10)

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

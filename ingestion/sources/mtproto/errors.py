"""From whatever a request can raise to one of `ingestion.errors`."""

import asyncio
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from telethon import errors as telethon_errors
from telethon.errors import rpcerrorlist

from ingestion.errors import (
    AccountError,
    DataError,
    FloodWait,
    IngestionError,
    TransientError,
)
from ingestion.sources.mtproto.sentences import CODES

_RETRIED: Final = "It is tried again in a moment."

#: Exception class → Telegram's code; where Telethon gives one class two codes, the one we know.
_CODE_OF: Final[dict[type, str]] = {}
for _code, _class in rpcerrorlist.rpc_errors_dict.items():
    if _class not in _CODE_OF or _code in CODES:
        _CODE_OF[_class] = _code

_WAITS: Final = (
    telethon_errors.FloodWaitError,
    telethon_errors.FloodPremiumWaitError,
    telethon_errors.FloodTestPhoneWaitError,
    telethon_errors.SlowModeWaitError,
)

#: An answer that is no valid TL object raises one of these while it is read.
UNREADABLE: Final = (
    telethon_errors.TypeNotFoundError,
    BufferError,
    struct.error,
    RuntimeError,
    ValueError,
    TypeError,
    IndexError,
    MemoryError,
)


#: Parts of the messages of errors that have no class of their own.
_MESSAGES: Final = (
    (
        "auth_key generation failed",
        "HANDSHAKE_FAILED",
        "Telegram could be reached, but no key could be agreed on with it.",
        "It is tried again. If the server is your own, check TELEGRAM_PUBLIC_KEY.",
    ),
    (
        "Connection to Telegram failed",
        "CONNECTION_FAILED",
        "Telegram could not be reached.",
        "It is tried again. If it stays so, check network, firewall and proxy of this machine.",
    ),
    (
        "HTTP code 429",
        "TRANSPORT_FLOOD",
        "Telegram refuses further connections from this address for a while.",
        "It is tried again later; fewer accounts on one address help.",
    ),
    (
        "Request was unsuccessful",
        "RPC_CALL_FAIL",
        "Telegram has internal trouble.",
        _RETRIED,
    ),
)

#: What can go wrong below the requests. Transport errors are numbers sent in place of a message:
#: https://core.telegram.org/mtproto/mtproto-transports#transport-errors
_CONNECTION: Final[tuple[tuple[Any, type[IngestionError], str, str, str], ...]] = (
    (
        TimeoutError,
        TransientError,
        "TIMEOUT",
        "Telegram did not answer a {method} request in time.",
        _RETRIED,
    ),
    (
        telethon_errors.SecurityError,
        TransientError,
        "SECURITY_CHECK",
        "What came was not what Telegram would have sent.",
        _RETRIED,
    ),
    (
        (OSError, asyncio.IncompleteReadError, telethon_errors.InvalidBufferError),
        TransientError,
        "CONNECTION_LOST",
        "The connection to Telegram broke during a {method} request.",
        _RETRIED,
    ),
    (
        telethon_errors.BadMessageError,
        TransientError,
        "BAD_MESSAGE",
        "Telegram did not take a message of this connection.",
        "It is tried again on a new one. Check this machine's clock if it comes back.",
    ),
)


@contextmanager
def telegram_errors(method: str) -> Iterator[None]:
    """Let nothing but `ingestion.errors` (and cancellation) out of the block."""
    try:
        yield
    except IngestionError:
        raise
    except Exception as error:
        raise translate(error, method=method) from error


def translate(error: Exception, *, method: str) -> IngestionError:
    """Put a Telethon or network error into the taxonomy; `method` is Telegram's method name."""
    if isinstance(error, telethon_errors.RPCError):
        return _translate_rpc(error, method)
    return _translate_connection(error, method)


def method_name(request: Any) -> str:
    """Return "messages.getHistory" for a GetHistoryRequest, whatever wraps it."""
    while hasattr(request, "query"):
        request = request.query
    name = type(request).__name__.removesuffix("Request")
    space = type(request).__module__.rpartition(".")[2]
    name = name[:1].lower() + name[1:]
    return name if space == "functions" else f"{space}.{name}"


def _translate_rpc(error: telethon_errors.RPCError, method: str) -> IngestionError:
    if isinstance(error, _WAITS):
        return FloodWait(seconds=max(1, error.seconds), method=method)
    code = _CODE_OF.get(type(error)) or error.message or type(error).__name__
    if code in CODES:
        error_class, happened, to_do = CODES[code]
        return error_class(code, happened, to_do)
    number = abs(error.code or 0)
    if number == 401:
        return AccountError(
            code,
            f"Telegram refused this login ({code}).",
            "Log the account in again.",
        )
    if number == 420:
        return AccountError(
            code,
            f"Telegram has limited this account ({code} on {method}).",
            "Wait some hours before using it again.",
        )
    if number >= 500 or number == 303:
        return TransientError(code, f"Telegram has internal trouble ({code}).", _RETRIED)
    return IngestionError(
        code,
        f"Telegram refused the request {method} with {code}, which this program does not know.",
        "Please report it, with this sentence.",
    )


def _translate_connection(error: Exception, method: str) -> IngestionError:
    transport = error.code if isinstance(error, telethon_errors.InvalidBufferError) else None
    if isinstance(error, telethon_errors.AuthKeyNotFound) or transport == 404:
        error_class, happened, to_do = CODES["AUTH_KEY_UNREGISTERED"]
        return error_class("AUTH_KEY_UNREGISTERED", happened, to_do)
    if known := _by_message(error):
        return known
    for types, error_class, code, happened, to_do in _CONNECTION:
        if isinstance(error, types):
            return error_class(code, happened.format(method=method), to_do)
    if isinstance(error, UNREADABLE):
        return DataError(
            "UNREADABLE_ANSWER",
            f"Telegram's answer to a {method} request could not be read: {type(error).__name__}.",
            "Nothing was changed. An update of this program may know the new format.",
        )
    return IngestionError(
        "UNEXPECTED",
        f"A {method} request failed in a way nobody foresaw: {type(error).__name__}.",
        "Please report it, with what the log says.",
    )


def _by_message(error: Exception) -> IngestionError | None:
    """Classify what Telethon tells apart by its message alone."""
    for part, code, happened, to_do in _MESSAGES:
        if part in str(error):
            return TransientError(code, happened, to_do)
    return None

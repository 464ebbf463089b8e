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
    Meaning,
    TakeoutDelay,
    TransientError,
    Wait,
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
        Meaning(
            TransientError,
            "Telegram could be reached, but no key could be agreed on with it.",
            "It is tried again. If the server is your own, check TELEGRAM_PUBLIC_KEY.",
        ),
    ),
    (
        "Connection to Telegram failed",
        "CONNECTION_FAILED",
        Meaning(
            TransientError,
            "Telegram could not be reached.",
            "It is tried again. If it stays so, check network, firewall and proxy of this machine.",
        ),
    ),
    (
        "HTTP code 429",
        "TRANSPORT_FLOOD",
        Meaning(
            TransientError,
            "Telegram refuses further connections from this address for a while.",
            "It is tried again later; fewer accounts on one address help.",
        ),
    ),
    (
        "Request was unsuccessful",
        "RPC_CALL_FAIL",
        Meaning(TransientError, "Telegram has internal trouble.", _RETRIED),
    ),
)

#: What can go wrong below the requests. Transport errors are numbers sent in place of a message:
#: https://core.telegram.org/mtproto/mtproto-transports#transport-errors
_CONNECTION: Final[tuple[tuple[Any, str, Meaning], ...]] = (
    (
        TimeoutError,
        "TIMEOUT",
        Meaning(TransientError, "Telegram did not answer a %(method)s request in time.", _RETRIED),
    ),
    (
        telethon_errors.SecurityError,
        "SECURITY_CHECK",
        Meaning(TransientError, "What came was not what Telegram would have sent.", _RETRIED),
    ),
    (
        (OSError, asyncio.IncompleteReadError, telethon_errors.InvalidBufferError),
        "CONNECTION_LOST",
        Meaning(
            TransientError,
            "The connection to Telegram broke during a %(method)s request.",
            _RETRIED,
        ),
    ),
    (
        telethon_errors.BadMessageError,
        "BAD_MESSAGE",
        Meaning(
            TransientError,
            "Telegram did not take a message of this connection.",
            "It is tried again on a new one. Check this machine's clock if it comes back.",
        ),
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


def _wait(error: telethon_errors.RPCError, method: str) -> Wait | None:
    """What goes on by itself after a while."""
    if isinstance(error, _WAITS):
        return FloodWait(seconds=max(1, error.seconds), method=method)
    if isinstance(error, rpcerrorlist.TakeoutInitDelayError):
        return TakeoutDelay(max(1, error.seconds))
    return None


def _translate_rpc(error: telethon_errors.RPCError, method: str) -> IngestionError:
    if wait := _wait(error, method):
        return wait
    code = _CODE_OF.get(type(error)) or error.message or type(error).__name__
    if code in CODES:
        return CODES[code].error(code)
    number = abs(error.code or 0)
    if number == 401:
        return AccountError(
            code,
            "Telegram refused this login (%(name)s).",
            "Log the account in again.",
            name=code,
        )
    if number == 420:
        return AccountError(
            code,
            "Telegram has limited this account (%(name)s on %(method)s).",
            "Wait some hours before using it again.",
            name=code,
            method=method,
        )
    if number >= 500 or number == 303:
        return TransientError(
            code, "Telegram has internal trouble (%(name)s).", _RETRIED, name=code
        )
    return IngestionError(
        code,
        "Telegram refused the request %(method)s with %(name)s, which this program does not know.",
        "Please report it, with this sentence.",
        name=code,
        method=method,
    )


def _translate_connection(error: Exception, method: str) -> IngestionError:
    transport = error.code if isinstance(error, telethon_errors.InvalidBufferError) else None
    if isinstance(error, telethon_errors.AuthKeyNotFound) or transport == 404:
        return CODES["AUTH_KEY_UNREGISTERED"].error("AUTH_KEY_UNREGISTERED")
    if known := _by_message(error):
        return known
    for types, code, meaning in _CONNECTION:
        if isinstance(error, types):
            return meaning.error(code, method=method)
    if isinstance(error, UNREADABLE):
        return DataError(
            "UNREADABLE_ANSWER",
            "Telegram's answer to a %(method)s request could not be read: %(error)s.",
            "Nothing was changed. An update of this program may know the new format.",
            method=method,
            error=type(error).__name__,
        )
    return IngestionError(
        "UNEXPECTED",
        "A %(method)s request failed in a way nobody foresaw: %(error)s.",
        "Please report it, with what the log says.",
        method=method,
        error=type(error).__name__,
    )


def _by_message(error: Exception) -> IngestionError | None:
    """Classify what Telethon tells apart by its message alone."""
    for part, code, meaning in _MESSAGES:
        if part in str(error):
            return meaning.error(code)
    return None

"""Errors as Telegram sends them (https://core.telegram.org/api/errors)."""

from __future__ import annotations


class RpcFailure(Exception):
    """A request that is answered with ``rpc_error``."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def bad(message: str) -> RpcFailure:
    """400: the request cannot be served as it is."""
    return RpcFailure(400, message)


def unauthorized(message: str) -> RpcFailure:
    """401: this key may not do that."""
    return RpcFailure(401, message)


# Those whose code is not 400; the pages of the methods list them.
CODES = {
    "AUTH_KEY_UNREGISTERED": 401,
    "AUTH_KEY_INVALID": 401,
    "SESSION_REVOKED": 401,
    "SESSION_EXPIRED": 401,
    "USER_DEACTIVATED": 401,
    "USER_DEACTIVATED_BAN": 401,
    "SESSION_PASSWORD_NEEDED": 401,
    "AUTH_KEY_DUPLICATED": 406,
    "CHANNEL_PRIVATE": 406,
    "INVITE_HASH_EXPIRED": 406,
    "SEND_CODE_UNAVAILABLE": 406,
    "INTERNAL": 500,
    "INTERNAL_SERVER_ERROR": 500,
    "RPC_CALL_FAIL": 500,
    "RPC_MCGET_FAIL": 500,
    "TIMEOUT": -503,
}


def named(message: str, code: int | None = None) -> RpcFailure:
    """The error with this name, under the code that Telegram uses for it."""
    if code is None:
        flood = message.startswith(("FLOOD_", "SLOWMODE_WAIT_", "TAKEOUT_INIT_DELAY_"))
        code = 420 if flood else CODES.get(message, 400)
    return RpcFailure(code, message)

"""Logging in by QR code (https://core.telegram.org/api/qr-login)."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from telethon.tl import functions, types

from sandbox.rpc.auth import logged_in
from sandbox.rpc.errors import bad, unauthorized
from sandbox.rpc.registry import method
from sandbox.tl.peers import when

if TYPE_CHECKING:
    from sandbox.mtproto.session import AuthKey
    from sandbox.rpc.registry import Call
    from sandbox.server import Server

#: "an expiration date (usually 30 seconds)"
TOKEN_SECONDS = 30.0


@dataclass(slots=True)
class LoginToken:
    """A token that a key asked for; `user_id` is who accepted it."""

    token: bytes
    key_id: bytes
    expires: float
    user_id: int | None = None


class LoginTokens:
    """The tokens of a server, by their bytes: one a key at a time."""

    def __init__(self) -> None:
        self.seconds = TOKEN_SECONDS
        self._tokens: dict[bytes, LoginToken] = {}

    def clear(self) -> None:
        self._tokens.clear()
        self.seconds = TOKEN_SECONDS

    def waiting(self) -> list[bytes]:
        """Those that are good and that nobody has accepted."""
        now = time.time()
        return [
            one.token for one in self._tokens.values() if one.user_id is None and one.expires > now
        ]

    def of(self, key: AuthKey) -> LoginToken:
        """The key's token while it is good, else a new one."""
        for item in list(self._tokens.values()):
            if item.expires < time.time():
                del self._tokens[item.token]
            elif item.key_id == key.key_id:
                return item
        made = LoginToken(secrets.token_bytes(32), key.key_id, time.time() + self.seconds)
        self._tokens[made.token] = made
        return made

    def find(self, token: bytes) -> LoginToken:
        """A token that is good; errors as the pages of importLoginToken and acceptLoginToken say."""
        found = self._tokens.get(token)
        if found is None:
            raise bad("AUTH_TOKEN_INVALID")
        if found.expires < time.time():
            raise bad("AUTH_TOKEN_EXPIRED")
        return found

    def drop(self, item: LoginToken) -> None:
        self._tokens.pop(item.token, None)


def accept(server: Server, token: bytes, user_id: int) -> LoginToken:
    """What a phone does with a code that it has read: whoever shows it is told.

    https://core.telegram.org/constructor/updateLoginToken
    """
    found = server.login_tokens.find(token)
    if found.user_id is not None:
        raise bad("AUTH_TOKEN_ALREADY_ACCEPTED")
    found.user_id = user_id
    key = server.keys.get(found.key_id)
    if key is not None:
        update = types.UpdateShort(types.UpdateLoginToken(), when(int(time.time())))
        for connection in list(key.users):
            session = connection.session
            if session is not None and not session.refuses_updates:
                connection.send(session, bytes(update), content=True)
    return found


@method(functions.auth.ExportLoginTokenRequest, anonymous=True)
def export_login_token(call: Call) -> Any:
    """See <https://core.telegram.org/method/auth.exportLoginToken>."""
    request = call.request
    if call.world.apps.get(request.api_id) != request.api_hash:
        raise bad("API_ID_INVALID")
    call.key.api_id = request.api_id
    item = call.server.login_tokens.of(call.key)
    if item.user_id is None:
        return types.auth.LoginToken(when(int(item.expires)), item.token)
    home = call.server.home(item.user_id)
    if home != call.key.dc:
        return types.auth.LoginTokenMigrateTo(home, item.token)
    return _success(call, item)


@method(functions.auth.ImportLoginTokenRequest, anonymous=True)
def import_login_token(call: Call) -> Any:
    """See <https://core.telegram.org/method/auth.importLoginToken>."""
    item = call.server.login_tokens.find(call.request.token)
    if item.user_id is None:
        return types.auth.LoginToken(when(int(item.expires)), item.token)
    return _success(call, item)


def _success(call: Call, item: LoginToken) -> Any:
    if item.user_id is None:
        raise bad("AUTH_TOKEN_INVALID")
    account = call.world.accounts[item.user_id]
    call.server.login_tokens.drop(item)
    if account.password is not None:
        call.key.pending_user_id = account.user_id
        call.server.keys.save(call.key)
        raise unauthorized("SESSION_PASSWORD_NEEDED")
    return types.auth.LoginTokenSuccess(logged_in(call, account))


@method(functions.auth.AcceptLoginTokenRequest)
def accept_login_token(call: Call) -> Any:
    """See <https://core.telegram.org/method/auth.acceptLoginToken>."""
    accept(call.server, call.request.token, call.user_id)
    now = when(int(time.time()))
    return types.Authorization(
        0, "tgadmin", "", "", call.key.api_id, "", "", now, now, "127.0.0.1", "", ""
    )

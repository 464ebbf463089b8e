"""Logging in and out (https://core.telegram.org/api/auth)."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from typing import TYPE_CHECKING, Any

from telethon.tl import functions, types

from sandbox.mtproto.handshake import DH_PRIME, G
from sandbox.rpc import srp
from sandbox.rpc.errors import bad, named, unauthorized
from sandbox.rpc.peers import user_tl
from sandbox.rpc.registry import method
from sandbox.tl.media import OTHER_DC, THIS_DC
from sandbox.tl.vector import TRUE

if TYPE_CHECKING:
    from sandbox.rpc.registry import Call
    from sandbox.world.model import Account

CODE_SECONDS = 300


def _phone(text: str) -> str:
    """Digits only, or PHONE_NUMBER_INVALID."""
    digits = re.sub(r"[\s()+-]", "", text)
    if not re.fullmatch(r"\d{7,15}", digits):
        raise bad("PHONE_NUMBER_INVALID")
    return digits


def _code_for(call: Call, phone: str) -> str:
    account = call.world.by_phone.get(phone)
    return account.code if account else "00000"


# How a code is sent, and, after each, how it is when it is asked for again:
# <https://core.telegram.org/api/auth#code-types>
WAYS = (
    (types.auth.SentCodeTypeApp, types.auth.CodeTypeSms),
    (types.auth.SentCodeTypeSms, types.auth.CodeTypeCall),
    (types.auth.SentCodeTypeCall, None),
)


def _send(call: Call, phone: str, way: int = 0) -> Any:
    code_hash = secrets.token_hex(9)
    code = _code_for(call, phone)
    made, following = WAYS[way]
    body = {
        "hash": code_hash,
        "code": code,
        "expires": time.time() + call.server.code_seconds,
        "way": way,
    }
    call.server.store.put_code(phone, body)
    return types.auth.SentCode(
        made(len(code)),
        code_hash,
        next_type=following() if following else None,
        timeout=60 if following else None,
    )


@method(functions.auth.SendCodeRequest, anonymous=True)
def send_code(call: Call) -> Any:
    """See <https://core.telegram.org/method/auth.sendCode>."""
    request = call.request
    if call.world.apps.get(request.api_id) != request.api_hash:
        raise bad("API_ID_INVALID")
    phone = _phone(request.phone_number)
    account = call.world.by_phone.get(phone)
    if account is not None and account.banned:
        raise bad("PHONE_NUMBER_BANNED")
    home = call.server.home(account.user_id) if account else call.key.dc
    if home != call.key.dc:
        # https://core.telegram.org/api/datacenter#user-migration
        raise named(f"PHONE_MIGRATE_{home}", 303)
    call.key.api_id = request.api_id
    return _send(call, phone)


@method(functions.auth.ResendCodeRequest, anonymous=True)
def resend_code(call: Call) -> Any:
    """See <https://core.telegram.org/method/auth.resendCode>: by the way that was told as
    `next_type`, and SEND_CODE_UNAVAILABLE after the last.
    """
    phone = _phone(call.request.phone_number)
    sent = _pending(call, phone, call.request.phone_code_hash)
    way = sent.get("way", 0) + 1
    if way == len(WAYS):
        raise named("SEND_CODE_UNAVAILABLE")
    return _send(call, phone, way)


@method(functions.auth.CancelCodeRequest, anonymous=True)
def cancel_code(call: Call) -> Any:
    """See <https://core.telegram.org/method/auth.cancelCode>."""
    phone = _phone(call.request.phone_number)
    _pending(call, phone, call.request.phone_code_hash)
    call.server.store.put_code(phone, None)
    return TRUE


def _pending(call: Call, phone: str, code_hash: str) -> dict[str, Any]:
    """The code that was sent with this hash; PHONE_CODE_EXPIRED when it is no more."""
    if not code_hash:
        raise bad("PHONE_CODE_HASH_EMPTY")
    sent = call.server.store.code(phone)
    if sent is None or sent["hash"] != code_hash or sent["expires"] < time.time():
        raise bad("PHONE_CODE_EXPIRED")
    return sent


@method(functions.auth.SignInRequest, anonymous=True)
def sign_in(call: Call) -> Any:
    """See <https://core.telegram.org/method/auth.signIn>."""
    request = call.request
    phone = _phone(request.phone_number)
    sent = _pending(call, phone, request.phone_code_hash)
    if not request.phone_code:
        raise bad("PHONE_CODE_EMPTY")
    if request.phone_code != sent["code"]:
        raise bad("PHONE_CODE_INVALID")
    account = call.world.by_phone.get(phone)
    if account is None:
        return types.auth.AuthorizationSignUpRequired()
    call.server.store.put_code(phone, None)
    if account.password is not None:
        call.key.pending_user_id = account.user_id
        call.server.keys.save(call.key)
        raise unauthorized("SESSION_PASSWORD_NEEDED")
    return logged_in(call, account)


@method(functions.account.GetPasswordRequest, anonymous=True)
def get_password(call: Call) -> Any:
    """See <https://core.telegram.org/method/account.getPassword>."""
    user_id = call.key.user_id or call.key.pending_user_id
    if user_id is None:
        raise unauthorized("AUTH_KEY_UNREGISTERED")
    account = call.world.accounts[user_id]
    algo, exchange = None, None
    if account.password is not None:
        salt = hashlib.blake2b(str(user_id).encode(), key=call.world.secret, digest_size=24)
        salt1, salt2 = salt.digest()[:8], salt.digest()[8:]
        exchange = srp.start(account.password, salt1, salt2)
        call.server.exchanges[call.key.key_id] = exchange
        algo = _algo(salt1, salt2)
    return types.account.Password(
        new_algo=_algo(os.urandom(8), os.urandom(16)),
        new_secure_algo=types.SecurePasswordKdfAlgoUnknown(),
        secure_random=os.urandom(256),
        has_password=account.password is not None or None,
        hint=account.hint,
        current_algo=algo,
        srp_B=exchange.public.to_bytes(256, "big") if exchange else None,
        srp_id=exchange.id if exchange else None,
    )


def _algo(salt1: bytes, salt2: bytes) -> Any:
    kind = types.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow
    return kind(salt1, salt2, G, DH_PRIME.to_bytes(256, "big"))


@method(functions.auth.CheckPasswordRequest, anonymous=True)
def check_password(call: Call) -> Any:
    """See <https://core.telegram.org/method/auth.checkPassword>."""
    user_id = call.key.pending_user_id or call.key.user_id
    if user_id is None:
        raise unauthorized("AUTH_KEY_UNREGISTERED")
    answer = call.request.password
    exchange = call.server.exchanges.pop(call.key.key_id, None)
    if not isinstance(answer, types.InputCheckPasswordSRP):
        raise bad("PASSWORD_HASH_INVALID")
    if exchange is None or exchange.id != answer.srp_id:
        raise bad("SRP_ID_INVALID")
    if not exchange.check(answer.A, answer.M1):
        raise bad("PASSWORD_HASH_INVALID")
    return logged_in(call, call.world.accounts[user_id])


def logged_in(call: Call, account: Account) -> Any:
    """The key is that person's from now on."""
    call.key.user_id, call.key.pending_user_id = account.user_id, None
    call.server.keys.save(call.key)
    user = call.world.users[account.user_id]
    return types.auth.Authorization(user_tl(call.world, account.user_id, user))


@method(functions.auth.LogOutRequest)
def log_out(call: Call) -> Any:
    """See <https://core.telegram.org/method/auth.logOut>."""
    _ = call.user_id
    call.key.user_id = call.key.pending_user_id = None
    call.server.keys.save(call.key)
    return types.auth.LoggedOut()


@method(functions.auth.ExportAuthorizationRequest)
def export_authorization(call: Call) -> Any:
    """See <https://core.telegram.org/method/auth.exportAuthorization>."""
    if call.request.dc_id == call.key.dc or call.request.dc_id not in {THIS_DC, OTHER_DC}:
        raise bad("DC_ID_INVALID")
    token = secrets.token_bytes(32)
    call.server.exported[token] = (call.user_id, call.request.dc_id)
    return types.auth.ExportedAuthorization(call.user_id, token)


@method(functions.auth.ImportAuthorizationRequest, anonymous=True)
def import_authorization(call: Call) -> Any:
    """See <https://core.telegram.org/method/auth.importAuthorization>."""
    user_id, dc = call.server.exported.pop(call.request.bytes, (0, THIS_DC))
    if not user_id or user_id != call.request.id or dc != call.key.dc:
        raise bad("AUTH_BYTES_INVALID")
    return logged_in(call, call.world.accounts[user_id])

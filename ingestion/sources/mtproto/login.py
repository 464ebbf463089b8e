"""Logging an account in (https://core.telegram.org/api/auth)."""

import asyncio
import re
from typing import Any

from telethon import errors, password
from telethon.tl import functions, types

from ingestion.errors import AccountError, InputError
from ingestion.records import AccountRecord, PasswordNeeded, SentCode
from ingestion.sources.mtproto.mapping import account
from ingestion.sources.mtproto.sentences import CODES
from ingestion.sources.mtproto.wire import Wire


class Login:
    """Phone → code → two-step password when there is one.

    The steps may be on different connections, as long as each starts with the session string
    that the one before ended with.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def send_code(self, phone: str) -> SentCode:
        """Ask Telegram to send a code to this number's owner."""
        client = self._wire.client
        sent = await self._wire.call(
            functions.auth.SendCodeRequest(
                _digits(phone), client.api_id, client.api_hash, types.CodeSettings()
            )
        )
        return _sent_code(sent)

    async def resend_code(self, phone: str, phone_code_hash: str) -> SentCode:
        """Ask for the code again, by the way that the last `SentCode.next_type` named.

        https://core.telegram.org/method/auth.resendCode. The code from before is void. AccountError
        SEND_CODE_UNAVAILABLE when there is no other way, InputError PHONE_CODE_EXPIRED when the
        login has to be started anew.
        """
        request = functions.auth.ResendCodeRequest(_digits(phone), phone_code_hash)
        return _sent_code(await self._wire.call(request))

    async def sign_in(
        self, phone: str, code: str, phone_code_hash: str
    ) -> AccountRecord | PasswordNeeded:
        """Finish the login with the code, or learn that a password is needed as well."""
        code = re.sub(r"[\s-]", "", code)
        if not code:
            raise _by_code("PHONE_CODE_EMPTY")
        request = functions.auth.SignInRequest(_digits(phone), phone_code_hash, code)
        try:
            return _authorized(await self._wire.call(request))
        except InputError as error:
            if not isinstance(error.__cause__, errors.SessionPasswordNeededError):
                raise
        state = await self._wire.send(functions.account.GetPasswordRequest())
        return PasswordNeeded(hint=state.hint or "")

    async def check_password(self, text: str) -> AccountRecord:
        """Finish the login with the two-step password (https://core.telegram.org/api/srp)."""
        if not text:
            raise _by_code("PASSWORD_EMPTY")
        state = await self._wire.send(functions.account.GetPasswordRequest())
        # 100,000 rounds of PBKDF2 would hold up everything else in this process.
        proof = await asyncio.to_thread(password.compute_check, state, text)
        return _authorized(await self._wire.send(functions.auth.CheckPasswordRequest(proof)))

    async def log_out(self) -> None:
        """End the login on Telegram's side. The session string is worth nothing afterwards."""
        await self._wire.send(functions.auth.LogOutRequest())

    async def me(self) -> AccountRecord:
        """Return whose login this is; AccountError when it is none any more."""
        users = await self._wire.send(functions.users.GetUsersRequest([types.InputUserSelf()]))
        if not users:
            raise _by_code("AUTH_KEY_UNREGISTERED")
        return account(users[0].to_dict())


def _sent_code(sent: Any) -> SentCode:
    if not isinstance(sent, types.auth.SentCode):
        raise AccountError(
            "LOGIN_WITHOUT_CODE",
            "Telegram does not send a code for this number, but %(what)s.",
            "Log it in with a Telegram app first, then try again.",
            what=type(sent).__name__,
        )
    return SentCode(
        phone_code_hash=sent.phone_code_hash,
        type=_code_type(sent.type, "SentCodeType"),
        length=getattr(sent.type, "length", 0) or 0,
        timeout=sent.timeout,
        next_type=_code_type(sent.next_type, "CodeType") if sent.next_type else "",
    )


def _authorized(result: Any) -> AccountRecord:
    if not isinstance(result, types.auth.Authorization):
        raise _by_code("PHONE_NUMBER_UNOCCUPIED")
    return account(result.user.to_dict())


def _digits(phone: str) -> str:
    """Keep the digits of a number as people write it: "+44 (20) 7946-0958"."""
    digits = re.sub(r"[\s().+-]", "", phone)
    if not digits.isdecimal() or not digits.isascii():
        raise _by_code("PHONE_NUMBER_INVALID")
    return digits


def _code_type(sent: Any, prefix: str) -> str:
    """`flash_call` for a `CodeTypeFlashCall` or a `SentCodeTypeFlashCall`."""
    name = type(sent).__name__.removeprefix(prefix)
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _by_code(code: str) -> Exception:
    return CODES[code].error(code)

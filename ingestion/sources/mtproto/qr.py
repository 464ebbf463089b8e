"""Logging in by a QR code that a phone scans (https://core.telegram.org/api/qr-login)."""

import asyncio
import base64
from typing import Any

from telethon import errors
from telethon.tl import functions, types

from ingestion.errors import InputError
from ingestion.records import AccountRecord, LoginToken, PasswordNeeded
from ingestion.sources.mtproto.mapping import account
from ingestion.sources.mtproto.sentences import CODES
from ingestion.sources.mtproto.wire import Wire


class QrLogin:
    """The code → a phone that accepts it → two-step password when there is one."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def login_token(self) -> LoginToken | AccountRecord | PasswordNeeded:
        """What to show by now, or how the login went: the same question asks both.

        https://core.telegram.org/method/auth.exportLoginToken. A token stays the same until it
        expires. Whoever accepted it may be at home in another data centre: the login moves there,
        and `session_string()` is another one.
        """
        client = self._wire.client
        request = functions.auth.ExportLoginTokenRequest(client.api_id, client.api_hash, [])
        try:
            answer = await self._wire.call(request)
            if isinstance(answer, types.auth.LoginTokenMigrateTo):
                answer = await self._elsewhere(answer)
        except InputError as error:
            if not isinstance(error.__cause__, errors.SessionPasswordNeededError):
                raise
            state = await self._wire.send(functions.account.GetPasswordRequest())
            return PasswordNeeded(hint=state.hint or "")
        if isinstance(answer, types.auth.LoginTokenSuccess):
            return account(answer.authorization.user.to_dict())
        text = base64.urlsafe_b64encode(answer.token).decode().rstrip("=")
        return LoginToken(f"tg://login?token={text}", answer.expires)

    async def _elsewhere(self, moved: Any) -> Any:
        """https://core.telegram.org/method/auth.importLoginToken."""
        await self._wire.move(moved.dc_id)
        answer = await self._wire.call(functions.auth.ImportLoginTokenRequest(moved.token))
        if isinstance(answer, types.auth.LoginTokenMigrateTo):
            raise CODES["AUTH_TOKEN_INVALID"].error("AUTH_TOKEN_INVALID")
        return answer

    async def token_accepted(self, wait: float) -> bool:
        """Whether Telegram tells within `wait` seconds that a phone accepted the token.

        https://core.telegram.org/constructor/updateLoginToken; only a connection that listens
        is told.
        """
        queue = self._wire.client._updates_queue  # noqa: SLF001 - nobody else reads it
        try:
            async with asyncio.timeout(wait):
                while True:
                    told = await queue.get()
                    if isinstance(getattr(told, "update", None), types.UpdateLoginToken):
                        return True
        except TimeoutError:
            return False

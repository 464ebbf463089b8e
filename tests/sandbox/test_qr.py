"""Logging in by QR code (https://core.telegram.org/api/qr-login)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from telethon import errors, functions, types

if TYPE_CHECKING:
    from sandbox.testing import SandboxProcess

PLAIN, GUARDED = "15550001001", "15550001002"


async def test_telethon_logs_in_with_it(sandbox: SandboxProcess, connect: Any) -> None:
    # updateLoginToken tells that it was accepted, then the same question tells who it is
    client = await connect(sandbox, None, receive_updates=True)
    login = await client.qr_login()
    waiting = asyncio.ensure_future(login.wait(10))
    await asyncio.sleep(0)
    phone = await connect(sandbox, PLAIN)
    await phone(functions.auth.AcceptLoginTokenRequest(login.token))
    assert (await waiting).phone == PLAIN
    assert await client.is_user_authorized()


async def test_a_token_is_the_same_until_it_expires(sandbox: SandboxProcess, connect: Any) -> None:
    client = await connect(sandbox, None)
    request = functions.auth.ExportLoginTokenRequest(*sandbox.api, [])
    first = await client(request)
    assert (await client(request)).token == first.token
    sandbox.control("login_tokens", seconds=-1)
    other = await connect(sandbox, None)
    late = await other(request)
    phone = await connect(sandbox, PLAIN)
    for token, error in (
        (b"made up", errors.AuthTokenInvalidError),
        (late.token, errors.AuthTokenExpiredError),
    ):
        with pytest.raises(error):
            await phone(functions.auth.AcceptLoginTokenRequest(token))
    await phone(functions.auth.AcceptLoginTokenRequest(first.token))
    with pytest.raises(errors.AuthTokenAlreadyAcceptedError):
        await phone(functions.auth.AcceptLoginTokenRequest(first.token))


async def test_a_two_step_password_is_asked_for(sandbox: SandboxProcess, connect: Any) -> None:
    client = await connect(sandbox, None)
    request = functions.auth.ExportLoginTokenRequest(*sandbox.api, [])
    shown = await client(request)
    sandbox.control("home", phone=GUARDED, dc=4)
    phone = await connect(sandbox, GUARDED)
    await phone(functions.auth.AcceptLoginTokenRequest(shown.token))
    moved = await client(request)
    assert isinstance(moved, types.auth.LoginTokenMigrateTo)
    type(client)._config = None  # Telethon keeps that of another server on the class
    await client._switch_dc(moved.dc_id)
    with pytest.raises(errors.SessionPasswordNeededError):
        await client(functions.auth.ImportLoginTokenRequest(moved.token))
    account = next(one for one in sandbox.accounts if one["phone"] == GUARDED)
    assert (await client.sign_in(password=account["password"])).phone == GUARDED

"""Logging in and out (https://core.telegram.org/api/auth)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from telethon import errors, functions, types

if TYPE_CHECKING:
    from sandbox.testing import SandboxProcess

PLAIN, CODE = "15550001001", "11111"
GUARDED, GUARDED_CODE = "15550001002", "22222"


async def test_phone_and_code(shared: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/method/auth.sendCode>, <https://core.telegram.org/method/auth.signIn>
    client = await connect(shared, None)
    assert not await client.is_user_authorized()
    await client.send_code_request("+1 (555) 000-1001")
    user = await client.sign_in(PLAIN, CODE)
    assert (user.phone, user.is_self) == (PLAIN, True)
    assert await client.is_user_authorized()


async def test_two_step_password(shared: SandboxProcess, connect: Any) -> None:
    # https://core.telegram.org/api/srp
    client = await connect(shared, None)
    await client.send_code_request(GUARDED)
    with pytest.raises(errors.SessionPasswordNeededError):
        await client.sign_in(GUARDED, GUARDED_CODE)
    assert not await client.is_user_authorized()
    hint = (await client(functions.account.GetPasswordRequest())).hint
    assert hint == "a place by the sea"
    with pytest.raises(errors.PasswordHashInvalidError):
        await client.sign_in(password="tide & harbor 2")
    account = next(a for a in shared.accounts if a["phone"] == GUARDED)
    user = await client.sign_in(password=account["password"])
    assert user.phone == GUARDED


async def test_an_old_srp_id_is_refused(shared: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/method/auth.checkPassword> says SRP_ID_INVALID
    from telethon.password import compute_check

    client = await connect(shared, None)
    await client.send_code_request(GUARDED)
    with pytest.raises(errors.SessionPasswordNeededError):
        await client.sign_in(GUARDED, GUARDED_CODE)
    old = await client(functions.account.GetPasswordRequest())
    await client(functions.account.GetPasswordRequest())
    check = compute_check(old, "tide & harbour 2")
    with pytest.raises(errors.SrpIdInvalidError):
        await client(functions.auth.CheckPasswordRequest(check))


async def test_a_wrong_code(shared: SandboxProcess, connect: Any) -> None:
    client = await connect(shared, None)
    await client.send_code_request(PLAIN)
    with pytest.raises(errors.PhoneCodeInvalidError):
        await client.sign_in(PLAIN, "99999")
    assert (await client.sign_in(PLAIN, CODE)).phone == PLAIN


async def test_an_expired_code(sandbox: SandboxProcess, connect: Any) -> None:
    client = await connect(sandbox, None)
    await client.send_code_request(PLAIN)
    sandbox.control("expire_codes")
    with pytest.raises(errors.PhoneCodeExpiredError):
        await client.sign_in(PLAIN, CODE)


async def test_a_new_code_ends_the_old_one(sandbox: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/method/auth.resendCode>
    client = await connect(sandbox, None)
    first = await client.send_code_request(PLAIN)
    second = await client(functions.auth.ResendCodeRequest(PLAIN, first.phone_code_hash))
    assert second.phone_code_hash != first.phone_code_hash
    with pytest.raises(errors.PhoneCodeExpiredError):
        await client(functions.auth.SignInRequest(PLAIN, first.phone_code_hash, CODE))
    await client(functions.auth.SignInRequest(PLAIN, second.phone_code_hash, CODE))


async def test_a_code_comes_by_one_way_after_the_other(
    sandbox: SandboxProcess, connect: Any
) -> None:
    # <https://core.telegram.org/api/auth#code-types>
    client = await connect(sandbox, None)
    sent = await client.send_code_request(PLAIN)
    ways = [(type(sent.type), type(sent.next_type))]
    for _ in range(2):
        sent = await client(functions.auth.ResendCodeRequest(PLAIN, sent.phone_code_hash))
        ways.append((type(sent.type), type(sent.next_type)))
    assert ways == [
        (types.auth.SentCodeTypeApp, types.auth.CodeTypeSms),
        (types.auth.SentCodeTypeSms, types.auth.CodeTypeCall),
        (types.auth.SentCodeTypeCall, type(None)),
    ]
    with pytest.raises(errors.SendCodeUnavailableError):
        await client(functions.auth.ResendCodeRequest(PLAIN, sent.phone_code_hash))
    assert (await client.sign_in(PLAIN, CODE, phone_code_hash=sent.phone_code_hash)).phone == PLAIN


async def test_a_cancelled_code(sandbox: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/method/auth.cancelCode>
    client = await connect(sandbox, None)
    sent = await client.send_code_request(PLAIN)
    assert await client(functions.auth.CancelCodeRequest(PLAIN, sent.phone_code_hash))
    with pytest.raises(errors.PhoneCodeExpiredError):
        await client(functions.auth.SignInRequest(PLAIN, sent.phone_code_hash, CODE))


@pytest.mark.parametrize(
    ("phone", "error"),
    [
        ("12", errors.PhoneNumberInvalidError),
        ("not a phone", errors.PhoneNumberInvalidError),
        ("15550001999", errors.PhoneNumberBannedError),
    ],
)
async def test_phones_that_cannot_log_in(
    shared: SandboxProcess, connect: Any, phone: str, error: type[Exception]
) -> None:
    # <https://core.telegram.org/method/auth.sendCode#possible-errors>
    api_id, api_hash = shared.api
    client = await connect(shared, None)
    with pytest.raises(error):
        await client(functions.auth.SendCodeRequest(phone, api_id, api_hash, types.CodeSettings()))


async def test_a_wrong_api_hash(shared: SandboxProcess, connect: Any) -> None:
    client = await connect(shared, None)
    request = functions.auth.SendCodeRequest
    with pytest.raises(errors.ApiIdInvalidError):
        await client(request(PLAIN, shared.api[0], "0" * 32, types.CodeSettings()))
    with pytest.raises(errors.ApiIdInvalidError):
        await client(request(PLAIN, 1, shared.api[1], types.CodeSettings()))


async def test_a_phone_without_an_account(shared: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/constructor/auth.authorizationSignUpRequired>
    client = await connect(shared, None)
    sent = await client.send_code_request("15559999999")
    answer = await client(
        functions.auth.SignInRequest("15559999999", sent.phone_code_hash, "00000")
    )
    assert isinstance(answer, types.auth.AuthorizationSignUpRequired)


async def test_logging_out_ends_the_login(sandbox: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/method/auth.logOut>
    session = sandbox.session_string(PLAIN)
    from telethon.sessions import StringSession

    client = await connect(sandbox, None, session=StringSession(session))
    assert await client.is_user_authorized()
    assert await client.log_out()
    again = await connect(sandbox, None, session=StringSession(session))
    assert not await again.is_user_authorized()


async def test_everything_else_needs_a_login(shared: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/api/errors#401-unauthorized>
    client = await connect(shared, None)
    for request in (
        functions.updates.GetStateRequest(),
        functions.contacts.ResolveUsernameRequest("channel_1"),
        functions.messages.GetDialogsRequest(None, 0, types.InputPeerEmpty(), 10, 0),
        functions.account.GetPasswordRequest(),
    ):
        with pytest.raises(errors.AuthKeyUnregisteredError):
            await client(request)
    await client(functions.help.GetConfigRequest())
    assert (await client(functions.help.GetNearestDcRequest())).this_dc == 2


async def test_sessions_that_were_ended_elsewhere(sandbox: SandboxProcess, connect: Any) -> None:
    client = await connect(sandbox)
    assert await client.is_user_authorized()
    assert sandbox.control("revoke", phone=PLAIN, error="SESSION_REVOKED")["revoked"] >= 1
    with pytest.raises(errors.SessionRevokedError):
        await client(functions.updates.GetStateRequest())


async def test_a_takeout_session(shared: SandboxProcess, connect: Any) -> None:
    # <https://core.telegram.org/api/takeout>
    client = await connect(shared)
    async with client.takeout(channels=True) as takeout:
        peer = await client.get_input_entity("channel_1")
        messages = [m async for m in takeout.iter_messages(peer, limit=5, wait_time=0)]
    assert len(messages) == 5
    with pytest.raises(errors.TakeoutInvalidError):
        await client(functions.InvokeWithTakeoutRequest(7, functions.updates.GetStateRequest()))

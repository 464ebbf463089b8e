"""Connecting an account with a session that was made elsewhere."""

import io
import sys
from typing import Any

import pytest

from ingestion.errors import InputError
from ingestion.models import Account
from ingestion.services import accounts
from ingestion.services import calls as posting
from ingestion.services.calls import CallResult
from tests.ingestion.world import World

NUMBER = 2


def take(world: World, session: str) -> tuple[Account, CallResult]:
    api_id, api_hash = world.sandbox.api
    account = accounts.import_session(
        workspace=world.workspace, api_id=api_id, api_hash=api_hash, session=session
    )
    call = posting.post(account=account, kind="check_session")
    world.answer(call)
    account.refresh_from_db()
    return account, posting.result(call)


def test_it_is_checked_by_connecting(world: World) -> None:
    person = world.sandbox.accounts[NUMBER]
    account, result = take(world, world.sandbox.session_string(person["phone"]))
    assert result.state == "answered", result.error
    assert account.state == Account.State.READY
    assert (account.user_id, account.phone) == (person["user_id"], f"+{person['phone']}")


@pytest.mark.parametrize("error", ["AUTH_KEY_DUPLICATED", "SESSION_REVOKED"])
def test_a_dead_session_is_told_and_forgotten(world: World, error: str) -> None:
    phone = world.sandbox.accounts[NUMBER]["phone"]
    session = world.sandbox.session_string(phone)
    world.sandbox.control("revoke", phone=phone, error=error)
    account, result = take(world, session)
    assert result.error_code == error
    assert (account.state, account.session) == (Account.State.NEW, None)


def test_one_that_nobody_knows_any_more(world: World) -> None:
    session = world.sandbox.session_string(world.sandbox.accounts[NUMBER]["phone"])
    # another key: the last bytes are its
    account, result = take(world, session[:300] + "A" * 20 + session[320:])
    assert result.error_code == "AUTH_KEY_UNREGISTERED"
    assert account.session is None


def test_what_is_no_session_is_not_taken(world: World) -> None:
    with pytest.raises(InputError, match="no Telethon string session"):
        take(world, "1BVtsOHIBu")
    assert Account.objects.count() == 1


def test_the_command_reads_it_from_a_pipe(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from ingestion.management.commands import accounts as command

    session = world.sandbox.session_string(world.sandbox.accounts[NUMBER]["phone"])
    api_id, api_hash = world.sandbox.api

    def ask(account: Account, kind: str) -> dict[str, Any]:
        call = posting.post(account=account, kind=kind)
        world.answer(call)
        return posting.result(call).answer

    monkeypatch.setattr(sys, "stdin", io.StringIO(session + "\n"))
    monkeypatch.setattr(command, "ask", ask)
    monkeypatch.setattr(command, "workspace", lambda: world.workspace)
    command.Command().take(label="", api_id=api_id, api_hash=api_hash)
    out = capsys.readouterr().out
    assert "Connected as" in out
    assert session not in out

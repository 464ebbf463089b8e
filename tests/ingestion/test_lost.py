"""Logins that Telegram ends: recognised whoever notices, and found to work again."""

import pytest

from ingestion.models import Account
from ingestion.services import calls as posting
from tests.ingestion.world import World

#: Codes: https://core.telegram.org/api/errors#401-unauthorized, and of frozen accounts
#: https://core.telegram.org/api/auth#frozen-accounts.
LOST = {
    "AUTH_KEY_UNREGISTERED": (401, "does not know this login any more"),
    "SESSION_REVOKED": (401, "or with a change of the password"),
    "USER_DEACTIVATED": (401, "was deleted"),
    "USER_DEACTIVATED_BAN": (401, "has banned this account"),
    "FROZEN_METHOD_INVALID": (420, "has frozen this account"),
}


def ask(world: World, kind: str, **arguments: str) -> posting.CallResult:
    call = posting.post(account=world.account, kind=kind, arguments=arguments)
    world.answer(call)
    world.account.refresh_from_db()
    return posting.result(call)


@pytest.mark.parametrize("code", LOST)
def test_a_person_who_asks_something_finds_it_out_for_all(world: World, code: str) -> None:
    number, words = LOST[code]
    world.sandbox.fault(code.lower(), "*", code=number)
    told = ask(world, "preview", ref="@channel_1")
    assert (told.state, told.error_code) == ("failed", code)
    assert (world.account.state, world.account.error_code) == (Account.State.LOST, code)
    assert words in world.account.error
    assert world.account.error_at


def test_a_login_that_works_again_is_found_to(world: World) -> None:
    world.sandbox.fault("frozen_method_invalid", "messages.getDialogs", code=420, count=2)
    ask(world, "dialogs")
    assert world.account.state == Account.State.LOST
    assert ask(world, "check").error_code == "FROZEN_METHOD_INVALID"
    assert world.account.state == Account.State.LOST
    assert ask(world, "check").state == "answered"
    assert (world.account.state, world.account.error_code) == (Account.State.READY, "")


def test_what_limits_an_account_does_not_end_its_login(world: World) -> None:
    world.sandbox.fault("peer_flood", "*", code=400)
    told = ask(world, "preview", ref="@channel_1")
    assert told.error_code == "PEER_FLOOD"
    assert world.account.state == Account.State.READY


def test_a_login_that_was_never_finished_is_not_lost(world: World) -> None:
    Account.objects.filter(pk=world.account.pk).update(state=Account.State.CODE_SENT)
    world.account.refresh_from_db()
    world.sandbox.fault("auth_key_unregistered", "*", code=401)
    ask(world, "preview", ref="@channel_1")
    assert world.account.state == Account.State.CODE_SENT

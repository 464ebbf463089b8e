"""String sessions: connecting an account with one, and exporting an account's own."""

import base64
from collections.abc import Callable

import orjson
import pytest
import redis
from django.test import Client

from ingestion.models import Account, AccountCall
from tests.dashboard.world import World
from workspaces.models import AuditEvent

ClientOf = Callable[[str], Client]
SESSION = "1" + base64.urlsafe_b64encode(b"\x02" + bytes(4) + b"\x01\xbb" + b"k" * 256).decode()
FORM = {"api_id": "12345", "api_hash": "a" * 32, "label": "From elsewhere"}
PASSWORD = "the owner's own"


@pytest.fixture
def account(world: World, valkey: redis.Redis) -> Account:
    """Connected, and its owner's password is known; tries are counted in Valkey."""
    for key in valkey.scan_iter("tgadmin:limit:session:*"):
        valkey.delete(key)
    world.account.session = SESSION
    world.account.save()
    owner = world.people["owner"]
    owner.set_password(PASSWORD)
    owner.save()
    return world.account


def test_a_session_is_taken_and_asked_for_its_person(world: World, client_of: ClientOf) -> None:
    client = client_of("admin")
    assert "AUTH_KEY_DUPLICATED" in client.get("/accounts/import/").content.decode()
    typed = f" {SESSION[:100]}\n{SESSION[100:]} "
    answer = client.post("/accounts/import/", {**FORM, "session": typed})
    account = Account.objects.get(label="From elsewhere")
    assert account.session == SESSION
    call = AccountCall.objects.order_by("-pk")[0]
    assert (call.kind, call.account) == ("check_session", account)
    assert answer["Location"] == f"/calls/{call.pk}/"
    assert orjson.loads(call.arguments or "") == {}
    assert AuditEvent.objects.filter(action="account.session_import").exists()


@pytest.mark.parametrize("text", ["", "1abc", SESSION[:-9], "2" + SESSION[1:]])
def test_what_is_no_session_is_told_and_not_shown_again(
    text: str, world: World, client_of: ClientOf
) -> None:
    before = Account.objects.count()
    answer = client_of("admin").post("/accounts/import/", {**FORM, "session": text})
    assert answer.status_code == 422
    assert Account.objects.count() == before
    if text:
        assert text not in answer.content.decode()


def test_an_owner_sees_it_after_typing_the_password(account: Account, client_of: ClientOf) -> None:
    client = client_of("owner")
    client.force_login(account.workspace.memberships.get(role="owner").user, backend=BACKEND)
    address = f"/accounts/{account.pk}/session/"
    assert SESSION not in client.get(address).content.decode()
    answer = client.post(address, {"password": PASSWORD})
    assert SESSION in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    event = AuditEvent.objects.get(action="account.session_export")
    assert event.user == account.workspace.memberships.get(role="owner").user
    assert SESSION not in str(event.details)
    assert SESSION not in client.get(address).content.decode()


def test_wrong_passwords_are_counted_and_written_down(
    account: Account, client_of: ClientOf
) -> None:
    client = client_of("owner")
    client.force_login(account.workspace.memberships.get(role="owner").user, backend=BACKEND)
    address = f"/accounts/{account.pk}/session/"
    for _ in range(5):
        assert client.post(address, {"password": "guessed"}).status_code == 422
    answer = client.post(address, {"password": PASSWORD})
    assert answer.status_code == 429
    assert SESSION not in answer.content.decode()
    assert AuditEvent.objects.filter(action="account.session_refused").count() == 5


def test_an_admin_may_not(account: Account, client_of: ClientOf) -> None:
    client = client_of("admin")
    for ask in (client.get, client.post):
        assert ask(f"/accounts/{account.pk}/session/").status_code == 403
    assert "Export the session" not in client.get(f"/accounts/{account.pk}/").content.decode()


BACKEND = "django.contrib.auth.backends.ModelBackend"

"""Connecting a Telegram account, step by step."""

from collections.abc import Callable

import orjson
import pytest
from django.test import Client

from ingestion.models import Account, AccountCall
from tests.dashboard.test_channels import answer_call
from tests.dashboard.world import World

ClientOf = Callable[[str], Client]
FORM = {"api_id": "12345", "api_hash": "A" * 32, "phone": "+44 7700 900999", "label": "Third"}


def last_call() -> AccountCall:
    return AccountCall.objects.order_by("-pk")[0]


def test_phone_code_and_password(world: World, client_of: ClientOf) -> None:
    client = client_of("admin")
    client.post("/accounts/connect/", FORM)
    account = Account.objects.get(phone="+447700900999")
    assert account.api_hash == "a" * 32
    assert (last_call().kind, last_call().account) == ("send_code", account)

    account.state, account.code_sent_by = Account.State.CODE_SENT, "app"
    account.save()
    answer_call(last_call(), {"sent_by": "app"})
    page = client.get(f"/calls/{last_call().pk}/", follow=True).content.decode()
    assert "to the Telegram app" in page

    client.post(f"/accounts/{account.pk}/sign-in/", {"code": " 12۳-45 "})
    assert orjson.loads(last_call().arguments or "") == {"code": "12345"}
    account.state, account.password_hint = Account.State.PASSWORD_NEEDED, "the <b>old</b> one"
    account.save()
    answer_call(last_call(), {"password_needed": True})
    page = client.get(f"/calls/{last_call().pk}/", follow=True).content.decode()
    assert "the &lt;b&gt;old&lt;/b&gt; one" in page

    client.post(f"/accounts/{account.pk}/password/", {"password": " s3cret "})
    assert orjson.loads(last_call().arguments or "") == {"password": " s3cret "}
    account.state, account.name = Account.State.READY, "Vera"
    account.save()
    answer_call(last_call(), {"name": "Vera"})
    page = client.get(f"/calls/{last_call().pk}/", follow=True).content.decode()
    assert "Connected" in page
    assert "Add channel" in page


def test_a_code_for_a_connected_account_is_refused(world: World, client_of: ClientOf) -> None:
    before = AccountCall.objects.count()
    answer = client_of("admin").post(f"/accounts/{world.account.pk}/code/", follow=True)
    assert "is already connected" in answer.content.decode()
    assert AccountCall.objects.count() == before


def test_a_wrong_code_is_told_beside_the_field(world: World, client_of: ClientOf) -> None:
    client = client_of("admin")
    account = world.lost
    account.state = Account.State.CODE_SENT
    account.save()
    client.post(f"/accounts/{account.pk}/sign-in/", {"code": "1"})
    answer_call(last_call(), None, "That code is wrong. Look at the newest one and type it again.")
    page = client.get(f"/calls/{last_call().pk}/", follow=True).content.decode()
    assert "That code is wrong." in page
    assert 'name="code"' in page


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("api_id", "", "App api_id"),
        ("api_id", "abc", "is a number"),
        ("api_hash", "xyz", "32 characters"),
        ("phone", "", "country code"),
        ("phone", "12", "no phone number"),
        ("phone", "+447700900123", "already connected"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(
    field: str, value: str, words: str, world: World, client_of: ClientOf
) -> None:
    before = AccountCall.objects.count()
    answer = client_of("owner").post("/accounts/connect/", {**FORM, field: value})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert AccountCall.objects.count() == before


@pytest.mark.parametrize(("step", "field"), [("sign-in", "code"), ("password", "password")])
def test_nothing_typed_is_nothing_asked(
    step: str, field: str, world: World, client_of: ClientOf
) -> None:
    before = AccountCall.objects.count()
    address = f"/accounts/{world.lost.pk}/{step}/"
    page = client_of("owner").post(address, {field: ""}, follow=True).content.decode()
    assert 'class="flash bad"' in page
    assert AccountCall.objects.count() == before


def test_secrets_are_on_no_page(world: World, client_of: ClientOf) -> None:
    world.account.session = "s3ss10n-of-vera"
    world.account.api_hash = "c0ffee" * 5 + "00"
    world.account.save()
    client = client_of("owner")
    for address in ("/accounts/", f"/accounts/{world.account.pk}/", "/accounts/connect/"):
        page = client.get(address).content.decode()
        assert "s3ss10n" not in page
        assert "c0ffee" not in page


def test_forgetting_says_what_is_kept(world: World, client_of: ClientOf) -> None:
    client = client_of("owner")
    address = f"/accounts/{world.account.pk}/delete/"
    page = client.get(address).content.decode()
    assert "It reads 9 channels." in page
    assert "Everything archived is kept." in page
    client.post(address)
    assert not Account.objects.filter(pk=world.account.pk).exists()

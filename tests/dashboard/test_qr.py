"""Connecting an account with a QR code."""

import re
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from ingestion.models import Account, AccountCall, QrCode
from tests.dashboard.adding import answer_call
from tests.dashboard.world import World

ClientOf = Callable[[str], Client]
URL = "tg://login?token=AQJ4c2VjcmV0LXRva2Vu"
LIVE = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def account(world: World) -> Account:
    return world.lost


def show(account: Account, url: str = URL) -> None:
    now = timezone.now()
    QrCode.objects.update_or_create(
        account=account,
        defaults={"url": url, "expires_at": now + timedelta(seconds=30), "shown_at": now},
    )


def last_call() -> AccountCall:
    return AccountCall.objects.order_by("-pk")[0]


def test_from_the_form_without_a_number(world: World, client_of: ClientOf) -> None:
    form = {"api_id": "12345", "api_hash": "a" * 32, "phone": "", "label": ""}
    client = client_of("admin")
    assert client.post("/accounts/connect/", {**form, "way": "code"}).status_code == 422
    answer = client.post("/accounts/connect/", {**form, "way": "qr"})
    account = Account.objects.get(phone="")
    assert answer["Location"] == f"/accounts/{account.pk}/qr/"
    # pressed twice, it is one account
    client.post("/accounts/connect/", {**form, "way": "qr"})
    assert Account.objects.filter(phone="").count() == 1


def test_the_page_presses_by_itself_and_shows_what_changes(
    account: Account, client_of: ClientOf
) -> None:
    client = client_of("admin")
    address = f"/accounts/{account.pk}/qr/"
    page = client.get(address).content.decode()
    assert 'hx-trigger="load delay:0s, every 2s"' in page
    assert client.get(f"/accounts/{account.pk}/qr.svg").status_code == 404
    data = {"shown": "none", "since": str(int(time.time()))}
    assert client.post(address, data, **LIVE).status_code == 204  # type: ignore[arg-type]
    assert (last_call().kind, last_call().account) == ("show_qr", account)
    calls = AccountCall.objects.count()
    show(account)
    part = client.post(address, data, **LIVE)  # type: ignore[arg-type]
    assert AccountCall.objects.count() == calls, "one is under way"
    found = re.search(r'name="shown" value="(\w+)"', part.content.decode())
    assert found
    assert URL not in part.content.decode()
    assert client.post(address, {**data, "shown": found[1]}, **LIVE).status_code == 204  # type: ignore[arg-type]
    show(account, URL + "2")
    assert client.post(address, {**data, "shown": found[1]}, **LIVE).status_code == 200  # type: ignore[arg-type]
    account.state = Account.State.PASSWORD_NEEDED
    account.save()
    moved = client.post(address, data, **LIVE)  # type: ignore[arg-type]
    assert moved["HX-Redirect"] == f"/accounts/{account.pk}/"


def test_without_scripts_a_press_renews_it(account: Account, client_of: ClientOf) -> None:
    client = client_of("owner")
    answer = client.post(f"/accounts/{account.pk}/qr/", follow=True)
    assert last_call().kind == "show_qr"
    assert "Show the code" in answer.content.decode()


def test_the_image_has_attributes_alone_and_is_kept_nowhere(
    account: Account, client_of: ClientOf
) -> None:
    show(account)
    answer = client_of("admin").get(f"/accounts/{account.pk}/qr.svg")
    assert answer["Content-Type"] == "image/svg+xml"
    assert "no-store" in answer["Cache-Control"]
    image = answer.content.decode()
    assert "<svg " in image
    assert "style" not in image
    assert "script" not in image


def test_a_refusal_is_told_and_ends_the_polling(account: Account, client_of: ClientOf) -> None:
    client = client_of("admin")
    client.post(f"/accounts/{account.pk}/qr/")
    answer_call(last_call(), None, "Telegram does not accept this pair of API ID and API hash.")
    page = client.get(f"/accounts/{account.pk}/qr/").content.decode()
    assert "does not accept this pair" in page
    assert "hx-post" not in page
    assert "Show a new code" in page


def test_a_page_that_was_forgotten_asks_no_more(account: Account, client_of: ClientOf) -> None:
    before = AccountCall.objects.count()
    data = {"shown": "none", "since": str(int(time.time()) - 601)}
    part = client_of("admin").post(f"/accounts/{account.pk}/qr/", data, **LIVE)  # type: ignore[arg-type]
    assert "Nobody scanned" in part.content.decode()
    assert AccountCall.objects.count() == before

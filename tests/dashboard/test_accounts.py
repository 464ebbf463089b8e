"""Connecting a Telegram account, step by step."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from django.test import Client
from django.utils import timezone

from dashboard import account_day
from ingestion.errors import AccountError
from ingestion.models import (
    Account,
    AccountCall,
    AccountRequests,
    Channel,
    ChannelAccess,
    FloodWait,
    SyncRun,
)
from tests.dashboard.adding import answer_call
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


def test_deleting_says_what_is_kept(world: World, client_of: ClientOf) -> None:
    client = client_of("owner")
    address = f"/accounts/{world.account.pk}/delete/"
    page = client.get(address).content.decode()
    assert "It reads 9 channels." in page
    assert "Everything archived is kept." in page
    client.post(address)
    assert not Account.objects.filter(pk=world.account.pk).exists()


# -- a login that does not go straight ----------------------------------------------------------


@pytest.fixture
def new(world: World) -> Account:
    """An account whose login was begun."""
    return Account.objects.create(
        workspace=world.workspace, phone="+447700900555", api_id=1, api_hash="b" * 32
    )


def code_sent(account: Account, *, next_by: str, seconds: int) -> None:
    account.state, account.code_sent_at = Account.State.CODE_SENT, timezone.now()
    account.code_sent_by, account.code_next_by = "app", next_by
    account.code_again_at = timezone.now() + timedelta(seconds=seconds)
    account.save()


def test_the_code_is_offered_again_when_its_time_has_come(
    world: World, new: Account, client_of: ClientOf
) -> None:
    client = client_of("admin")
    code_sent(new, next_by="call", seconds=42)
    page = client.get(f"/accounts/{new.pk}/").content.decode()
    assert "Telegram can call you in" in page
    assert '/resend/"' not in page
    part = client.get(f"/accounts/{new.pk}/resend/live/")
    assert part.status_code == 200
    assert "0:4" in part.content.decode()
    code_sent(new, next_by="call", seconds=0)
    part = client.get(f"/accounts/{new.pk}/resend/live/")
    assert part.status_code == 286
    assert "call me instead" in part.content.decode()
    client.post(f"/accounts/{new.pk}/resend/")
    assert (last_call().kind, last_call().account) == ("resend_code", new)


def test_where_there_is_no_other_way_a_new_code_is_offered(
    world: World, new: Account, client_of: ClientOf
) -> None:
    code_sent(new, next_by="", seconds=0)
    page = client_of("admin").get(f"/accounts/{new.pk}/").content.decode()
    assert "send another code" in page
    assert f'action="/accounts/{new.pk}/code/"' in page


def test_a_wrong_api_hash_is_told_and_can_be_corrected(
    world: World, new: Account, client_of: ClientOf
) -> None:
    client = client_of("admin")
    client.post(f"/accounts/{new.pk}/code/")
    answer_call(last_call(), None, "Telegram does not know this api_id and api_hash.")
    # Later, too, and without the address of the call.
    page = client.get(f"/accounts/{new.pk}/").content.decode()
    assert "does not know this api_id" in page
    assert f'href="/accounts/{new.pk}/edit/"' in page
    form = client.get(f"/accounts/{new.pk}/edit/").content.decode()
    assert "b" * 32 not in form
    typed = {"api_id": "777", "api_hash": "c" * 32, "phone": "+44 7700 900556", "label": "Third"}
    client.post(f"/accounts/{new.pk}/edit/", typed)
    new.refresh_from_db()
    assert (new.api_id, new.api_hash, new.phone, new.label, new.state) == (
        777,
        "c" * 32,
        "+447700900556",
        "Third",
        "new",
    )


def test_an_empty_api_hash_stays_and_a_begun_login_begins_anew(
    world: World, new: Account, client_of: ClientOf
) -> None:
    new.session = "half"
    code_sent(new, next_by="", seconds=0)
    address = f"/accounts/{new.pk}/edit/"
    client = client_of("admin")
    client.post(address, {"api_id": "1", "api_hash": "", "phone": new.phone, "label": "Name"})
    new.refresh_from_db()
    assert (new.state, new.session, new.label) == ("code_sent", "half", "Name")
    client.post(address, {"api_id": "2", "api_hash": "", "phone": new.phone, "label": "Name"})
    new.refresh_from_db()
    assert (new.state, new.session, new.api_hash) == ("new", None, "b" * 32)


def test_a_number_that_another_account_has_is_refused(
    world: World, new: Account, client_of: ClientOf
) -> None:
    typed = {"api_id": "1", "api_hash": "", "phone": world.account.phone, "label": ""}
    answer = client_of("admin").post(f"/accounts/{new.pk}/edit/", typed)
    assert answer.status_code == 422
    assert "Another account of this workspace" in answer.content.decode()


def test_of_a_connected_account_only_the_name_is_changed(world: World, client_of: ClientOf) -> None:
    client, address = client_of("admin"), f"/accounts/{world.account.pk}/edit/"
    assert 'name="api_id"' not in client.get(address).content.decode()
    client.post(address, {"label": "Desk", "api_id": "9", "phone": "+447700900999"})
    world.account.refresh_from_db()
    assert (world.account.label, world.account.api_id) == ("Desk", 12345)


@pytest.mark.parametrize("role", ["owner", "viewer"])
def test_a_connected_account_shows_its_last_error_and_what_to_do(
    role: str, world: World, client_of: ClientOf
) -> None:
    error = AccountError(
        "PEER_FLOOD",
        "Telegram has limited this account (%(name)s on %(method)s).",
        "Wait some hours before using it again.",
        name="PEER_FLOOD",
        method="channels.JoinChannel",
    )
    address = f"/accounts/{world.account.pk}/"
    before = client_of(role).get(address).text
    assert "has limited this account" not in before
    Account.objects.filter(pk=world.account.pk).update(
        error=error.told, error_code=error.code, error_at=timezone.now()
    )
    page = client_of(role).get(address).text
    (told,) = re.findall(
        r'<p class="flash warn">(?:(?!</p>).)*</svg><span dir="auto">(.*?)</span></p>', page
    )
    assert told == (
        "Telegram has limited this account (PEER_FLOOD on channels.JoinChannel). "
        "Wait some hours before using it again."
    )
    assert "Connected" in page
    assert client_of("stranger").get(address).status_code == 404


def test_disconnecting_asks_first_and_says_what_it_means(world: World, client_of: ClientOf) -> None:
    client, address = client_of("admin"), f"/accounts/{world.account.pk}/disconnect/"
    before = AccountCall.objects.count()
    page = client.get(address).content.decode()
    assert "It is logged out at Telegram" in page
    assert "No other connected account reads 9 of them" in page
    assert AccountCall.objects.count() == before
    client.post(address)
    assert last_call().kind == "log_out"


def test_the_way_to_api_id_and_api_hash_is_told(world: World, client_of: ClientOf) -> None:
    page = client_of("admin").get("/accounts/connect/").content.decode()
    for words in ("my.telegram.org", "API development tools", "Keep them to yourself"):
        assert words in page
    for kind in ('type="tel"', 'inputmode="numeric"', 'autocomplete="tel"'):
        assert kind in page


# -- how its day went ---------------------------------------------------------------------------


def test_requests_of_today_are_told_by_kind_and_by_hour(world: World, client_of: ClientOf) -> None:
    now = datetime(2026, 5, 2, 10, 30, tzinfo=UTC)
    hour = now.replace(minute=0)
    for hours, kind, requests in ((0, "history", 40), (1, "history", 20), (1, "media", 3)):
        AccountRequests.objects.create(
            account=world.account, hour=hour - timedelta(hours=hours), kind=kind, requests=requests
        )
    yesterday = hour - timedelta(hours=20)
    AccountRequests.objects.create(account=world.account, hour=yesterday, kind="login", requests=1)
    found = account_day.requests_of(world.account, now)
    assert found.today == 63
    assert found.kinds == [("History", 60), ("Photos and files", 3)]
    assert [h.requests for h in found.hours[-2:]] == [23, 40]
    assert (len(found.hours), found.most) == (24, 40)
    assert found.label == "64 requests in the last 24 hours, at most 40 in one of them."


def test_flood_waits_stand_where_they_lie_in_the_day(world: World) -> None:
    FloodWait.objects.all().delete()
    now = timezone.now()

    def wait(began: float, ended: float) -> FloodWait:
        """Between two numbers of hours ago."""
        return FloodWait(
            account=world.account,
            method="messages.getHistory",
            seconds=round((began - ended) * 3600),
            started_at=now - timedelta(hours=began),
            until=now - timedelta(hours=ended),
        )

    strip = account_day.floods_of([wait(12, 6), wait(25, 23), wait(1, -1), wait(48, 30)], now)
    assert [(p.x, p.width) for p in strip.pieces] == [
        ("50.00%", "25.00%"),
        ("0.00%", "4.17%"),
        ("95.83%", "4.17%"),
    ]
    assert strip.label == "3 flood waits in the last 24 hours, 8 h in all."
    assert account_day.floods_of([], now).label == "No flood wait in the last 24 hours."


def test_the_page_shows_the_day_the_channels_and_the_runs(
    world: World, client_of: ClientOf
) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    AccountRequests.objects.create(account=world.account, hour=hour, kind="history", requests=1234)
    page = client_of("viewer").get(f"/accounts/{world.account.pk}/").content.decode()
    for words in ("1,234", "1 flood wait in the last 24 hours", "Slow Radio Archive"):
        assert words in page
    runs = SyncRun.objects.filter(account=world.account, state__in=SyncRun.ACTIVE)
    for run in runs:
        assert f'href="/runs/{run.pk}/"' in page
    assert "/edit/" not in page


def test_of_many_channels_the_newest_are_shown_and_the_list_has_all(
    world: World, client_of: ClientOf
) -> None:
    for number in range(30):
        channel = Channel.objects.create(
            workspace=world.workspace, peer_id=-1000 - number, kind="broadcast", title=f"C{number}"
        )
        ChannelAccess.objects.create(channel=channel, account=world.account, access_hash=1)
    client, address = client_of("viewer"), f"/accounts/{world.account.pk}/"
    first = client.get(address).content.decode()
    assert "C29<" in first
    assert "C0<" not in first
    assert first.count("runline") == 8
    every = f"/channels/?account={world.account.pk}"
    assert f'href="{every}"' in first
    listed = client.get(every).content.decode()
    assert "C0<" in listed
    assert "Read by: <b><bdi>Main</bdi></b>" in listed


def test_the_list_tells_requests_of_today(world: World, client_of: ClientOf) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    AccountRequests.objects.create(account=world.account, hour=hour, kind="media", requests=4321)
    assert "4,321" in client_of("viewer").get("/accounts/").content.decode()

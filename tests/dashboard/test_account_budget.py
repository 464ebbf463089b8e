"""How an account is used, who reads a channel, and that a lost login is said on every page."""

from collections.abc import Callable
from datetime import time, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ingestion import readers, usage
from ingestion.errors import AccountError, FloodWait, TakeoutDelay
from ingestion.models import Account, AccountBudget, AccountRequests, ChannelAccess, SyncRun
from tests.dashboard.world import World
from tgadmin.lib.ranges import IdRanges

pytestmark = pytest.mark.django_db

ClientOf = Callable[[str], Client]


def lose(world: World, code: str = "USER_DEACTIVATED_BAN") -> None:
    Account.objects.filter(pk=world.account.pk).update(state=Account.State.READY, session="1x")
    world.account.refresh_from_db()
    readers.lose(
        world.account,
        AccountError(code, "Telegram has banned this account.", "Connect another account."),
    )


def test_pace_quiet_hours_and_takeout_are_chosen_on_a_page(
    world: World, client_of: ClientOf
) -> None:
    address = reverse("account-budget", args=[world.account.pk])
    answer = client_of("admin").post(
        address, {"pace": "gentle", "quiet_from": "23:00", "quiet_to": "07:30", "takeout": "on"}
    )
    assert answer.status_code == 302
    world.account.refresh_from_db()
    assert (world.account.pace, world.account.takeout) == ("gentle", True)
    assert (world.account.quiet_from, world.account.quiet_to) == (time(23), time(7, 30))
    page = client_of("viewer").get(reverse("account", args=[world.account.pk])).content.decode()
    assert "23:00–07:30" in page
    assert "Gentle" in page
    form = client_of("admin").get(address).content.decode()
    assert 'value="23:00"' in form


@pytest.mark.parametrize(
    ("times", "told"),
    [
        ({"quiet_from": "23:00", "quiet_to": ""}, "Quiet hours need a beginning and an end."),
        ({"quiet_from": "07:00", "quiet_to": "07:00"}, "end when they begin are none"),
        ({"quiet_from": "late", "quiet_to": "07:00"}, "A time of day, such as 23:00."),
    ],
)
def test_what_is_wrong_with_the_hours_is_said(
    world: World, client_of: ClientOf, times: dict[str, str], told: str
) -> None:
    address = reverse("account-budget", args=[world.account.pk])
    answer = client_of("owner").post(address, {"pace": "fast", **times})
    assert answer.status_code == 422
    assert told in answer.content.decode()
    world.account.refresh_from_db()
    assert world.account.pace == "normal"


def test_the_account_page_shows_what_was_learned_and_what_is_left(
    world: World, client_of: ClientOf
) -> None:
    AccountBudget.objects.create(
        account=world.account, kind="history", rate=0.97, refused=1.02, saved_at=timezone.now()
    )
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    AccountRequests.objects.filter(account=world.account, kind="resolve").delete()
    AccountRequests.objects.create(account=world.account, hour=hour, kind="resolve", requests=40)
    page = client_of("viewer").get(reverse("account", args=[world.account.pk])).content.decode()
    assert "0.97/s" in page
    assert "1.02/s" in page
    assert "40 of 40" in page
    assert "0 of 8" in page


def test_a_lost_login_is_said_on_every_page_until_somebody_connects_it(
    world: World, client_of: ClientOf
) -> None:
    pages = [reverse(name) for name in ("home", "channels", "messages", "runs", "accounts")]
    told = f"The account <bdi>{world.account}</bdi> cannot be used."
    for page in pages:
        assert told not in client_of("viewer").get(page).content.decode()
    lose(world)
    for page in pages:
        shown = client_of("viewer").get(page).content.decode()
        assert told in shown
        assert "Telegram has banned this account." in shown
    assert told not in client_of("stranger").get(reverse("home")).content.decode()
    own = client_of("admin").get(reverse("account", args=[world.account.pk])).content.decode()
    assert "Banned by Telegram" in own
    assert "Check whether it works again" in own
    Account.objects.filter(pk=world.account.pk).update(state=Account.State.READY)
    assert told not in client_of("viewer").get(pages[0]).content.decode()


def test_checking_a_lost_login_asks_telegram(world: World, client_of: ClientOf) -> None:
    lose(world)
    client_of("admin").post(reverse("account-check", args=[world.account.pk]))
    assert world.account.calls.latest("pk").kind == "check"


def test_a_channel_says_who_reads_it_and_why_others_do_not(
    world: World, client_of: ClientOf
) -> None:
    Account.objects.filter(pk=world.account.pk).update(state=Account.State.READY)
    ChannelAccess.objects.get_or_create(
        channel=world.channel, account=world.account, defaults={"access_hash": 1}
    )
    others = [
        Account.objects.create(
            workspace=world.workspace, phone=f"+999{n}", api_id=1, api_hash="h", state="ready"
        )
        for n in range(3)
    ]
    readers.refused(
        world.channel.pk,
        others[0].pk,
        AccountError("CHANNEL_PRIVATE", "This account may not read the channel."),
    )
    ChannelAccess.objects.create(channel=world.channel, account=others[1], access_hash=2)
    usage.note_wait(others[1].pk, FloodWait(seconds=3000, method="messages.getHistory"))
    address = reverse("channel-readers", args=[world.channel.pk])
    page = client_of("viewer").get(address).content.decode()
    assert "the next run uses it" in page
    assert "was refused" in page
    assert "This account may not read the channel." in page
    assert "limited, ends" in page
    assert "has not opened it yet" in page
    settings = client_of("viewer").get(reverse("channel", args=[world.channel.pk])).content.decode()
    assert address in settings


def test_quiet_hours_are_shown_as_such(world: World, client_of: ClientOf) -> None:
    now = timezone.now()
    Account.objects.filter(pk=world.account.pk).update(
        quiet_from=(now - timedelta(hours=1)).time(), quiet_to=(now + timedelta(hours=1)).time()
    )
    page = client_of("viewer").get(reverse("channel-readers", args=[world.channel.pk]))
    assert "quiet hours, end" in page.content.decode()


def test_a_takeout_that_waits_for_its_owner_can_be_tried_now(
    world: World, client_of: ClientOf
) -> None:
    Account.objects.filter(pk=world.account.pk).update(takeout=True)
    error = TakeoutDelay(86_400)
    run = SyncRun.objects.create(
        channel=world.channel,
        account=world.account,
        kind="repair",
        state="waiting",
        not_before=timezone.now() + timedelta(hours=23, minutes=30),
        error_class=error.error_class,
        error_code=error.code,
        error=error.told,
        press=uuid4(),
        done=IdRanges(),
    )
    press = reverse("run-try-now", args=[run.pk])
    for address in (
        reverse("run", args=[run.pk]),
        reverse("account", args=[world.account.pk]),
    ):
        page = client_of("owner").get(address).content.decode()
        assert f'action="{press}"' in page
        assert "whether its data may be exported" in page
        assert press not in client_of("viewer").get(address).content.decode()
    run_page = client_of("owner").get(reverse("run", args=[run.pk])).content.decode()
    assert "until it goes on by itself" in run_page
    assert client_of("owner").post(press).status_code == 302
    run.refresh_from_db()
    assert (run.state, run.not_before) == ("queued", None)

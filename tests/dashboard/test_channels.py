"""Adding, syncing, setting up and removing a channel, as a person does it."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.test import Client
from django.utils import timezone

from ingestion.models import (
    Account,
    AccountCall,
    ChannelAccess,
    ChannelTotals,
    Message,
    SyncRun,
)
from tests.dashboard.world import World

ClientOf = Callable[[str], Client]


def answer_call(call: AccountCall, answer: dict[str, Any] | None, error: str = "") -> None:
    """As the holder of the account does."""
    call.state = "failed" if answer is None else "answered"
    call.answer = None if answer is None else orjson.dumps(answer).decode()
    call.error, call.error_code = error, "X" if error else ""
    call.answered_at = timezone.now()
    call.save()


def add(client: Client, world: World, name: str) -> Any:
    return client.post("/channels/add/", {"name": name, "account": world.account.pk}, follow=True)


def test_a_channel_is_asked_for_waited_for_and_shown(world: World, client_of: ClientOf) -> None:
    client = client_of("admin")
    page = add(client, world, "https://t.me/new_one")
    call = AccountCall.objects.order_by("-pk")[0]
    assert page.redirect_chain[-1][0].startswith(f"/calls/{call.pk}/")
    assert "Waiting for Telegram" in page.content.decode()
    assert orjson.loads(call.arguments or "") == {"ref": "@new_one"}
    assert client.get(f"/calls/{call.pk}/live/").status_code == 200
    answer_call(call, {"channel_id": world.channel.pk})
    done = client.get(f"/calls/{call.pk}/live/")
    assert (done.status_code, done["HX-Redirect"]) == (286, f"/channels/{world.channel.pk}/")
    assert client.get(f"/calls/{call.pk}/")["Location"] == f"/channels/{world.channel.pk}/"


def test_a_refusal_comes_back_to_the_form_with_what_was_typed(
    world: World, client_of: ClientOf
) -> None:
    client = client_of("admin")
    waiting = add(client, world, "@nobody_here").redirect_chain[-1][0]
    call = AccountCall.objects.order_by("-pk")[0]
    answer_call(call, None, "Nobody on Telegram has the name @nobody_here.")
    page = client.get(waiting, follow=True).content.decode()
    assert "Nobody on Telegram has the name @nobody_here." in page
    assert 'value="@nobody_here"' in page


@pytest.mark.parametrize(
    ("name", "words"),
    [("", "Type the channel"), ("@city_chronicle", "already"), ("not a name!", "")],
)
def test_what_is_wrong_with_a_name_is_told_without_asking_telegram(
    name: str, words: str, world: World, client_of: ClientOf
) -> None:
    before = AccountCall.objects.count()
    answer = add(client_of("admin"), world, name)
    assert answer.status_code == 422
    assert 'class="error"' in answer.content.decode()
    assert words in answer.content.decode()
    assert AccountCall.objects.count() == before


def test_without_an_account_the_way_to_one_is_shown(world: World, client_of: ClientOf) -> None:
    Account.objects.all().delete()
    page = client_of("admin").get("/channels/add/").content.decode()
    assert "Connect a Telegram account first" in page


def test_an_account_of_another_workspace_is_no_choice(world: World, client_of: ClientOf) -> None:
    answer = client_of("stranger").post(
        "/channels/add/", {"name": "@x_channel", "account": world.account.pk}
    )
    assert answer.status_code == 422
    page = client_of("admin").post("/channels/add/", {"name": "@x_channel", "account": "0"})
    assert "no longer connected" in page.content.decode()


def test_sync_now_starts_three_runs_and_shows_them(world: World, client_of: ClientOf) -> None:
    client = client_of("analyst")
    channel = world.channels[2]
    page = client.post(f"/channels/{channel.pk}/sync/", follow=True).content.decode()
    assert SyncRun.objects.filter(channel=channel, state="queued").count() == 3
    assert f'hx-get="/channels/{channel.pk}/live/?seen=' in page


def test_why_a_sync_cannot_start_is_told(world: World, client_of: ClientOf) -> None:
    ChannelAccess.objects.all().delete()
    page = client_of("analyst").post(f"/channels/{world.channel.pk}/sync/", follow=True)
    assert "No account can read" in page.content.decode()


def test_pause_resume_and_cancel_reach_every_run_of_the_press(
    world: World, client_of: ClientOf
) -> None:
    client = client_of("analyst")
    active = SyncRun.objects.filter(channel=world.channel, state__in=SyncRun.ACTIVE)
    client.post(f"/channels/{world.channel.pk}/pause/")
    assert set(active.values_list("state", "stop_wish")) == {("paused", ""), ("running", "pause")}
    assert "Pausing" in client.get(f"/channels/{world.channel.pk}/").content.decode()
    active.update(state="paused", stop_wish="")
    client.post(f"/channels/{world.channel.pk}/resume/")
    assert set(active.values_list("state", flat=True)) == {"queued"}
    client.post(f"/channels/{world.channel.pk}/cancel/")
    assert not active.exists()


def test_the_live_part_stops_when_the_work_is_over(world: World, client_of: ClientOf) -> None:
    client = client_of("viewer")
    address = f"/channels/{world.channel.pk}/live/"
    moving = client.get(address, {"seen": world.message.message_id})
    assert moving.status_code == 200
    assert 'id="newest"' not in moving.content.decode()
    assert 'id="newest"' in client.get(address, {"seen": "1"}).content.decode()
    SyncRun.objects.filter(state__in=SyncRun.ACTIVE).update(state="done")
    over = client.get(address)
    assert over.status_code == 286
    assert "hx-get" not in over.content.decode()
    assert 'id="newest"' in over.content.decode()


def test_a_flood_wait_is_counted_down(world: World, client_of: ClientOf) -> None:
    page = client_of("viewer").get(f"/channels/{world.channels[6].pk}/live/").content.decode()
    assert "<b>14:3" in page
    assert "Telegram asked for a pause" in page


def test_the_last_error_is_told_in_words(world: World, client_of: ClientOf) -> None:
    page = client_of("viewer").get(f"/channels/{world.channels[7].pk}/").content.decode()
    assert "No access" in page
    assert "Join it again with the account" in page


def test_a_schedule_is_set_and_taken_back(world: World, client_of: ClientOf) -> None:
    client = client_of("admin")
    address = f"/channels/{world.channel.pk}/schedule/"
    client.post(address, {"minutes": "45"})
    world.channel.refresh_from_db()
    assert world.channel.sync_every_minutes == 45
    client.post(address, {"minutes": ""})
    world.channel.refresh_from_db()
    assert world.channel.sync_every_minutes is None


@pytest.mark.parametrize("minutes", ["0", "-5", "often", "999999"])
def test_an_impossible_schedule_is_told(minutes: str, world: World, client_of: ClientOf) -> None:
    address = f"/channels/{world.channel.pk}/schedule/"
    page = client_of("admin").post(address, {"minutes": minutes}, follow=True).content.decode()
    assert 'class="flash bad"' in page
    world.channel.refresh_from_db()
    assert world.channel.sync_every_minutes == 15


def test_switched_off_a_channel_offers_no_sync(world: World, client_of: ClientOf) -> None:
    client = client_of("admin")
    client.post(f"/channels/{world.channel.pk}/disable/")
    page = client.get(f"/channels/{world.channel.pk}/").content.decode()
    assert f"/channels/{world.channel.pk}/sync/" not in page
    assert "Syncing is off" in page
    client.post(f"/channels/{world.channel.pk}/enable/")
    world.channel.refresh_from_db()
    assert world.channel.enabled


def test_removing_says_how_many_messages_and_keeps_them(world: World, client_of: ClientOf) -> None:
    client = client_of("admin")
    address = f"/channels/{world.channel.pk}/remove/"
    count = ChannelTotals.objects.get(channel=world.channel).messages
    assert f"{count:,} archived messages" in client.get(address).content.decode()
    page = client.post(address, {"messages": "keep"}, follow=True).content.decode()
    assert "Its messages are kept" in page
    assert Message.objects.filter(channel=world.channel).exists()
    assert "Хроника города" in client.get("/channels/?show=removed").content.decode()
    assert (
        "This channel was removed" in client.get(f"/channels/{world.channel.pk}/").content.decode()
    )


def test_removing_can_delete_the_messages(world: World, client_of: ClientOf) -> None:
    address = f"/channels/{world.channel.pk}/remove/"
    page = client_of("admin").post(address, {"messages": "delete"}, follow=True)
    assert "12 messages were deleted" in page.content.decode()
    assert not Message.objects.filter(channel=world.channel).exists()

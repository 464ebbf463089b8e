"""Adding, syncing, setting up and removing a channel, as a person does it."""

from collections.abc import Callable

import pytest
from django.test import Client

from archive.retention.policy import lift_hold
from ingestion.models import (
    Account,
    Channel,
    ChannelAccess,
    ChannelTotals,
    Message,
    SyncRun,
)
from tests.dashboard.world import World

ClientOf = Callable[[str], Client]


def test_sync_now_starts_three_runs_and_shows_them(world: World, client_of: ClientOf) -> None:
    client = client_of("analyst")
    channel = world.channels[2]
    page = client.post(f"/channels/{channel.pk}/sync/", follow=True).content.decode()
    assert SyncRun.objects.filter(channel=channel, state="queued").count() == 3
    assert f'hx-get="/channels/{channel.pk}/live/?seen=' in page


def test_why_a_sync_cannot_start_is_told(world: World, client_of: ClientOf) -> None:
    ChannelAccess.objects.all().delete()
    Account.objects.update(state="lost")  # so that none finds it by itself
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


def test_removing_a_channel_without_messages_asks_nothing_of_them(
    world: World, client_of: ClientOf
) -> None:
    client = client_of("admin")
    address = f"/channels/{world.channel.pk}/remove/"
    ChannelTotals.objects.filter(channel=world.channel).delete()
    page = client.get(address).content.decode()
    assert "No message of it is archived." in page
    assert "Delete them for good" not in page
    told = client.post(address, {"messages": "keep"}, follow=True).content.decode()
    assert "Undo" in told
    world.channel.refresh_from_db()
    assert world.channel.removed_at


def test_what_is_not_sent_of_the_details_stays(world: World, client_of: ClientOf) -> None:
    Channel.objects.filter(pk=world.channel.pk).update(tags=["news"], notes="Asked Vera.")
    address = f"/channels/{world.channel.pk}/details/"
    for sent, tags, notes in (
        ({}, ["news"], "Asked Vera."),
        ({"notes": "Asked Ann."}, ["news"], "Asked Ann."),
        ({"tags": "port"}, ["port"], "Asked Ann."),
        ({"tags": "", "notes": ""}, [], ""),
    ):
        client_of("admin").post(address, sent)
        world.channel.refresh_from_db()
        assert (world.channel.tags, world.channel.notes) == (tags, notes)


def test_tags_and_notes_are_kept(world: World, client_of: ClientOf) -> None:
    client = client_of("admin")
    address = f"/channels/{world.channel.pk}/details/"
    notes = {"tags": "#news,  port ,News", "notes": "Asked Vera.\r\nTwice."}
    page = client.post(address, notes, follow=True).content.decode()
    world.channel.refresh_from_db()
    assert world.channel.tags == ["news", "port"]
    assert world.channel.notes == "Asked Vera.\nTwice."
    assert 'value="news, port"' in page
    told = client.post(address, {"tags": "x" * 41, "notes": ""}, follow=True).content.decode()
    assert "is too long" in told
    world.channel.refresh_from_db()
    assert world.channel.notes
    assert (
        "Asked Vera." in client_of("viewer").get(f"/channels/{world.channel.pk}/").content.decode()
    )


def test_presets_of_the_schedule_are_one_press(world: World, client_of: ClientOf) -> None:
    client = client_of("admin")
    page = client.get(f"/channels/{world.channel.pk}/").content.decode()
    assert 'value="15" aria-pressed="true"' in page
    assert 'value="1440" aria-pressed="false"' in page
    told = client.post(f"/channels/{world.channel.pk}/schedule/", {"minutes": "1440"}, follow=True)
    assert "It syncs every day from now on." in told.content.decode()


def test_the_accounts_that_read_a_channel_are_named(world: World, client_of: ClientOf) -> None:
    page = client_of("viewer").get(f"/channels/{world.channel.pk}/").content.decode()
    assert f'href="/accounts/{world.account.pk}/"><bdi>Main</bdi>' in page
    ChannelAccess.objects.all().delete()
    assert (
        "no account" in client_of("viewer").get(f"/channels/{world.channel.pk}/").content.decode()
    )


def test_removing_can_delete_the_messages(world: World, client_of: ClientOf) -> None:
    address = f"/channels/{world.channel.pk}/remove/"
    client = client_of("admin")
    for typed in ("", "Хроника"):
        refused = client.post(address, {"messages": "delete", "name": typed})
        assert refused.status_code == 422
        assert "That is not its name" in refused.content.decode()
    assert Message.objects.filter(channel=world.channel).exists()
    held = client.post(address, {"messages": "delete", "name": "Хроника города"})
    assert held.status_code == 422
    assert "Case 12/26" in held.content.decode()
    assert Message.objects.filter(channel=world.channel).exists()
    lift_hold(channel=world.channel)
    page = client.post(address, {"messages": "delete", "name": " хроника города "}, follow=True)
    assert "12 messages were deleted" in page.content.decode()
    assert "Undo" not in page.content.decode()
    assert not Message.objects.filter(channel=world.channel).exists()

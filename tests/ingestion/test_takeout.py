"""Backfills in a takeout session (https://core.telegram.org/api/takeout)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ingestion.models import Account, Channel, SyncRun
from ingestion.services import runs as services
from tests.ingestion.world import World, assert_equal_to_truth

State = SyncRun.State
INIT = "account.initTakeoutSession"
FINISH = "account.finishTakeoutSession"


@pytest.fixture
def channel(world: World) -> Channel:
    Account.objects.filter(pk=world.account.pk).update(takeout=True)
    return world.add("channel_1")


def test_a_backfill_is_read_in_a_takeout_that_is_finished_after_it(
    world: World, channel: Channel
) -> None:
    since = world.sandbox.last_request()
    done = world.sync(channel)
    assert {run.state for run in done.values()} == {State.DONE}
    assert_equal_to_truth(channel, world.sandbox.truth(channel.username))
    names = [entry["method"] for entry in world.sandbox.requests(since)]
    assert names.count(INIT) == names.count(FINISH) == 1
    assert names.index(INIT) < names.index(FINISH)
    # The update came before and the refresh had nothing to do: neither is an export.
    assert names.index("messages.getHistory") < names.index(INIT)
    world.account.refresh_from_db()
    assert world.account.takeout_id is None


def test_one_takeout_serves_the_backfills_of_all_channels(world: World, channel: Channel) -> None:
    other = world.add("channel_2")
    since = world.sandbox.last_request()
    services.request_sync(channel=channel)
    services.request_sync(channel=other)
    world.work()
    assert {run.state for run in SyncRun.objects.all()} == {State.DONE}
    assert len(world.sandbox.requests(since, INIT)) == 1
    assert len(world.sandbox.requests(since, FINISH)) == 1


def test_telegram_asks_the_owner_first_and_the_run_says_so(world: World, channel: Channel) -> None:
    world.sandbox.fault("takeout_init_delay_86400", INIT, code=420)
    done = world.sync(channel)
    run = done["backfill"]
    assert (run.state, run.error_code) == (State.WAITING, "TAKEOUT_INIT_DELAY")
    assert "Telegram asks the account's owner" in run.error
    assert "press Try now" in run.error
    assert run.not_before
    assert timedelta(hours=23) < run.not_before - timezone.now() < timedelta(hours=25)
    # Not allowed yet: Telegram says again how long it takes.
    world.sandbox.fault("takeout_init_delay_3600", INIT, code=420)
    assert services.try_takeout(run=run)
    world.work()
    run.refresh_from_db()
    assert (run.state, run.error_code) == (State.WAITING, "TAKEOUT_INIT_DELAY")
    assert run.not_before - timezone.now() < timedelta(hours=2)
    # Its owner allowed it, and says so.
    since = world.sandbox.last_request()
    assert services.try_takeout(run=run)
    world.work()
    run.refresh_from_db()
    assert run.state == State.DONE
    assert len(world.sandbox.requests(since, INIT)) == 1
    assert_equal_to_truth(channel, world.sandbox.truth(channel.username))
    assert not services.try_takeout(run=run)


def test_try_now_asks_for_every_backfill_that_waits_for_the_owner(
    world: World, channel: Channel
) -> None:
    other = world.add("channel_2")
    world.sandbox.fault("takeout_init_delay_86400", INIT, code=420, count=2)
    services.request_sync(channel=channel)
    services.request_sync(channel=other)
    world.work()
    waiting = SyncRun.objects.filter(state=State.WAITING)
    assert set(waiting.values_list("kind", "error_code")) == {("backfill", "TAKEOUT_INIT_DELAY")}
    assert len(waiting) == 2
    assert services.try_takeout(run=waiting[0])
    world.work()
    assert {run.state for run in SyncRun.objects.all()} == {State.DONE}


def test_one_that_telegram_ended_is_begun_anew(world: World, channel: Channel) -> None:
    Account.objects.filter(pk=world.account.pk).update(takeout_id=42)
    done = world.sync(channel)
    run = done["backfill"]
    assert (run.state, run.error_code) == (State.WAITING, "TAKEOUT_INVALID")
    SyncRun.objects.filter(pk=run.pk).update(state=State.QUEUED, not_before=None)
    world.work()
    run.refresh_from_db()
    assert run.state == State.DONE


def test_one_that_is_not_wanted_any_more_is_finished(world: World, channel: Channel) -> None:
    other = world.add("channel_2")
    world.sandbox.fault("drop_before", "messages.getHistory", skip=3)
    services.request_sync(channel=channel)
    world.work()
    world.account.refresh_from_db()
    assert world.account.takeout_id is not None
    Account.objects.filter(pk=world.account.pk).update(takeout=False)
    since = world.sandbox.last_request()
    world.sync(other)
    assert len(world.sandbox.requests(since, FINISH)) == 1
    world.account.refresh_from_db()
    assert world.account.takeout_id is None

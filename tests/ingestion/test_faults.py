"""Whatever goes wrong: what the person is told, and that the run ends right."""

import threading
import time
from typing import Any

import pytest
from django.utils import timezone

from ingestion.models import (
    Account,
    AccountBudget,
    Channel,
    FloodWait,
    Message,
    MessageStats,
    Quarantine,
    SyncRun,
)
from ingestion.services import calls as posting
from ingestion.services import runs as services
from tests.ingestion.world import World, assert_equal_to_truth, revisions_of
from tgadmin.lib.ranges import IdRanges

pytestmark = pytest.mark.fault

State = SyncRun.State
HISTORY = "messages.getHistory"


@pytest.fixture
def channel(world: World) -> Channel:
    return world.add("channel_1")


@pytest.fixture
def archived(world: World, channel: Channel) -> Channel:
    world.sync(channel)
    return channel


def wait_is_over() -> None:
    """Let the time that runs wait for have passed."""
    SyncRun.objects.filter(state=State.WAITING).update(not_before=timezone.now())
    FloodWait.objects.update(until=timezone.now())


def waiting_run() -> SyncRun:
    return SyncRun.objects.get(state=State.WAITING)


def assert_complete(world: World, channel: Channel) -> None:
    assert not SyncRun.objects.exclude(state=State.DONE).exists()
    assert_equal_to_truth(channel, world.sandbox.truth(channel.peer_id))


def test_a_flood_wait_is_shown_not_slept(world: World, channel: Channel) -> None:
    world.sandbox.fault("flood_wait", HISTORY, seconds=1800, skip=2)
    began = time.monotonic()
    world.sync(channel)
    assert time.monotonic() - began < 20
    run = waiting_run()
    assert run.error_code == "FLOOD_WAIT"
    assert "asked this account to wait 30 min before" in run.error
    assert "Nothing to do" in run.error
    assert run.not_before
    assert 1700 < (run.not_before - timezone.now()).total_seconds() <= 1800
    wait = FloodWait.objects.get()
    assert (wait.method, wait.seconds) == (HISTORY, 1800)
    # Other request types of the account go on …
    other = world.add("channel_2")
    # … and history requests of its other channels wait, without asking again.
    since = world.sandbox.last_request()
    world.sync(other)
    assert not world.history_requests(since)
    wait_is_over()
    world.work()
    assert_complete(world, channel)
    world.account.refresh_from_db()
    assert AccountBudget.objects.get(account=world.account, kind="history").rate


def test_a_flood_wait_of_a_second_is_waited_for(world: World, channel: Channel) -> None:
    world.sandbox.fault("flood_wait", HISTORY, seconds=1, skip=2)
    world.sync(channel)
    assert_complete(world, channel)
    assert FloodWait.objects.get().seconds == 1


@pytest.mark.parametrize("kind", ["drop_before", "drop_half", "drop_after", "internal"])
def test_a_stumble_is_tried_again_and_nothing_is_lost(
    world: World, channel: Channel, kind: str
) -> None:
    world.sandbox.fault(kind, HISTORY, skip=3)
    world.sync(channel)
    run = waiting_run()
    assert run.error_class == "transient"
    assert "again" in run.error
    assert run.attempts == 1
    wait_is_over()
    world.work()
    assert_complete(world, channel)


def test_a_server_that_falls_silent_is_left(world: World, channel: Channel, settings: Any) -> None:
    settings.TELEGRAM_TIMEOUT = 1.5
    world.sandbox.fault("silent", HISTORY, skip=2)
    world.sync(channel)
    assert waiting_run().error_class == "transient"
    wait_is_over()
    world.work()
    assert_complete(world, channel)


@pytest.mark.parametrize(("wish", "state"), [("pause", State.PAUSED), ("cancel", State.CANCELLED)])
def test_a_wish_is_followed_while_the_server_is_silent(
    world: World, channel: Channel, wish: str, state: str
) -> None:
    world.sandbox.fault("silent", HISTORY, skip=2)
    services.request_sync(channel=channel)
    worker = threading.Thread(target=world.work_and_close)
    worker.start()
    run = wait_for_running("backfill")
    wished_at = time.monotonic()
    assert getattr(services, wish)(run=run)
    worker.join(20)
    assert time.monotonic() - wished_at < 8
    run.refresh_from_db()
    assert run.state == state


def wait_for_running(kind: str) -> SyncRun:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        run = SyncRun.objects.filter(kind=kind, state=State.RUNNING).first()
        if run:
            return run
        time.sleep(0.05)
    raise AssertionError(f"No {kind} run started")


def test_a_slow_server_only_takes_longer(world: World, channel: Channel) -> None:
    world.sandbox.fault("slow", HISTORY, seconds=0.3, count=3)
    world.sync(channel)
    assert_complete(world, channel)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("auth_key_duplicated", "used from two places at once"),
        ("auth_key_unregistered", "does not know this login any more"),
        ("session_revoked", "ended in a Telegram app"),
        ("user_deactivated_ban", "banned"),
    ],
)
def test_a_lost_login_stops_its_account_and_no_other(
    world: World, channel: Channel, kind: str, words: str
) -> None:
    world.sandbox.fault(kind, HISTORY, skip=2)
    runs = world.sync(channel)
    failed = [run for run in runs.values() if run.state == State.FAILED]
    assert failed
    assert words in failed[0].error
    world.account.refresh_from_db()
    assert world.account.state == Account.State.LOST
    assert words in world.account.error
    # What came before is safe.
    assert Message.objects.filter(channel=channel).exists()
    # Nothing is asked with the dead login again.
    since = world.sandbox.last_request()
    world.sync(channel)
    assert not world.sandbox.requests(since)
    # Another account of the workspace goes on.
    other = world.second_account()
    theirs = world.with_account(other).add("channel_2")
    assert {run.state for run in world.sync(theirs).values()} == {State.DONE}


def test_a_channel_that_was_closed_fails_alone(world: World, channel: Channel) -> None:
    other = world.add("channel_2")
    world.sandbox.fault("channel_private", HISTORY, channel=channel.peer_id, count=None)
    services.request_sync(channel=channel)
    services.request_sync(channel=other)
    world.work()
    failed = SyncRun.objects.filter(channel=channel)
    assert {run.state for run in failed} <= {State.FAILED, State.DONE}
    run = failed.filter(state=State.FAILED).first()
    assert run
    assert run.error_code == "CHANNEL_PRIVATE"
    assert "private" in run.error
    assert {run.state for run in SyncRun.objects.filter(channel=other)} == {State.DONE}
    assert_equal_to_truth(other, world.sandbox.truth(other.peer_id))


def test_an_unknown_name_is_told_in_words(world: World) -> None:
    call = posting.post(
        account=world.account, kind="add_channel", arguments={"ref": "nobody_has_it"}
    )
    world.answer(call)
    result = posting.result(call)
    assert result.state == "failed"
    assert result.error_code == "USERNAME_NOT_OCCUPIED"
    assert "nobody_has_it" in result.error or "Nobody" in result.error or "no" in result.error
    assert not Channel.objects.exists()


def test_a_message_that_cannot_be_read_is_held_and_asked_for_again(
    world: World, channel: Channel
) -> None:
    victim = sorted(m["id"] for m in world.sandbox.truth(channel.peer_id)["messages"])[-150]
    world.sandbox.fault("garbled", ids=[victim], count=None)
    runs = world.sync(channel)
    assert {run.state for run in runs.values()} == {State.DONE}
    assert runs["backfill"].quarantined == 1
    held = Quarantine.objects.get()
    assert held.message_id == victim
    assert bytes(held.raw)
    assert not Message.objects.filter(message_id=victim).exists()
    found = world.report(channel)
    assert found.gaps == IdRanges.span(victim, victim)
    assert found.messages + found.absent == len(found.covered)
    world.sandbox.clear_faults()
    world.sync(channel)
    assert not Quarantine.objects.exists()
    assert_complete(world, channel)


def test_edits_become_revisions_and_deletions_are_kept(world: World, archived: Channel) -> None:
    alive = [m for m in world.sandbox.truth(archived.peer_id)["messages"] if m["kind"] == "text"]
    edited, viewed, *gone = [m["id"] for m in alive[-4:]]
    before = Message.objects.get(channel=archived, message_id=edited).text
    world.sandbox.edit(archived.peer_id, edited, text="Corrected")
    world.sandbox.set_counters(archived.peer_id, viewed, views=123_456)
    world.sandbox.delete(archived.peer_id, *gone)
    new = world.sandbox.post(archived.peer_id, "Breaking")
    runs = world.sync(archived)
    assert (runs["update"].new, runs["refresh"].changed, runs["refresh"].deleted) == (1, 1, 2)
    assert revisions_of(archived) == {edited: 1}
    assert archived.revisions.get().text == before
    deleted = Message.objects.filter(channel=archived, deleted_at__isnull=False)
    assert {(m.message_id, m.deleted_how) for m in deleted} == {(n, "refresh") for n in gone}
    assert MessageStats.objects.get(channel=archived, message_id=viewed).views == 123_456
    assert Message.objects.filter(channel=archived, message_id=new["id"]).exists()
    assert_complete(world, archived)
    found = world.report(archived)
    assert found.deleted == 2
    assert found.messages + found.absent == len(found.covered)


@pytest.mark.parametrize("kind", ["empty_page", "missing"])
def test_an_odd_answer_marks_nothing_as_deleted(world: World, archived: Channel, kind: str) -> None:
    world.sandbox.fault(kind, HISTORY, skip=1, count=None)
    world.sync(archived)
    run = waiting_run()
    assert run.error_class == "data"
    assert "Nothing was marked as deleted" in run.error
    assert not Message.objects.filter(deleted_at__isnull=False).exists()
    world.sandbox.clear_faults()
    wait_is_over()
    world.work()
    assert_complete(world, archived)


def test_a_message_left_out_of_a_page_is_not_taken_for_deleted(
    world: World, archived: Channel
) -> None:
    left_out = [m["id"] for m in world.sandbox.truth(archived.peer_id)["messages"]][-20:-17]
    world.sandbox.fault("missing", HISTORY, ids=left_out, count=None)
    runs = world.sync(archived)
    assert runs["refresh"].state == State.DONE
    assert runs["refresh"].deleted == 0
    assert world.sandbox.requests(method="channels.getMessages")
    assert_complete(world, archived)


def test_history_that_was_hidden_is_not_taken_for_deleted(world: World, archived: Channel) -> None:
    top = archived.messages.latest("message_id").message_id
    before = archived.available_min_id
    world.sandbox.control("channel", channel=archived.peer_id, available_min_id=top - 40)
    try:
        runs = world.sync(archived)
        assert {run.state for run in runs.values()} == {State.DONE}
        assert not Message.objects.filter(deleted_at__isnull=False).exists()
        found = world.report(archived)
        assert archived.available_min_id == top - 40
        # What was archived before it was hidden stays covered.
        assert not found.hidden
        assert not found.gaps
    finally:
        world.sandbox.control("channel", channel=archived.peer_id, available_min_id=before)

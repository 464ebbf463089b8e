"""A run's history: what each slice did, what was waited for, who pressed; nothing twice."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from ingestion import events, leases, runs, scheduler
from ingestion.errors import AccessError, FloodWait, TransientError
from ingestion.models import Account, AccountLease, Channel, RunEvent, SyncRun
from ingestion.services import runs as services
from ingestion.writer import Batch, RunClaim, write
from tests.factories import make_record, make_user
from tests.ingestion.world import World
from tgadmin.lib.ranges import IdRanges
from workspaces.models import User

Kind = RunEvent.Kind


@pytest.fixture
def run(channel: Channel, account: Account) -> SyncRun:
    services.request_sync(channel=channel)
    SyncRun.objects.exclude(kind="backfill").delete()
    return SyncRun.objects.get()


@pytest.fixture
def person(db: None) -> User:
    return make_user("vera")


def begin(run: SyncRun) -> None:
    assert run.account
    token = leases.acquire(run.account.pk)
    assert token
    run.refresh_from_db()
    assert runs.start(run.pk, run.slice, token)
    run.refresh_from_db()


def bring(run: SyncRun, *ids: int) -> None:
    """A batch of these messages, in two requests."""
    assert run.lease_token
    batch = Batch(run.channel_id, "mtproto", requests=2)
    batch.records = {number: make_record(number) for number in ids}
    batch.answered = batch.covered = IdRanges.single(ids)
    write(batch, RunClaim(run.pk, run.lease_token))


def end(run: SyncRun, how: str = "give_way") -> None:
    assert run.lease_token
    assert run.account
    token = run.lease_token
    assert getattr(runs, how)(run.pk, token)
    leases.release(run.account.pk, token)


def lines(run: SyncRun) -> list[RunEvent]:
    return list(run.events.order_by("pk"))


def test_each_slice_leaves_a_line_with_what_it_did(run: SyncRun) -> None:
    begin(run)
    bring(run, 9, 8)
    end(run)
    begin(run)
    bring(run, 7)
    end(run, "finish")
    first, second = lines(run)
    assert (first.kind, first.slice, first.counts) == (Kind.SLICE, 0, {"new": 2, "requests": 2})
    assert (second.kind, second.slice, second.counts) == (Kind.ENDED, 1, {"new": 1, "requests": 2})
    assert first.began_at
    assert second.began_at
    assert first.began_at <= first.at <= second.began_at <= second.at


def test_a_flood_wait_has_its_end(run: SyncRun) -> None:
    begin(run)
    assert run.lease_token
    runs.end_with(run, run.lease_token, FloodWait(seconds=600, method="messages.getHistory"))
    line = lines(run)[0]
    run.refresh_from_db()
    assert (line.kind, line.error_code, line.until) == (
        Kind.FLOOD_WAIT,
        "FLOOD_WAIT",
        run.not_before,
    )


def test_a_retry_has_its_backoff_and_its_error(run: SyncRun) -> None:
    begin(run)
    assert run.lease_token
    runs.end_with(run, run.lease_token, TransientError("TIMEOUT", "No answer."))
    line = lines(run)[0]
    assert (line.kind, line.error_code, str(line.text)) == (Kind.RETRY, "TIMEOUT", "No answer.")
    assert line.until
    assert timedelta(seconds=1) < line.until - line.at <= timedelta(seconds=2)


def test_a_failure_has_its_reason(run: SyncRun) -> None:
    begin(run)
    assert run.lease_token
    runs.end_with(run, run.lease_token, AccessError("CHANNEL_PRIVATE", "It is private."))
    assert [(e.kind, e.error_code, str(e.text)) for e in lines(run)] == [
        (Kind.ENDED, "CHANNEL_PRIVATE", "It is private.")
    ]


def test_a_worker_that_is_gone_leaves_a_line_with_what_it_had_written(run: SyncRun) -> None:
    begin(run)
    bring(run, 5)
    AccountLease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    scheduler.claim_due()
    scheduler.claim_due()
    assert [(e.kind, e.counts) for e in lines(run)] == [
        (Kind.INTERRUPTED, {"new": 1, "requests": 2})
    ]


def test_who_comes_second_writes_nothing(run: SyncRun) -> None:
    begin(run)
    assert run.lease_token
    assert not runs.give_way(run.pk, uuid4())
    end(run)
    assert not runs.finish(run.pk, run.lease_token)
    assert not services.resume(run=run)
    assert len(lines(run)) == 1


def test_presses_on_a_resting_run_name_the_person(run: SyncRun, person: User) -> None:
    services.pause(run=run, user=person)
    services.pause(run=run, user=person)
    services.resume(run=run, user=person)
    services.cancel(run=run, user=person)
    assert [(e.kind, e.user, e.began_at) for e in lines(run)] == [
        (Kind.PAUSED, person, None),
        (Kind.RESUMED, person, None),
        (Kind.ENDED, person, None),
    ]


@pytest.mark.parametrize(("wish", "kind"), [("pause", Kind.PAUSED), ("cancel", Kind.ENDED)])
def test_a_press_on_a_running_run_is_written_when_its_worker_follows(
    wish: str, kind: str, run: SyncRun, person: User
) -> None:
    begin(run)
    getattr(services, wish)(run=run, user=person)
    assert lines(run) == []
    end(run, "stop")
    assert [(e.kind, e.user) for e in lines(run)] == [(kind, person)]


def test_a_press_that_its_worker_missed_is_written_by_the_tick(run: SyncRun, person: User) -> None:
    SyncRun.objects.filter(pk=run.pk).update(stop_wish="pause", wished_by=person)
    scheduler.claim_due()
    scheduler.claim_due()
    assert [(e.kind, e.user) for e in lines(run)] == [(Kind.PAUSED, person)]


def test_a_wish_that_was_taken_back_leaves_the_slice_alone(run: SyncRun, person: User) -> None:
    begin(run)
    services.pause(run=run, user=person)
    services.resume(run=run, user=person)
    end(run, "stop")
    assert [(e.kind, e.user) for e in lines(run)] == [(Kind.SLICE, None)]


def test_a_long_history_is_folded_and_its_sum_stays(
    run: SyncRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "MOST_LINES", 12)
    monkeypatch.setattr(events, "FIRST_LINES", 2)
    monkeypatch.setattr(events, "LAST_LINES", 4)
    for number in range(1, 41):
        begin(run)
        bring(run, number)
        if number == 5:
            assert run.lease_token
            assert run.account
            runs.end_with(run, run.lease_token, FloodWait(seconds=1, method="x"))
            leases.release(run.account.pk, run.lease_token)
            SyncRun.objects.update(state="queued")
        else:
            end(run)
    kept = lines(run)
    assert len(kept) <= 12
    assert [line.slice for line in kept[:2]] == [0, 1]
    assert kept[-1].slice == 39
    folded = kept[2].counts
    assert folded["waits"] == 1
    assert folded["folded"] == 40 - len(kept) + 1
    run.refresh_from_db()
    assert sum(line.counts["new"] for line in kept) == run.new == 40


def test_a_real_sync_tells_its_story(world: World) -> None:
    channel = world.add("channel_1")
    found = world.sync(channel)
    backfill = found["backfill"]
    told = lines(backfill)
    assert told[-1].kind == Kind.ENDED
    assert sum(line.counts.get("new", 0) for line in told) == backfill.new > 0
    assert sum(line.counts.get("requests", 0) for line in told) == backfill.requests

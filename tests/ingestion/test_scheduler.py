"""What is due is found in PostgreSQL alone, and each change of state happens once."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from ingestion import leases, runs, scheduler
from ingestion.errors import AccessError, DataError, FloodWait, IngestionError, TransientError
from ingestion.models import Account, AccountLease, Channel, ChannelAccess, SyncRun
from ingestion.services import accounts
from ingestion.services import runs as services
from ingestion.wishes import look
from tests.factories import make_channel
from tgadmin.lib.ranges import IdRanges

State = SyncRun.State
Kind = SyncRun.Kind


def of_kind(channel: Channel, kind: str) -> SyncRun:
    return SyncRun.objects.filter(channel=channel, kind=kind).latest("pk")


def due_runs() -> list[int]:
    return [item.run_id for item in scheduler.claim_due()]


def started(run: SyncRun) -> SyncRun:
    """The run as a worker that holds the account has it."""
    assert run.account
    token = leases.acquire(run.account.pk)
    assert token
    assert runs.start(run.pk, run.slice, token)
    run.refresh_from_db()
    return run


def test_a_press_makes_three_runs_and_the_update_goes_first(
    channel: Channel, account: Account
) -> None:
    press = services.request_sync(channel=channel)
    assert set(SyncRun.objects.values_list("kind", "press")) == {
        (Kind.UPDATE, press),
        (Kind.BACKFILL, press),
        (Kind.REFRESH, press),
    }
    assert due_runs() == [of_kind(channel, Kind.UPDATE).pk]


def test_a_second_press_shows_the_first(channel: Channel, account: Account) -> None:
    press = services.request_sync(channel=channel)
    assert services.request_sync(channel=channel) == press
    assert SyncRun.objects.count() == 3


def test_an_update_does_not_wait_for_a_backfill(channel: Channel, account: Account) -> None:
    services.request_sync(channel=channel)
    for kind in (Kind.UPDATE, Kind.REFRESH):
        SyncRun.objects.filter(kind=kind).update(state=State.DONE)
    services.request_sync(channel=channel)
    assert of_kind(channel, Kind.UPDATE).state == State.QUEUED
    assert SyncRun.objects.filter(kind=Kind.BACKFILL).count() == 1


def test_one_run_an_account_and_none_while_it_is_held(channel: Channel, account: Account) -> None:
    other = make_channel(channel.workspace)
    ChannelAccess.objects.create(channel=other, account=account, access_hash=2)
    services.request_sync(channel=channel)
    services.request_sync(channel=other)
    assert len(due_runs()) == 1
    token = leases.acquire(account.pk)
    assert token
    assert due_runs() == []
    assert leases.acquire(account.pk) is None
    leases.release(account.pk, token)
    assert len(due_runs()) == 1


def test_channels_of_one_account_take_turns(channel: Channel, account: Account) -> None:
    other = make_channel(channel.workspace)
    ChannelAccess.objects.create(channel=other, account=account, access_hash=2)
    for each in (channel, other):
        services.request_sync(channel=each)
        SyncRun.objects.filter(channel=each).exclude(kind=Kind.BACKFILL).delete()
    first = started(of_kind(channel, Kind.BACKFILL))
    assert first.lease_token
    runs.give_way(first.pk, first.lease_token)
    leases.release(account.pk, first.lease_token)
    assert due_runs() == [of_kind(other, Kind.BACKFILL).pk]


def test_a_run_whose_worker_is_gone_is_interrupted_and_goes_on(
    channel: Channel, account: Account
) -> None:
    services.request_sync(channel=channel)
    run = started(of_kind(channel, Kind.UPDATE))
    AccountLease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    scheduler.claim_due()
    run.refresh_from_db()
    assert (run.state, run.lease_token) == (State.INTERRUPTED, None)
    assert due_runs() == [run.pk]
    run.refresh_from_db()
    assert (run.state, run.slice) == (State.QUEUED, 1)


def test_a_run_that_was_interrupted_can_be_paused_before_it_goes_on(
    channel: Channel, account: Account
) -> None:
    services.request_sync(channel=channel, kinds=[Kind.UPDATE])
    run = started(of_kind(channel, Kind.UPDATE))
    AccountLease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    scheduler.claim_due()
    assert services.pause(run=run)
    assert due_runs() == []
    run.refresh_from_db()
    assert run.state == State.PAUSED
    assert services.resume(run=run)
    assert due_runs() == [run.pk]


def test_a_worker_that_comes_late_finds_no_row(channel: Channel, account: Account) -> None:
    services.request_sync(channel=channel)
    run = started(of_kind(channel, Kind.UPDATE))
    assert not runs.start(run.pk, run.slice, uuid4())
    assert not runs.finish(run.pk, uuid4())
    run.refresh_from_db()
    assert run.state == State.RUNNING


def test_a_worker_that_dies_without_progress_fails_its_run_in_the_end(
    channel: Channel, account: Account
) -> None:
    services.request_sync(channel=channel)
    run = of_kind(channel, Kind.UPDATE)
    SyncRun.objects.filter(pk=run.pk).update(
        state=State.INTERRUPTED, attempts=scheduler.MOST_INTERRUPTIONS
    )
    scheduler.claim_due()
    run.refresh_from_db()
    assert run.state == State.FAILED
    assert "start it again" in run.error


def test_a_wait_that_ended_is_queued(channel: Channel, account: Account) -> None:
    services.request_sync(channel=channel)
    run = started(of_kind(channel, Kind.UPDATE))
    assert run.lease_token
    runs.end_with(run, run.lease_token, FloodWait(seconds=30, method="messages.getHistory"))
    leases.release(account.pk, run.lease_token)
    run.refresh_from_db()
    assert run.state == State.WAITING
    assert run.not_before
    assert 25 < (run.not_before - timezone.now()).total_seconds() <= 30
    assert due_runs() == []  # what the update must find out first keeps the others back
    SyncRun.objects.filter(pk=run.pk).update(not_before=timezone.now())
    assert due_runs() == [run.pk]


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (TransientError("X", "The network stumbled."), State.WAITING),
        (DataError("X", "An odd answer."), State.WAITING),
        (AccessError("X", "No access."), State.FAILED),
        (IngestionError("X", "Our own fault."), State.FAILED),
    ],
)
def test_the_class_of_an_error_decides_what_happens(
    channel: Channel, account: Account, error: IngestionError, state: str
) -> None:
    services.request_sync(channel=channel)
    run = started(of_kind(channel, Kind.UPDATE))
    assert run.lease_token
    assert runs.end_with(run, run.lease_token, error)
    run.refresh_from_db()
    assert run.state == state
    assert run.error == error.told


def test_transient_errors_in_a_row_fail_the_run_in_the_end(
    channel: Channel, account: Account
) -> None:
    services.request_sync(channel=channel)
    run = of_kind(channel, Kind.UPDATE)
    SyncRun.objects.filter(pk=run.pk).update(attempts=runs.MOST_ATTEMPTS - 1)
    run = started(run)
    assert run.lease_token
    runs.end_with(run, run.lease_token, TransientError("X", "The network stumbled."))
    run.refresh_from_db()
    assert run.state == State.FAILED


@pytest.mark.parametrize("state", [State.QUEUED, State.WAITING])
def test_a_resting_run_is_paused_at_once_and_goes_on_later(
    channel: Channel, account: Account, state: str
) -> None:
    services.request_sync(channel=channel)
    run = of_kind(channel, Kind.UPDATE)
    SyncRun.objects.filter(pk=run.pk).update(state=state)
    assert services.pause(run=run)
    run.refresh_from_db()
    assert run.state == State.PAUSED
    assert services.resume(run=run)
    run.refresh_from_db()
    assert run.state == State.QUEUED


def test_a_running_run_is_told(channel: Channel, account: Account) -> None:
    services.request_sync(channel=channel)
    run = started(of_kind(channel, Kind.UPDATE))
    assert services.cancel(run=run)
    run.refresh_from_db()
    assert (run.state, run.stop_wish) == (State.RUNNING, "cancel")
    assert run.lease_token
    assert runs.stop(run.pk, run.lease_token)
    run.refresh_from_db()
    assert (run.state, run.stop_wish) == (State.CANCELLED, "")
    assert run.ended_at
    assert not services.cancel(run=run)


@pytest.mark.parametrize(
    ("presses", "state"),
    [
        (["pause", "cancel"], State.CANCELLED),
        (["cancel", "pause"], State.CANCELLED),
        (["pause", "resume"], State.QUEUED),
        (["cancel", "resume"], State.CANCELLED),
        (["pause", "resume", "pause"], State.PAUSED),
    ],
)
def test_of_presses_in_a_row_none_is_lost(
    presses: list[str], state: str, channel: Channel, account: Account
) -> None:
    services.request_sync(channel=channel)
    run = started(of_kind(channel, Kind.UPDATE))
    for press in presses:
        getattr(services, press)(run=run)
    assert run.lease_token
    assert runs.stop(run.pk, run.lease_token)
    run.refresh_from_db()
    assert (run.state, run.stop_wish) == (state, "")


def test_runs_of_a_forgotten_account_go_on_with_another(channel: Channel, account: Account) -> None:
    other = Account.objects.create(
        workspace=channel.workspace,
        phone="+9996620002",
        api_id=1,
        api_hash="hash",
        state=Account.State.READY,
    )
    ChannelAccess.objects.create(channel=channel, account=other, access_hash=2)
    services.request_sync(channel=channel)
    started(of_kind(channel, Kind.UPDATE))
    accounts.delete(account=account)
    scheduler.claim_due()
    assert due_runs() == [of_kind(channel, Kind.UPDATE).pk]
    assert set(SyncRun.objects.values_list("account", flat=True)) == {other.pk}


def test_runs_that_nobody_can_do_any_more_end_and_say_so(
    channel: Channel, account: Account
) -> None:
    services.request_sync(channel=channel)
    started(of_kind(channel, Kind.UPDATE))
    accounts.delete(account=account)
    scheduler.claim_due()
    assert due_runs() == []
    assert set(SyncRun.objects.values_list("state", "error_code")) == {(State.FAILED, "NO_ACCOUNT")}


def test_a_wish_that_came_too_late_for_the_worker_is_honoured(
    channel: Channel, account: Account
) -> None:
    services.request_sync(channel=channel)
    SyncRun.objects.filter(kind=Kind.UPDATE).update(stop_wish="pause")
    scheduler.claim_due()
    assert of_kind(channel, Kind.UPDATE).state == State.PAUSED


def test_a_schedule_starts_runs_and_sets_its_next_time(channel: Channel, account: Account) -> None:
    Channel.objects.update(sync_every_minutes=15, next_run_at=timezone.now() - timedelta(seconds=1))
    assert len(due_runs()) == 1
    channel.refresh_from_db()
    assert channel.next_run_at
    assert timedelta(minutes=14) < channel.next_run_at - timezone.now() <= timedelta(minutes=15)
    assert SyncRun.objects.count() == 3


def test_a_channel_without_account_says_so(channel: Channel) -> None:
    with pytest.raises(AccessError, match="Connect a Telegram account"):
        services.request_sync(channel=channel)


def test_one_active_run_a_channel_and_kind(channel: Channel, account: Account) -> None:
    services.request_sync(channel=channel)
    SyncRun.objects.filter(kind=Kind.UPDATE).update(state=State.DONE, done=IdRanges.span(1, 5))
    services.request_sync(channel=channel)
    services.request_sync(channel=channel)
    assert SyncRun.objects.filter(kind=Kind.UPDATE).count() == 2


def test_a_backfill_that_was_passed_over_for_long_has_its_slice(
    channel: Channel, account: Account
) -> None:
    other = make_channel(channel.workspace)
    ChannelAccess.objects.create(channel=other, account=account, access_hash=2)
    services.request_sync(channel=channel)
    SyncRun.objects.exclude(kind=Kind.BACKFILL).delete()
    services.request_sync(channel=other)
    backfill = of_kind(channel, Kind.BACKFILL)
    assert due_runs() == [of_kind(other, Kind.UPDATE).pk]
    long_ago = timezone.now() - SyncRun.PATIENCE * 2
    SyncRun.objects.filter(pk=backfill.pk).update(slice_ended_at=long_ago)
    assert due_runs() == [backfill.pk]
    # It does not give way to the update either, until its slice is over.
    backfill.refresh_from_db()
    run = started(backfill)
    assert look(run.pk, account.pk)[2] is False
    assert run.lease_token
    runs.give_way(run.pk, run.lease_token)
    leases.release(account.pk, run.lease_token)
    assert due_runs() == [of_kind(other, Kind.UPDATE).pk]


@pytest.mark.usefixtures("transactional_db")
def test_the_tick_waits_for_no_press(channel: Channel, account: Account) -> None:
    """What a press on many channels changes at the moment is left out until the next tick."""
    other = make_channel(channel.workspace)
    ChannelAccess.objects.create(channel=other, account=account, access_hash=1)
    past = timezone.now() - timedelta(seconds=1)
    Channel.objects.update(sync_every_minutes=60, next_run_at=past)
    for reader in (channel, other):
        for kind, state in (
            (Kind.UPDATE, State.RUNNING),  # by nobody who lives
            (Kind.BACKFILL, State.WAITING),
            (Kind.REFRESH, State.INTERRUPTED),
        ):
            SyncRun.objects.create(
                channel=reader,
                account=account,
                kind=kind,
                state=state,
                press=uuid4(),
                done=IdRanges(),
                not_before=past,
            )
    pressing = connection.copy()
    try:
        pressing.set_autocommit(False)
        with pressing.cursor() as cursor:
            mine = [channel.pk]
            cursor.execute("SELECT FROM ingestion_syncrun WHERE channel_id = %s FOR UPDATE", mine)
            cursor.execute("SELECT FROM ingestion_channel WHERE id = %s FOR UPDATE", mine)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout TO '50ms'")
        scheduler.claim_due()
        assert states_of(other) == [State.INTERRUPTED, State.QUEUED, State.QUEUED]
        assert states_of(channel) == [State.RUNNING, State.WAITING, State.INTERRUPTED]
        pressing.rollback()
        scheduler.claim_due()
        assert states_of(channel) == [State.INTERRUPTED, State.QUEUED, State.QUEUED]
    finally:
        pressing.close()
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


def states_of(channel: Channel) -> list[str]:
    return list(channel.runs.order_by("pk").values_list("state", flat=True))

"""The tick: finds in PostgreSQL what is due, and says which slices to enqueue.

Nothing here depends on Valkey, so flushing it loses nothing: what is due is found again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from ingestion import events, leases, readers
from ingestion.errors import IngestionError
from ingestion.models import AccountCall, Channel, Coverage, RunEvent, SyncRun
from ingestion.services import runs

State = SyncRun.State

#: One claimer at a time, whatever the number of processes (any number that is ours).
LOCK: Final = 7_410_001

#: A worker that died this often in a row without getting anywhere is killed by the run itself.
MOST_INTERRUPTIONS: Final = 10

#: Seconds after which a worker that reads the web counts as gone.
SILENCE: Final = 10

#: Runs whose worker lost or gave up the account's lease without saying so: it is gone. Of a run
#: without an account the worker gives a sign of life every few seconds.
INTERRUPT: Final = """
UPDATE ingestion_syncrun run
SET state = 'interrupted', lease_token = NULL, slice = slice + 1, attempts = attempts + 1,
    slice_ended_at = now()
WHERE run.id IN (
    SELECT silent.id FROM ingestion_syncrun silent
    WHERE silent.state = 'running' AND NOT EXISTS (
        SELECT FROM ingestion_accountlease lease
        WHERE lease.account_id = silent.account_id AND lease.token = silent.lease_token
          AND lease.expires_at > clock_timestamp()
    ) AND NOT (
        silent.source = 'web_preview'
        AND silent.heartbeat_at > clock_timestamp() - %(silence)s * interval '1 s'
    )
    FOR UPDATE SKIP LOCKED
)
RETURNING run.id
"""

#: One run for each account that nobody holds, or somebody who gives way to runs: who lost patience,
#: then update before refresh before backfill, then whoever waited longest. The first plan of a press
#: is made by its update, which finds the top. Runs that read the web are one at a time: they ask the
#: same server.
PICK: Final = """
SELECT DISTINCT ON (run.account_id) run.id, run.slice
FROM ingestion_syncrun run
WHERE run.state = 'queued'
  AND NOT EXISTS (
      SELECT FROM ingestion_accountlease lease
      WHERE lease.account_id = run.account_id AND lease.token IS NOT NULL
        AND lease.expires_at > clock_timestamp() AND lease.priority <= %(runs)s
  )
  AND NOT (
      run.planned IS NULL AND run.kind <> 'update' AND EXISTS (
          SELECT FROM ingestion_syncrun first
          WHERE first.channel_id = run.channel_id AND first.kind = 'update'
            AND first.state IN ('queued', 'running', 'waiting', 'paused', 'interrupted')
      )
  )
  AND NOT (
      run.source = 'web_preview' AND EXISTS (
          SELECT FROM ingestion_syncrun other
          WHERE other.source = 'web_preview' AND other.state = 'running'
      )
  )
ORDER BY run.account_id,
         coalesce(run.slice_ended_at, run.created_at) < now() - %(patience)s::interval DESC,
         array_position(%(priority)s, run.kind::text),
         run.slice_ended_at NULLS FIRST, run.id
"""


@dataclass(frozen=True, slots=True)
class Due:
    """A slice to enqueue. The job's id is made of both numbers."""

    run_id: int
    slice: int


@contextmanager
def _claimer() -> Iterator[bool]:
    """A transaction in which nobody else claims; False when somebody is at it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        yield bool(cursor.fetchone()[0])


def claim_due() -> list[Due]:
    """Bring every run's state up to date, and return the slices that may start now."""
    with _claimer() as claimed:
        if not claimed:
            return []
        leases.release_of_the_dead()
        leases.end_frozen()
        _honour_wishes()
        _requeue_interrupted()
        _wake()
        readers.forget_refusals()
        _start_schedules()
        _hand_over()
        with connection.cursor() as cursor:
            cursor.execute(
                PICK,
                {
                    "priority": list(SyncRun.PRIORITY),
                    "patience": f"{SyncRun.PATIENCE.total_seconds()} s",
                    "runs": leases.Priority.BACKFILL,
                },
            )
            return [Due(run_id, number) for run_id, number in cursor.fetchall()]


def _free(rows: QuerySet[SyncRun]) -> QuerySet[SyncRun]:
    """Those that nobody else changes now, locked. The tick waits for no press: while it waited,
    everything would stand still, and a press on many runs could wait for it in turn. What is left
    out is found a tick later.
    """
    return rows.select_for_update(skip_locked=True)


def _those(rows: QuerySet[SyncRun]) -> QuerySet[SyncRun]:
    """The same rows for an update, which cannot lock by itself."""
    return SyncRun.objects.filter(pk__in=list(rows.values_list("pk", flat=True)))


def _honour_wishes() -> None:
    """A wish that reached its run just after the worker had left it."""
    resting = SyncRun.objects.filter(state__in=[State.QUEUED, State.WAITING, State.INTERRUPTED])
    for wish, changes, line in (
        (SyncRun.StopWish.PAUSE, {"state": State.PAUSED}, RunEvent.Kind.PAUSED),
        (
            SyncRun.StopWish.CANCEL,
            {"state": State.CANCELLED, "ended_at": Now()},
            RunEvent.Kind.ENDED,
        ),
    ):
        wished = resting.filter(stop_wish=wish)
        for run_id, user_id in list(_free(wished).values_list("pk", "wished_by")):
            # It may have been taken back since: the row count tells.
            if wished.filter(pk=run_id).update(stop_wish="", **changes):
                events.pressed(run_id, line, user_id=user_id)


def _requeue_interrupted() -> None:
    """Those found a tick ago go on; those found now are shown as interrupted until the next."""
    interrupted = SyncRun.objects.filter(state=State.INTERRUPTED)
    dying = interrupted.filter(attempts__gte=MOST_INTERRUPTIONS)
    error = IngestionError(
        "WORKER_DIES",
        "The worker of this run died again and again without getting anywhere.",
        "Look into the workers' log, then start it again.",
    )
    for run_id in list(_free(dying).values_list("pk", flat=True)):
        _fail(dying.filter(pk=run_id), run_id, error)
    _those(_free(interrupted)).update(state=State.QUEUED)
    with connection.cursor() as cursor:
        cursor.execute(INTERRUPT, {"silence": SILENCE})
        found = [row[0] for row in cursor.fetchall()]
    for run_id in found:
        events.slice_ended(run_id, RunEvent.Kind.INTERRUPTED)


def _fail(rows: QuerySet[SyncRun], run_id: int, error: IngestionError) -> None:
    """End a run that rests; nothing where it has moved on."""
    if rows.update(
        state=State.FAILED,
        ended_at=Now(),
        error_class=error.error_class,
        error_code=error.code,
        error=error.told,
    ):
        events.pressed(run_id, RunEvent.Kind.ENDED, error_code=error.code, text=error.told)


def _hand_over() -> None:
    """Runs whose account was forgotten go on with another one that can read the channel. Where
    there is none they end, and say so: nobody would ever start them.
    """
    orphans = SyncRun.objects.filter(
        account=None, state=State.QUEUED, source=Coverage.Source.MTPROTO
    )
    for run in orphans.select_related("channel"):
        account = runs.account_for(run.channel)
        if account:
            orphans.filter(pk=run.pk).update(account=account)
        else:
            _fail(orphans.filter(pk=run.pk), run.pk, runs.no_account(run.channel))


def _wake() -> None:
    waited = SyncRun.objects.filter(state=State.WAITING, not_before__lte=Now())
    _those(_free(waited)).update(state=State.QUEUED, not_before=None)


def _start_schedules() -> None:
    """Channels whose time has come. A conditional update claims each, so two never start it."""
    now = timezone.now()
    channels = Channel.objects.select_for_update(skip_locked=True, no_key=True)
    for channel in channels.filter(next_run_at__lte=now, enabled=True, removed_at__isnull=True)[
        :200
    ]:
        minutes = channel.sync_every_minutes
        following = now + timedelta(minutes=minutes) if minutes else None
        claimed = Channel.objects.filter(pk=channel.pk, next_run_at=channel.next_run_at)
        if claimed.update(next_run_at=following) and minutes:
            try:
                runs.request_sync(channel=channel)
            except IngestionError:
                # No account at the moment; the channel's page says so, and the next time comes.
                continue


def skip_slice(due: Due) -> None:
    """Give a slice another number: its job is stuck in Valkey with a worker that is gone."""
    SyncRun.objects.filter(pk=due.run_id, slice=due.slice, state=State.QUEUED).update(
        slice=F("slice") + 1
    )


def waiting_calls() -> list[int]:
    """Calls that nobody answers at the moment, of accounts that nobody holds."""
    since = timezone.now() - timedelta(seconds=AccountCall.VOID_AFTER)
    return list(
        AccountCall.objects.filter(state=AccountCall.State.PENDING, created_at__gt=since)
        .exclude(account__lease__expires_at__gt=Now(), account__lease__token__isnull=False)
        .values_list("pk", flat=True)
    )

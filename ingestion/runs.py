"""The states of a run. Every change is one conditional update whose row count is checked: who
comes second finds no row and leaves the run alone. The line of its history is written in the same
transaction.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from ingestion import events
from ingestion.errors import ErrorClass, FloodWait, IngestionError, Wait
from ingestion.models import Account, RunEvent, SyncRun
from tgadmin.lib.ranges import IdRanges
from tgadmin.lib.told import NOTHING

State = SyncRun.State
Line = RunEvent.Kind

#: Transient errors in a row after which a run fails.
MOST_ATTEMPTS = 8
#: The longest pause between two attempts, in seconds.
LONGEST_BACKOFF = 300


def start(run_id: int, slice_number: int, token: UUID) -> bool:
    """Queued → running, for whoever holds the account's lease with `token`."""
    return bool(
        SyncRun.objects.filter(pk=run_id, slice=slice_number, state=State.QUEUED).update(
            state=State.RUNNING,
            lease_token=token,
            not_before=None,
            slice_began_at=Now(),
            started_at=Coalesce("started_at", Now()),
        )
    )


def set_plan(run_id: int, token: UUID, planned: IdRanges) -> None:
    """Write down what will be asked for, before it is."""
    SyncRun.objects.filter(pk=run_id, state=State.RUNNING, lease_token=token).update(
        planned=planned
    )


def _leave(
    run_id: int,
    token: UUID,
    state: SyncRun.State,
    kind: RunEvent.Kind,
    *,
    wish: str | None = None,
    **changes: Any,
) -> bool:
    """Running → another state; the slice is over, and its history gets a line of this kind. With
    a `wish`, only while it is wished for.
    """
    wished = {} if wish is None else {"stop_wish": wish}
    if state in SyncRun.ENDED:
        changes["ended_at"] = Now()
    if state is not State.QUEUED:
        changes.setdefault("rate", 0)
    rows = SyncRun.objects.filter(pk=run_id, state=State.RUNNING, lease_token=token, **wished)
    with transaction.atomic():
        left = rows.update(
            state=state,
            lease_token=None,
            slice=F("slice") + 1,
            slice_ended_at=Now(),
            **changes,
        )
        if left:
            by = (
                SyncRun.objects.values_list("wished_by", flat=True).get(pk=run_id) if wish else None
            )
            events.slice_ended(
                run_id,
                kind,
                until=changes.get("not_before"),
                error_code=changes.get("error_code", ""),
                text=changes.get("error", NOTHING),
                user_id=by,
            )
    return bool(left)


def give_way(run_id: int, token: UUID) -> bool:
    """Running → queued: the slice ended, the work did not."""
    return _leave(run_id, token, State.QUEUED, Line.SLICE)


def stop(run_id: int, token: UUID) -> bool:
    """Running → paused or cancelled, as a person wishes by now: whoever paused it may have
    cancelled it since. Running → queued when the wish was taken back.
    """
    for wish, state, kind in (
        (SyncRun.StopWish.CANCEL, State.CANCELLED, Line.ENDED),
        (SyncRun.StopWish.PAUSE, State.PAUSED, Line.PAUSED),
    ):
        if _leave(run_id, token, state, kind, wish=wish, stop_wish=SyncRun.StopWish.NONE):
            return True
    return give_way(run_id, token)


def finish(run_id: int, token: UUID) -> bool:
    """Running → done: the plan is. What went wrong on the way is no longer of interest."""
    quiet: dict[str, Any] = {"stop_wish": "", "error": NOTHING, "error_code": "", "error_class": ""}
    return _leave(run_id, token, State.DONE, Line.ENDED, **quiet)


def end_with(run: SyncRun, token: UUID, error: IngestionError) -> bool:
    """Running → waiting or failed, as the error's class says."""
    attempts = SyncRun.objects.values_list("attempts", flat=True).get(pk=run.pk) + 1
    told: dict[str, Any] = {
        "error_class": error.error_class,
        "error_code": error.code,
        "error": error.told,
    }
    if isinstance(error, Wait):
        until = timezone.now() + timedelta(seconds=error.seconds)
        line = Line.FLOOD_WAIT if isinstance(error, FloodWait) else Line.HELD
        return _leave(run.pk, token, State.WAITING, line, not_before=until, **told)
    retried = error.error_class in (ErrorClass.TRANSIENT, ErrorClass.DATA)
    most = 3 if error.error_class is ErrorClass.DATA else MOST_ATTEMPTS
    told["attempts"] = attempts
    if retried and attempts < most:
        pause = min(2**attempts, LONGEST_BACKOFF)
        until = timezone.now() + timedelta(seconds=pause)
        return _leave(run.pk, token, State.WAITING, Line.RETRY, not_before=until, **told)
    return _leave(run.pk, token, State.FAILED, Line.ENDED, stop_wish="", **told)


def move(run_id: int, token: UUID, account_id: int, error: IngestionError) -> bool:
    """Running → queued, for another account that goes on where this one could not."""
    return _leave(
        run_id,
        token,
        State.QUEUED,
        Line.MOVED,
        account_id=account_id,
        error_class="",
        error_code=error.code,
        error=error.told,
    )


def fail_resting(run_id: int, error: IngestionError) -> bool:
    """Queued, waiting, interrupted → failed: nobody is there to do it."""
    resting = SyncRun.objects.filter(
        pk=run_id, state__in=[State.QUEUED, State.WAITING, State.INTERRUPTED]
    )
    with transaction.atomic():
        failed = resting.update(
            state=State.FAILED,
            ended_at=Now(),
            error_class=error.error_class,
            error_code=error.code,
            error=error.told,
        )
        if failed:
            events.pressed(run_id, Line.ENDED, error_code=error.code, text=error.told)
    return bool(failed)


def note_account_error(account_id: int, error: IngestionError) -> bool:
    """Ready → lost: the login cannot be used until a person connects it again. False when it was
    not ready.
    """
    found = Account.objects.filter(pk=account_id, state=Account.State.READY).update(
        state=Account.State.LOST,
        error_code=error.code,
        error=error.told,
        error_at=Now(),
    )
    return bool(found)

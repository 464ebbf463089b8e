"""The states of a channel's downloads. Every change is one conditional update whose row count is
checked: who comes second finds no row and leaves the line alone.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from ingestion.errors import ErrorClass, IngestionError, Wait
from ingestion.leases import Priority
from ingestion.media import sql
from ingestion.models import MediaLine, Medium
from tgadmin.lib.told import NOTHING

State = MediaLine.State
Wish = MediaLine.StopWish

#: The longest pause between two attempts, in seconds.
LONGEST_BACKOFF: Final = 300
#: Seconds after which a line that had no room looks again.
ROOM_PAUSE: Final = 60
#: Seconds after which a line has a turn before the runs of its account.
PATIENCE: Final = 600
#: Codes of errors that pass when there is room again.
NO_ROOM: Final = frozenset({"MEDIA_QUOTA", "MEDIA_DISK_FULL"})

_QUIET: Final = {"error_class": "", "error_code": "", "error": NOTHING}


def start(channel_id: int, slice_number: int, token: UUID) -> bool:
    """Queued → running, for whoever holds the account's lease with `token`. What an earlier
    worker was fetching when it ended is in the queue again.
    """
    with transaction.atomic():
        started = MediaLine.objects.filter(
            pk=channel_id, slice=slice_number, state=State.QUEUED
        ).update(state=State.RUNNING, lease_token=token, not_before=None)
        if started:
            Medium.objects.filter(channel_id=channel_id, state=Medium.State.FETCHING).update(
                state=Medium.State.PENDING
            )
    return bool(started)


def _leave(channel_id: int, token: UUID, state: MediaLine.State, **changes: Any) -> bool:
    """Running → another state; the slice is over."""
    wished = {"stop_wish": changes.pop("wish")} if "wish" in changes else {}
    if state is not State.QUEUED:
        changes.setdefault("rate", 0)
    with transaction.atomic():
        left = MediaLine.objects.filter(
            pk=channel_id, state=State.RUNNING, lease_token=token, **wished
        ).update(
            state=state, lease_token=None, slice=F("slice") + 1, slice_ended_at=Now(), **changes
        )
        if left:
            Medium.objects.filter(channel_id=channel_id, state=Medium.State.FETCHING).update(
                state=Medium.State.PENDING
            )
            count(channel_id)
    return bool(left)


def give_way(channel_id: int, token: UUID) -> bool:
    """Running → queued: the slice ended, the work did not."""
    return _leave(channel_id, token, State.QUEUED)


def move(channel_id: int, token: UUID, account_id: int) -> bool:
    """Running → queued, for another account that goes on where this one could not."""
    return _leave(channel_id, token, State.QUEUED, account_id=account_id, attempts=0, **_QUIET)


def stop(channel_id: int, token: UUID) -> bool:
    """Running → paused, or idle with nothing left to do, as a person wishes by now; queued when
    the wish was taken back.
    """
    if _leave(channel_id, token, State.PAUSED, wish=Wish.PAUSE, stop_wish=Wish.NONE):
        return True
    with transaction.atomic():
        if _leave(channel_id, token, State.IDLE, wish=Wish.CANCEL, stop_wish=Wish.NONE, **_QUIET):
            forget_open(channel_id)
            return True
    return give_way(channel_id, token)


def finish(channel_id: int, token: UUID) -> bool:
    """Running → idle; → waiting when files are to be tried again; → queued when others came."""
    counts = count(channel_id)
    if counts.ready:
        return _leave(channel_id, token, State.QUEUED, attempts=0, **_QUIET)
    if counts.open:
        return _leave(
            channel_id, token, State.WAITING, not_before=counts.next_at, attempts=0, **_QUIET
        )
    return _leave(channel_id, token, State.IDLE, attempts=0, asked_at=None, **_QUIET)


def end_with(line: MediaLine, token: UUID, error: IngestionError) -> bool:
    """Running → waiting, until what went wrong may have passed; → paused where only a person can
    help.
    """
    attempts = MediaLine.objects.values_list("attempts", flat=True).get(pk=line.pk) + 1
    told: dict[str, Any] = {
        "error_class": error.error_class,
        "error_code": error.code,
        "error": error.told,
        "attempts": attempts,
    }
    if isinstance(error, Wait):
        seconds, told["attempts"] = float(error.seconds), 0
    elif error.code in NO_ROOM:
        seconds, told["attempts"] = ROOM_PAUSE, 0
    elif error.error_class in (ErrorClass.TRANSIENT, ErrorClass.DATA):
        seconds = min(2**attempts, LONGEST_BACKOFF)
    else:
        return _leave(line.pk, token, State.PAUSED, **told)
    until = timezone.now() + timedelta(seconds=seconds)
    return _leave(line.pk, token, State.WAITING, not_before=until, **told)


def forget_open(channel_id: int) -> None:
    """What was to be downloaded is not any more; what is stored stays."""
    rows = Medium.objects.filter(channel_id=channel_id, state__in=Medium.OPEN)
    stored = Q(file__isnull=False) | Q(thumb__isnull=False)
    nothing = {"want": Medium.Want.NOTHING, "asked_at": None, "not_before": None, "offset": 0}
    rows.filter(stored).update(state=Medium.State.DONE, **nothing)
    rows.exclude(stored).update(state=Medium.State.SKIPPED, **nothing)
    count(channel_id)


def wake(channel_id: int) -> None:
    """There is something to do, unless a person paused it or somebody is at it."""
    with connection.cursor() as cursor:
        cursor.execute(sql.WAKE_LINE, {"channel": channel_id})


def planned(channel_id: int) -> None:
    """Which files are wanted is decided: a line without any has nothing to do."""
    if not count(channel_id).open:
        rows = MediaLine.objects.filter(pk=channel_id, state=State.QUEUED, planned_down_to=0)
        rows.update(state=State.IDLE, asked_at=None)


@dataclass(frozen=True, slots=True)
class Counts:
    """`open`: files that are not done; `ready`: those of them that need not wait until
    `next_at`.
    """

    open: int
    ready: int
    next_at: Any


def count(channel_id: int) -> Counts:
    """Count a channel's files anew, and write it down."""
    with connection.cursor() as cursor:
        cursor.execute(sql.COUNT, {"channel": channel_id})
        wanted, wanted_bytes, done, done_bytes, failed, still, next_at, ready = cursor.fetchone()
    MediaLine.objects.filter(pk=channel_id).update(
        wanted_files=wanted,
        wanted_bytes=wanted_bytes,
        done_files=done,
        done_bytes=done_bytes,
        failed_files=failed,
    )
    return Counts(still, ready, next_at)


def revive(now: Any = None) -> None:
    """Bring every line's state up to date: those whose worker is gone, whose wait is over, or
    that were stopped while they rested. The tick calls it.
    """
    now = now or timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(sql.INTERRUPT_LINES)
    MediaLine.objects.filter(state=State.WAITING, not_before__lte=now).update(
        state=State.QUEUED, not_before=None
    )
    resting = MediaLine.objects.exclude(stop_wish=Wish.NONE).exclude(state=State.RUNNING)
    for line in resting.only("pk", "stop_wish"):
        rest(line.pk, line.stop_wish)


def rest(channel_id: int, wish: str) -> None:
    """Honour a stop wish of a line that nobody works on."""
    state = State.PAUSED if wish == Wish.PAUSE else State.IDLE
    rows = MediaLine.objects.filter(pk=channel_id, stop_wish=wish).exclude(state=State.RUNNING)
    with transaction.atomic():
        rested = rows.update(state=state, stop_wish=Wish.NONE, not_before=None, rate=0, **_QUIET)
        if rested and wish == Wish.CANCEL:
            forget_open(channel_id)


def pick() -> list[tuple[int, int]]:
    """Channel and slice number of the lines that may start now."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.PICK_LINES,
            {"update": Priority.UPDATE, "media": Priority.MEDIA, "patience": PATIENCE},
        )
        return [(channel_id, number) for channel_id, number in cursor.fetchall()]


def is_impatient(line: MediaLine) -> bool:
    """Whether it goes before backfills: a person waits for a file, or it was passed over for long."""
    passed_over = line.slice_ended_at and (
        line.slice_ended_at < timezone.now() - timedelta(seconds=PATIENCE)
    )
    return bool(line.asked_at or passed_over)


def skip_slice(channel_id: int, slice_number: int) -> None:
    """Give a slice another number: its job is stuck in Valkey with a worker that is gone."""
    MediaLine.objects.filter(pk=channel_id, slice=slice_number, state=State.QUEUED).update(
        slice=F("slice") + 1
    )

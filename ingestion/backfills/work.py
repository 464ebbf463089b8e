"""Doing backfills: a worker claims one, and does batches until its slice is over."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from ingestion.backfills.registry import Kind, Step, known
from ingestion.models import Backfill
from tgadmin.lib.told import tell

logger = logging.getLogger(__name__)

State = Backfill.State

#: Seconds of one job.
SLICE: Final = 20.0
#: A worker that was not heard of for so long is gone. Longer than any batch takes.
SILENCE: Final = timedelta(seconds=30)
#: Errors in a row after which nobody tries again.
ATTEMPTS: Final = 5


class UnknownBackfill(LookupError):
    """No backfill has this name."""


def start(name: str, *, anew: bool = False) -> Backfill:
    """Have it done: goes on where it was paused or failed, begins again where it was done. One
    that goes on already is left alone, unless `anew`. Raises `UnknownBackfill`.
    """
    kind = _kind(name)
    with transaction.atomic():
        row, made = Backfill.objects.select_for_update().get_or_create(
            name=name, defaults={"estimate": kind.estimate()}
        )
        if made or (row.is_active and not anew):
            return row
        if anew or row.state == State.DONE:
            row.cursor, row.rows, row.changed, row.started_at = None, 0, 0, timezone.now()
        row.state, row.ended_at, row.not_before, row.attempts = State.QUEUED, None, None, 0
        row.worker_token, row.slice, row.error = None, row.slice + 1, tell()
        row.estimate = kind.estimate()
        row.save()
    return row


def pause(name: str) -> bool:
    """False where it does not go on anyway. Its worker sees it with the next batch."""
    active = Backfill.objects.filter(name=name, state__in=[State.QUEUED, State.RUNNING])
    return bool(active.update(state=State.PAUSED, worker_token=None))


@transaction.atomic  # the tick, which calls it, is in none
def revive() -> int:
    """Queue again what a worker left without a word; how many."""
    silent = Backfill.objects.filter(
        state=State.RUNNING, heartbeat_at__lt=timezone.now() - SILENCE
    ).filter(pk__in=Backfill.objects.select_for_update(skip_locked=True).values("pk"))
    return silent.update(state=State.QUEUED, worker_token=None, slice=F("slice") + 1)


def due() -> list[tuple[str, int]]:
    """Names and slices of those that may be worked on now."""
    now = timezone.now()
    rows = Backfill.objects.filter(state=State.QUEUED, name__in=known())
    rows = rows.filter(Q(not_before=None) | Q(not_before__lte=now))
    return list(rows.order_by("started_at").values_list("name", "slice"))


def work_slice(
    name: str,
    slice_number: int,
    *,
    seconds: float = SLICE,
    tell_of: Callable[[Backfill], None] = lambda _row: None,
) -> bool:
    """Do batches for a while; False when this slice is not ours to do, or no longer. `tell_of`
    is given the row after each batch.
    """
    kind, token = _kind(name), uuid4()
    # One worker gets it: the others find no row that is queued with this number.
    claimed = Backfill.objects.filter(name=name, state=State.QUEUED, slice=slice_number)
    if not claimed.update(state=State.RUNNING, worker_token=token, heartbeat_at=Now()):
        return False
    began = time.monotonic()
    try:
        while (row := _batch(kind, token)) is not None:
            tell_of(row)
            if row.state == State.DONE:
                return True
            if time.monotonic() - began >= seconds:
                _leave(name, token)
                return True
    except Exception as error:
        logger.exception("Backfill %s failed", name)
        _failed(name, token, error)
        return True
    return False


def _batch(kind: Kind, token: UUID) -> Backfill | None:
    """One batch and how far it came, in one transaction; None when it is not ours any more."""
    with transaction.atomic():
        held = Backfill.objects.select_for_update().filter(
            name=kind.name, state=State.RUNNING, worker_token=token
        )
        row = held.first()
        if row is None:
            return None
        began = time.monotonic()
        step = kind.step(row.cursor, kind.batch)
        _count(row, step, seconds=time.monotonic() - began)
        if not row.estimate:
            row.estimate = kind.estimate()
        if step.cursor is None:
            row.state, row.worker_token, row.ended_at = State.DONE, None, timezone.now()
            row.estimate = row.rows
        row.save()
    return row


def _count(row: Backfill, step: Step, *, seconds: float) -> None:
    """The rate is a mean in which the newest batches weigh most."""
    rate = step.rows / max(seconds, 0.001)
    row.rate = 0.8 * row.rate + 0.2 * rate if row.rate else rate
    row.rows += step.rows
    row.changed += step.changed
    row.cursor = step.cursor
    row.heartbeat_at, row.attempts, row.error = timezone.now(), 0, tell()


def _leave(name: str, token: UUID) -> None:
    Backfill.objects.filter(name=name, worker_token=token).update(
        state=State.QUEUED, worker_token=None, slice=F("slice") + 1
    )


def _failed(name: str, token: UUID, error: Exception) -> None:
    held = Backfill.objects.filter(name=name, worker_token=token)
    attempts = held.values_list("attempts", flat=True).first()
    if attempts is None:
        return
    given_up = attempts + 1 >= ATTEMPTS
    held.update(
        state=State.FAILED if given_up else State.QUEUED,
        worker_token=None,
        slice=F("slice") + 1,
        attempts=F("attempts") + 1,
        not_before=timezone.now() + timedelta(seconds=5 * 2**attempts),
        error=tell("It stopped with an error: %(error)s.", error=type(error).__name__),
    )


def _kind(name: str) -> Kind:
    try:
        return known()[name]
    except KeyError:
        raise UnknownBackfill(name) from None

"""What RQ runs: take ids, load, call one service. And what puts it there."""

import logging
from datetime import timedelta

from django.db import connection, transaction
from django.utils.translation import gettext_lazy

from ingestion import backfills, scheduler
from ingestion.backfills import vectors
from ingestion.media import lines, planning
from ingestion.models import MediaLine, PeoplePolicy
from ingestion.services import adding, imports, media, people
from tgadmin.lib import jobs, logs

logger = logging.getLogger(__name__)

#: Seconds of one job that takes people out of what is archived.
HIDING_SECONDS = 20.0
#: A job that was taken out of the queue and has not started its slice by then never will.
STUCK_AFTER = timedelta(seconds=15)


def enqueue_due() -> None:
    """After this transaction: enqueue every slice that may start now."""
    transaction.on_commit(tick)


def enqueue_call(call_id: int) -> None:
    """After this transaction: have somebody answer this call."""
    transaction.on_commit(lambda: _enqueue_call(call_id))


def tick() -> int:
    """Enqueue what is due; returns how many slices are."""
    adding.advance()
    due = scheduler.claim_due()
    for item in due:
        _enqueue_slice(item)
    for call_id in scheduler.waiting_calls():
        _enqueue_call(call_id)
    for workspace_id in _hiding():
        jobs.enqueue("exports", f"hide-{workspace_id}", hide_people, workspace_id)
    _enqueue_media()
    return len(due)


def _enqueue_media() -> None:
    for channel_id in media.plans_due():
        jobs.enqueue("media", f"media-plan-{channel_id}", plan_media, channel_id)
    for channel_id, number in media.claim_due():
        job_id = f"media-{channel_id}-{number}"
        if jobs.enqueue("media", job_id, run_media_slice, channel_id, number):
            continue
        if jobs.is_stuck("media", job_id, patience=STUCK_AFTER):
            lines.skip_slice(channel_id, number)


def _hiding() -> list[int]:
    rows = PeoplePolicy.objects.filter(applying=True, hidden=True)
    return list(rows.values_list("pk", flat=True))


def _enqueue_slice(due: scheduler.Due) -> None:
    job_id = f"run-{due.run_id}-{due.slice}"
    if jobs.enqueue("slices", job_id, run_slice, due.run_id, due.slice):
        return
    if jobs.is_stuck("slices", job_id, patience=STUCK_AFTER):
        scheduler.skip_slice(due)


def _enqueue_call(call_id: int) -> None:
    jobs.enqueue("calls", f"call-{call_id}", answer_call, call_id)


def run_slice(run_id: int, slice_number: int) -> None:
    """One slice; then the next one at once, without waiting for the tick."""
    from ingestion import previewing, sync  # noqa: PLC0415, Telethon is for the horse alone

    try:
        with logs.bound(run=run_id):
            if not previewing.work_slice(run_id=run_id, slice_number=slice_number):
                sync.work_slice(run_id=run_id, slice_number=slice_number)
        tick()
    finally:
        connection.close()


def answer_call(call_id: int) -> None:
    """One call, and whatever else waits for its account."""
    from ingestion import calls  # noqa: PLC0415, Telethon is for the horse alone

    try:
        with logs.bound(call=call_id):
            calls.answer_call(call_id)
        tick()
    finally:
        connection.close()


def enqueue_road_check(check_id: int) -> None:
    """After this transaction: have a worker look which data centre answers."""
    transaction.on_commit(
        lambda: jobs.enqueue("calls", f"road-check-{check_id}", check_road, check_id)
    )


def check_road(check_id: int) -> None:
    """Some seconds of asking data centres."""
    from ingestion import roadcheck  # noqa: PLC0415, Telethon is for the horse alone

    try:
        with logs.bound(road_check=check_id):
            roadcheck.check(check_id)
    finally:
        connection.close()


def hide_people(workspace_id: int) -> None:
    """Some seconds of taking people out; the tick queues the rest."""
    try:
        with logs.bound(workspace=workspace_id):
            people.work(workspace_id=workspace_id, seconds=HIDING_SECONDS)
    finally:
        connection.close()


def run_media_slice(channel_id: int, slice_number: int) -> None:
    """One slice of a channel's downloads; then the next one at once."""
    from ingestion import downloads  # noqa: PLC0415, Telethon is for the horse alone

    try:
        with logs.bound(channel=channel_id):
            downloads.work_slice(channel_id=channel_id, slice_number=slice_number)
        tick()
    finally:
        connection.close()


def plan_media(channel_id: int) -> None:
    """Decide for a while which files of a channel are wanted; the tick has it go on."""
    try:
        with logs.bound(channel=channel_id):
            line = MediaLine.objects.select_related("channel").filter(pk=channel_id).first()
            goes_on = line is not None and planning.plan(line)
        if goes_on:
            tick()
    finally:
        connection.close()


def requeue_imports() -> None:
    """For the tick: every import that may go on has a job."""
    for import_id, number in imports.revive():
        enqueue_import(import_id, number)


def enqueue_import(import_id: int, slice_number: int) -> None:
    """A job for one slice, on the queue of long work with files."""
    job_id = f"import-{import_id}-{slice_number}"
    jobs.enqueue("exports", job_id, run_import, import_id, slice_number)


def run_import(import_id: int, slice_number: int) -> None:
    """One slice; the next one is queued by the tick."""
    from ingestion import importing  # noqa: PLC0415, parsers are for the horse alone

    try:
        with logs.bound(imported=import_id):
            importing.work_slice(import_id, slice_number)
        requeue_imports()
    finally:
        connection.close()


def requeue_backfills() -> None:
    """For the tick: every backfill that may go on has a job."""
    backfills.revive()
    for name, number in backfills.due():
        job_id = f"backfill-{name}-{number}"
        jobs.enqueue("exports", job_id, run_backfill, name, number)


def run_backfill(name: str, slice_number: int) -> None:
    """One slice; the next one is queued by the tick."""
    try:
        with logs.bound(backfill=name):
            backfills.work_slice(name, slice_number)
        requeue_backfills()
    finally:
        connection.close()


def _rehash(cursor: backfills.Cursor | None, limit: int) -> backfills.Step:
    from ingestion import rehashing  # noqa: PLC0415, Telethon is for the horse alone

    return rehashing.step(cursor, limit)


def register_backfills() -> None:
    """Those of the tables of messages."""
    backfills.register(
        backfills.Kind(
            name="hashes",
            label=gettext_lazy("Content hashes"),
            step=_rehash,
            estimate=lambda: backfills.rows_of("ingestion_messagestats"),
        )
    )
    backfills.register(
        backfills.Kind(
            name="vectors",
            label=gettext_lazy("Search vectors"),
            step=vectors.step,
            estimate=lambda: backfills.rows_of("ingestion_message"),
        )
    )


__all__ = [
    "answer_call",
    "enqueue_call",
    "enqueue_due",
    "enqueue_import",
    "enqueue_road_check",
    "hide_people",
    "plan_media",
    "register_backfills",
    "requeue_backfills",
    "requeue_imports",
    "run_backfill",
    "run_import",
    "run_media_slice",
    "run_slice",
    "tick",
]

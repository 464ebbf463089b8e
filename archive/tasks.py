"""RQ jobs of the read side, and what the tick does for them. Nothing here imports Telethon."""

from typing import Final

import orjson
from django.db import connection

from archive import schedules
from archive.exports import expiry, files, sql, work
from archive.models import Export
from tgadmin.lib import cache, jobs, logs
from workspaces.models import Workspace

QUEUE: Final = "exports"
#: A worker that was not heard of for so long is gone (seconds).
SILENCE: Final = 30.0


def enqueue_export(export_id: int) -> bool:
    """After commit, a job; False when it is there already or the export is not queued."""
    attempt = (
        Export.objects.filter(pk=export_id, state=Export.State.QUEUED)
        .values_list("attempt", flat=True)
        .first()
    )
    if attempt is None:
        return False
    return jobs.enqueue(QUEUE, f"export-{export_id}-{attempt}", make_export, export_id)


def make_export(export_id: int) -> None:
    """The job."""
    with logs.bound(export=export_id):
        work.run_export(export_id)


def make_due_exports() -> list[int]:
    """The runs of schedules whose time has come, each with a job."""
    found = schedules.due()
    for pk in found:
        enqueue_export(pk)
    return found


def expire_exports() -> list[int]:
    """What the tick does now and then: files whose time has come."""
    return expiry.expire()


def requeue_interrupted() -> list[int]:
    """The exports that got a job now: their worker fell silent, or Valkey forgot them."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.TAKE_FROM_SILENT_WORKERS,
            {
                "silence": SILENCE,
                "attempts": work.ATTEMPTS,
                "error": orjson.dumps(work.GIVEN_UP.as_json()).decode(),
            },
        )
        taken = [pk for pk, _kind in cursor.fetchall()]
    for pk in taken:
        files.discard(pk)
    queued = Export.objects.filter(state=Export.State.QUEUED).order_by("pk")
    return [pk for pk in queued.values_list("pk", flat=True) if enqueue_export(pk)]


def enqueue_warming() -> None:
    """For the tick: what many people read is worked out again after Valkey forgot it."""
    if cache.is_cold():
        jobs.enqueue(QUEUE, "warm", warm)


def warm() -> None:
    """The job."""
    try:
        cache.warm(list(Workspace.objects.order_by("pk").values_list("pk", flat=True)))
    finally:
        connection.close()

"""One attempt at one export, from the claim to the whole file."""

import errno
import logging
import shutil
import uuid
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

import orjson
import psycopg
from django.conf import settings
from django.db import connection, transaction

from archive.exports import FORMATS, files, lake, scope, sidecar, sql
from archive.exports.heart import Heart, Stop, Stopped, ends_on_sigterm
from archive.exports.options import Options
from archive.exports.sink import FileSink
from archive.exports.stream import stream
from archive.filters import Filters
from archive.models import Export
from ingestion.errors import IngestionError
from tgadmin.lib import databases
from tgadmin.lib.told import NOTHING, Told, tell

#: Attempts that a worker may lose before the export is given up.
ATTEMPTS: Final = 5
GIVEN_UP: Final = tell(
    "The worker was killed or lost the database %(count)s times while it wrote this export, so it "
    "was given up.",
    "Look at the worker's log and at the machine's memory, then make the export again.",
    count=ATTEMPTS,
)
_DISK_IS_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Claim:
    export: Export
    token: UUID
    attempt: int


def run_export(export_id: int) -> None:
    """Make the file, if the export is queued and nobody else makes it.

    Never raises for what can go wrong with the file: the row then says so in words. A lost
    database leaves the row as it is; the tick finds its heartbeat old.
    """
    claim = _claim(export_id)
    if claim is None:
        return
    stop: Stop | None = None
    try:
        files.discard_temporary(export_id)
        with Heart(export_id, claim.token) as heart, ends_on_sigterm(heart):
            try:
                _write(claim, heart)
            except Exception:
                # The wish to stop shows as `Stopped`, or as a COPY that was cancelled.
                stop = heart.stop
                if stop is None:
                    raise
    except (psycopg.OperationalError, psycopg.InternalError, *databases.AWAY):
        logger.warning("Export %s: PostgreSQL was lost", export_id, exc_info=True)
        connection.close()
        _lost_database(claim)
    except OSError as error:
        _end(claim, Export.State.FAILED, _explain(error))
    except IngestionError as error:
        _end(claim, Export.State.FAILED, error.told)
    except Exception as error:
        logger.exception("Export %s failed", export_id)
        _end(
            claim,
            Export.State.FAILED,
            tell(
                "Something unexpected went wrong (%(error)s). Nothing was kept of the file.",
                "Make the export again; if it fails again, the worker's log says more.",
                error=type(error).__name__,
            ),
        )
    if stop is Stop.CANCELLED:
        _end(claim, Export.State.CANCELLED, NOTHING)
    elif stop in {Stop.SHUTDOWN, Stop.PATIENCE}:
        _release(claim)


def _claim(export_id: int) -> _Claim | None:
    token = uuid.uuid4()
    with connection.cursor() as cursor:
        cursor.execute(sql.CLAIM, {"export": export_id, "token": token})
        row = cursor.fetchone()
    if row is None:
        return None
    export = Export.objects.select_related("channel", "workspace", "schedule").get(pk=export_id)
    return _Claim(export, token, row[0])


def _write(claim: _Claim, heart: Heart) -> None:
    export = claim.export
    options = replace(Options.of(export), filters=Filters.stored(export.filters))
    channels = scope.of_export(export, options)
    if export.schedule:
        lake.keep_up(export, channels, options, heart, lambda told: _publish(claim, heart, told))
        return
    temporary = files.temporary(export, claim.attempt)
    # Before the messages: it then never claims more than the file has.
    described = sidecar.describe(channels, options, export.format)
    extra: dict[str, Any] = {}
    with FileSink(files.whole(export), temporary=temporary) as sink:
        rows = stream(
            channels,
            format=FORMATS[export.format],
            options=options,
            sink=sink,
            progress=heart.progress,
            extra=extra,
        )
        manifest = sink.seal()
        told = {
            "rows": rows,
            "size": manifest.size,
            "sha256": manifest.sha256,
            "file_name": sink.target.name,
        }
        with transaction.atomic():
            _publish(claim, heart, told)
            beside = sidecar.text(described | extra, manifest, rows)
            files.manifest(export).write_bytes(beside)
            sink.publish()


def _publish(claim: _Claim, heart: Heart, told: dict[str, Any]) -> None:
    """Say that it is whole; raises `Stopped` when it is to end, or somebody else's."""
    if not _execute(sql.PUBLISH, claim, **told):
        heart.stop = heart.stop or _why_not(claim)
        raise Stopped


def _why_not(claim: _Claim) -> Stop:
    """A wish to cancel that came in the last moment, or another worker."""
    wished = Export.objects.filter(
        pk=claim.export.pk, worker_token=claim.token, cancel_wish=True
    ).exists()
    return Stop.CANCELLED if wished else Stop.LOST


def _end(claim: _Claim, state: Export.State, error: Told) -> None:
    _execute(sql.END, claim, state=state.value, error=orjson.dumps(error.as_json()).decode())


def _release(claim: _Claim) -> None:
    """Back into the queue, for the next worker."""
    _execute(sql.RELEASE, claim)


def _lost_database(claim: _Claim) -> None:
    """Try again; when PostgreSQL still does not answer, the tick does it later."""
    try:
        if claim.attempt >= ATTEMPTS:
            _end(claim, Export.State.FAILED, GIVEN_UP)
        else:
            _release(claim)
    except databases.AWAY:
        connection.close()


def _execute(statement: str, claim: _Claim, **parameters: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"export": claim.export.pk, "token": claim.token, **parameters})
        return int(cursor.rowcount)


def _explain(error: OSError) -> Told:
    """What happened to the file, what that means, what to do."""
    if error.errno in _DISK_IS_FULL:
        return tell(
            "There is no room for the file: the disk of the export directory is full "
            "(%(free)s MB are free now that the unfinished file is removed), or a limit on the size "
            "of files is reached.",
            "Delete exports that are no longer needed or make room, then make the export again.",
            free=shutil.disk_usage(settings.EXPORT_DIR).free // 2**20,
        )
    return tell(
        "The file could not be written (%(error)s). Nothing was kept of it.",
        "See that the export directory is there and that the worker may write to it, then make the "
        "export again.",
        error=error.strerror or error,
    )

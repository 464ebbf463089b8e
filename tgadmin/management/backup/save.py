"""Saving: one consistent snapshot, while everything runs."""

import contextlib
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

import tgadmin
from archive.exports import Sink
from archive.models import Export
from ingestion.media import upkeep
from ingestion.models import (
    Account,
    Channel,
    Medium,
    Message,
    MessageRaw,
    MessageRevision,
    StoredFile,
    SyncRun,
    WorkerHeartbeat,
)
from tgadmin.lib import databases
from tgadmin.management.backup import programs
from tgadmin.management.backup.manifest import Manifest, fingerprint
from tgadmin.management.backup.tarball import Tell, Writer
from workspaces.models import User, Workspace

if TYPE_CHECKING:
    from pathlib import Path

#: Counted in the manifest.
_COUNTED = (
    *(Workspace, User, Account, Channel, SyncRun, Export),
    *(Message, MessageRevision, MessageRaw),
    *(Medium, StoredFile),
)
#: Their rows are about this moment, and a session is somebody's login: neither is for a file.
_LEFT_OUT = (WorkerHeartbeat._meta.db_table, "django_session")  # noqa: SLF001, Django's documented API


def save(out: Sink, tell: Tell) -> Manifest:
    """Write the backup; what it says of itself comes back. Raises `BackupError`, `OSError`."""
    programs.check_server()
    with Writer(out, tell) as writer:
        with _snapshot() as snapshot:
            manifest = _manifest()
            command: list[str | Path] = [
                *(programs.program("pg_dump"), "--format=custom", "--no-owner", "--no-privileges"),
                *(f"--snapshot={snapshot}", "--no-password"),
                *(f"--exclude-table-data={table}" for table in _LEFT_OUT),
            ]
            with programs.running(command, stdout=subprocess.PIPE) as process:
                assert process.stdout  # noqa: S101, it is a pipe
                writer.add_dump(process.stdout)
            exports = list(
                Export.objects.filter(state=Export.State.DONE).exclude(file_name="").order_by("pk")
            )
        for export in exports:
            try:
                with export.path.open("rb") as file:
                    writer.add_file(export.file_name, file, export.path.stat().st_size)
            except FileNotFoundError:
                manifest.missing.append(export.file_name)
        writer.finish(manifest)
    return manifest


@contextlib.contextmanager
def _snapshot() -> Iterator[str]:
    """Keep a snapshot open that pg_dump can see, too, so that counts and rows are of one moment.

    https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-SNAPSHOT-SYNCHRONIZATION
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute(databases.MAY_BE_SILENT)
        cursor.execute("SELECT pg_export_snapshot()")
        yield str(cursor.fetchone()[0])


def _manifest() -> Manifest:
    version = programs.server_version()
    return Manifest(
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        tgadmin=tgadmin.__version__,
        postgresql=f"{version // 10_000}.{version % 10_000}",
        pg_dump=programs.major(),
        migrations=sorted(
            f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()
        ),
        keys=[fingerprint(key) for key in settings.ENCRYPTION_KEYS],
        media=upkeep.summary()["stores"],
        rows={model._meta.label: model._default_manager.count() for model in _COUNTED},  # noqa: SLF001, Django's documented API
    )

"""The installation in figures, for the page that shows its state."""

import platform
import shutil
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Any

import django_rq
import redis
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Count, Q, Sum
from django.utils import timezone

import tgadmin
from archive.models import Export
from ingestion.models import AccountCall, SyncRun, WorkerHeartbeat
from ingestion.services import workers
from tgadmin.doctor import sql
from tgadmin.lib import last_backup

_PACKAGES = ("django", "telethon", "rq")
_VOID = timedelta(seconds=AccountCall.VOID_AFTER)
#: When this program was loaded: of the web, when it was started.
_STARTED = timezone.now()


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes of the disk that the data directory is on; `total` without what is kept for root."""

    path: str
    total: int
    used: int
    free: int


@dataclass(frozen=True, slots=True)
class Table:
    """Bytes with indexes and long values, those of the indexes, and about how many rows."""

    name: str
    size: int
    indexes: int
    rows: int | None


@dataclass(frozen=True, slots=True)
class Queue:
    """Jobs in Valkey that wait, None when it does not answer; and what PostgreSQL knows to wait
    and to run of the same kind.
    """

    name: str
    jobs: int | None
    waiting: int
    running: int


@dataclass(slots=True)
class Figures:
    """`versions` by program. Times are aware."""

    versions: dict[str, str]
    migrations: int
    disk: Disk
    database: int
    exports: int
    tables: list[Table]
    queues: list[Queue]
    workers: list[WorkerHeartbeat]
    database_started_at: datetime
    backup: last_backup.LastBackup | None
    web_started_at: datetime = field(default=_STARTED)

    def as_json(self) -> dict[str, Any]:
        """Plain values: bytes as numbers, times as datetimes."""
        workers_ = [
            {
                "name": row.name,
                "role": row.role,
                "pid": row.pid,
                "started_at": row.started_at,
                "seen_at": row.seen_at,
            }
            for row in self.workers
        ]
        return {**asdict(self), "workers": workers_}


def collect() -> Figures:
    """Ask PostgreSQL, Valkey and the disk; only PostgreSQL has to answer."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SERVER)
        _, postgresql, started_at, _ = cursor.fetchone()
        cursor.execute(sql.DATABASE_SIZE)
        (size,) = cursor.fetchone()
        cursor.execute(sql.TABLES)
        tables = [Table(*row) for row in cursor.fetchall()]
    return Figures(
        versions=_versions(postgresql),
        migrations=MigrationRecorder(connection).migration_qs.count(),
        disk=_disk(),
        database=size,
        exports=Export.objects.aggregate(bytes=Sum("size", default=0))["bytes"],
        tables=tables,
        queues=_queues(),
        workers=list(workers.alive()),
        database_started_at=started_at,
        backup=last_backup.read(Path(settings.TGADMIN_DATA_DIR)),
    )


def _versions(postgresql: str) -> dict[str, str]:
    names = {"django": "Django", "telethon": "Telethon", "rq": "RQ"}
    return {
        "tgadmin": tgadmin.__version__,
        "Python": platform.python_version(),
        **{names[name]: metadata.version(name) for name in _PACKAGES},
        "PostgreSQL": postgresql,
        **_valkey_version(),
    }


def _valkey_version() -> dict[str, str]:
    try:
        found = django_rq.get_connection("slices").info("server")
    except (redis.RedisError, OSError):
        return {"Valkey": ""}
    if "valkey_version" in found:
        return {"Valkey": str(found["valkey_version"])}
    return {"Redis": str(found["redis_version"])}


def _disk() -> Disk:
    data = Path(settings.TGADMIN_DATA_DIR)
    found = shutil.disk_usage(data)
    return Disk(str(data), found.used + found.free, found.used, found.free)


def _queues() -> list[Queue]:
    runs = SyncRun.objects.aggregate(
        waiting=Count("pk", filter=Q(state__in=[SyncRun.State.QUEUED, SyncRun.State.INTERRUPTED])),
        running=Count("pk", filter=Q(state=SyncRun.State.RUNNING)),
    )
    calls = AccountCall.objects.filter(created_at__gt=timezone.now() - _VOID).aggregate(
        waiting=Count("pk", filter=Q(state=AccountCall.State.PENDING)),
        running=Count("pk", filter=Q(state=AccountCall.State.CLAIMED)),
    )
    exports = Export.objects.aggregate(
        waiting=Count("pk", filter=Q(state=Export.State.QUEUED)),
        running=Count("pk", filter=Q(state=Export.State.RUNNING)),
    )
    known = {"slices": runs, "calls": calls, "exports": exports}
    return [Queue(name, _jobs(name), **counts) for name, counts in known.items()]


def _jobs(name: str) -> int | None:
    try:
        return int(django_rq.get_queue(name).count)
    except (redis.RedisError, OSError):
        return None

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
from rq import Queue

import tgadmin
from archive.models import Export
from ingestion import backfills
from ingestion.models import AccountCall, Backfill, MediaLine, SyncRun, WorkerHeartbeat
from ingestion.services import listening, workers
from tgadmin.doctor import sql
from tgadmin.lib import cache, last_backup, replica

_QUEUES = ("slices", "calls", "exports", "media")
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
class QueueFigures:
    """Jobs in Valkey that wait, None when it does not answer; and what PostgreSQL knows to wait
    and to run of the same kind.
    """

    name: str
    jobs: int | None
    waiting: int
    running: int


@dataclass(frozen=True, slots=True)
class BackfillFigures:
    """Work through all rows of large tables: rows looked at of about how many, rows a second, and
    seconds until it is over, None where nobody can tell.
    """

    name: str
    label: str
    state: str
    rows: int
    estimate: int
    changed: int
    rate: float
    left: float | None
    ended_at: datetime | None
    error: str

    @property
    def most(self) -> int:
        """What a progress bar ends at, which must not be 0."""
        return max(self.estimate, 1)


@dataclass(slots=True)
class Figures:
    """`versions` by program. Times are aware."""

    versions: dict[str, str]
    migrations: int
    disk: Disk
    database: int
    exports: int
    tables: list[Table]
    queues: list[QueueFigures]
    #: Those that were ever started.
    backfills: list[BackfillFigures]
    workers: list[WorkerHeartbeat]
    #: What many people read (`tgadmin.lib.cache`); None when Valkey does not answer.
    kept: list[cache.Figures] | None
    #: By how many seconds the replica is behind; None where there is none that may be read.
    replica_lag: float | None
    #: How many live channels stand how (`listening.Standing`).
    live: dict[str, int]
    database_started_at: datetime
    backup: last_backup.LastBackup | None
    web_started_at: datetime = field(default=_STARTED)

    @property
    def has_replica(self) -> bool:
        """Whether pages are to be read from one."""
        return "replica" in settings.DATABASES

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
    valkey, jobs = _valkey()
    return Figures(
        versions=_versions(postgresql, valkey),
        migrations=MigrationRecorder(connection).migration_qs.count(),
        disk=_disk(),
        database=size,
        exports=Export.objects.aggregate(bytes=Sum("size", default=0))["bytes"],
        tables=tables,
        queues=_queues(jobs),
        backfills=_backfills(),
        workers=list(workers.alive()),
        kept=cache.figures(),
        replica_lag=_replica_lag(),
        live={str(standing): n for standing, n in listening.counts().items()},
        database_started_at=started_at,
        backup=last_backup.read(Path(settings.TGADMIN_DATA_DIR)),
    )


def _replica_lag() -> float | None:
    if "replica" not in settings.DATABASES:
        return None
    replica.standing.may_read()
    return replica.standing.lag


def _versions(postgresql: str, valkey: dict[str, Any]) -> dict[str, str]:
    names = {"django": "Django", "telethon": "Telethon", "rq": "RQ"}
    key = "valkey_version" if "valkey_version" in valkey else "redis_version"
    return {
        "tgadmin": tgadmin.__version__,
        "Python": platform.python_version(),
        **{names[name]: metadata.version(name) for name in _PACKAGES},
        "PostgreSQL": postgresql,
        "Valkey" if key != "redis_version" or not valkey else "Redis": str(valkey.get(key, "")),
    }


def _valkey() -> tuple[dict[str, Any], dict[str, int]]:
    """What it says of itself, and how many jobs wait in each queue; nothing when it is away."""
    try:
        with django_rq.get_connection("slices").pipeline(transaction=False) as pipeline:
            pipeline.info("server")
            for name in _QUEUES:
                pipeline.llen(Queue.redis_queue_namespace_prefix + name)
            server, *counts = pipeline.execute()
    except (redis.RedisError, OSError):
        return {}, {}
    return server, dict(zip(_QUEUES, counts, strict=True))


def _disk() -> Disk:
    data = Path(settings.TGADMIN_DATA_DIR)
    found = shutil.disk_usage(data)
    return Disk(str(data), found.used + found.free, found.used, found.free)


def _backfills() -> list[BackfillFigures]:
    labels = {name: str(kind.label) for name, kind in backfills.known().items()}
    return [
        BackfillFigures(
            name=row.name,
            label=labels.get(row.name, row.name),
            state=row.state,
            rows=row.rows,
            estimate=max(row.estimate, row.rows),
            changed=row.changed,
            rate=row.rate,
            left=row.left.total_seconds() if row.left else None,
            ended_at=row.ended_at,
            error=str(row.error),
        )
        for row in Backfill.objects.order_by("name")
    ]


def _queues(jobs: dict[str, int]) -> list[QueueFigures]:
    runs = SyncRun.objects.filter(state__in=SyncRun.ACTIVE).aggregate(
        waiting=Count("pk", filter=Q(state__in=[SyncRun.State.QUEUED, SyncRun.State.INTERRUPTED])),
        running=Count("pk", filter=Q(state=SyncRun.State.RUNNING)),
    )
    calls = AccountCall.objects.filter(created_at__gt=timezone.now() - _VOID).aggregate(
        waiting=Count("pk", filter=Q(state=AccountCall.State.PENDING)),
        running=Count("pk", filter=Q(state=AccountCall.State.CLAIMED)),
    )
    exports = Export.objects.filter(state__in=Export.ACTIVE).aggregate(
        waiting=Count("pk", filter=Q(state=Export.State.QUEUED)),
        running=Count("pk", filter=Q(state=Export.State.RUNNING)),
    )
    media = MediaLine.objects.aggregate(
        waiting=Count("pk", filter=Q(state=MediaLine.State.QUEUED)),
        running=Count("pk", filter=Q(state=MediaLine.State.RUNNING)),
    )
    counts = dict(zip(_QUEUES, (runs, calls, exports, media), strict=True))
    return [QueueFigures(name, jobs.get(name), **counts[name]) for name in _QUEUES]

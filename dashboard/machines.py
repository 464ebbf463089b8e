"""What the installation runs on: workers, queues, disk."""

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils.translation import gettext_lazy

from ingestion.models import WorkerHeartbeat
from tgadmin.lib import jobs

#: Seconds: a size of gigabytes need not be asked for at every look.
_KEPT: Final = 60

_QUEUES: Final = {
    "calls": gettext_lazy("Calls to Telegram"),
    "slices": gettext_lazy("Slices of runs"),
    "exports": gettext_lazy("Exports"),
    "media": gettext_lazy("Files"),
}


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes. `used` and `total` are of the file system that the data directory lies on, None
    where it cannot be asked.
    """

    used: int | None
    total: int | None
    database: int

    @property
    def percent(self) -> float:
        return 100 * self.used / self.total if self.used and self.total else 0.0

    @property
    def is_short(self) -> bool:
        """Less than a tenth is free."""
        return self.percent > 90


@dataclass(frozen=True, slots=True)
class Machines:
    """`workers` are `(what they do, how many, last sign of life)`, `queues` are `(name, jobs that
    wait)`; no queues when Valkey does not answer.
    """

    workers: list[tuple[str, int, datetime]]
    queues: list[tuple[str, int]] | None
    disk: Disk


def look(alive: list[WorkerHeartbeat]) -> Machines:
    """How they are now; `alive` is what `ingestion.services.workers` found."""
    roles: dict[str, list[datetime]] = {}
    for worker in alive:
        roles.setdefault(worker.role, []).append(worker.seen_at)
    depths = jobs.queue_depths()
    return Machines(
        workers=[(role, len(seen), max(seen)) for role, seen in roles.items()],
        queues=None
        if depths is None
        else [(str(words), depths[name]) for name, words in _QUEUES.items() if name in depths],
        disk=_disk(),
    )


def _disk() -> Disk:
    disk: Disk | None = cache.get("disk")
    if disk is None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            database = int(cursor.fetchone()[0])
        try:
            usage = shutil.disk_usage(Path(settings.TGADMIN_DATA_DIR))
            disk = Disk(usage.used, usage.used + usage.free, database)
        except OSError:
            disk = Disk(None, None, database)
        cache.set("disk", disk, _KEPT)
    return disk

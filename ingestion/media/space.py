"""How much room there is for files: a quota, and a part of the disk that downloads leave free."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection
from django.db.models import Sum

from ingestion.errors import IngestionError
from ingestion.models import StoredFile, StoredSum

#: All rows become one. Who adds one meanwhile is not waited for; who does the same takes others.
_FOLD: Final = """
WITH gone AS (DELETE FROM ingestion_storedsum RETURNING bytes)
INSERT INTO ingestion_storedsum (bytes) SELECT sum(bytes) FROM gone HAVING count(*) > 0
"""


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes. `left` is what downloads may still take; None: only the store knows."""

    stored: int
    quota: int
    free: int
    floor: int
    left: int | None


def room() -> Room:
    """How it stands now. Parts of files are on this disk whatever the store is."""
    stored = int(StoredSum.objects.aggregate(size=Sum("bytes", default=0))["size"])
    free = _free(Path(settings.MEDIA_DIR))
    bounds = [max(settings.MEDIA_QUOTA - stored, 0)] if settings.MEDIA_QUOTA else []
    if settings.MEDIA_STORE == StoredFile.Storage.LOCAL:
        bounds.append(max(free - settings.MEDIA_FREE_FLOOR, 0))
    return Room(
        stored,
        settings.MEDIA_QUOTA,
        free,
        settings.MEDIA_FREE_FLOOR,
        min(bounds) if bounds else None,
    )


def note(size: int) -> None:
    """A file of so many bytes came, or went (below 0); in the transaction that says so."""
    StoredSum.objects.create(bytes=size)


def fold() -> None:
    """For the tick: few rows to add up for who asks for room."""
    if len(StoredSum.objects.values_list("pk")[:2]) > 1:
        with connection.cursor() as cursor:
            cursor.execute(_FOLD)


def check(more: int, *, stored: int) -> None:
    """Raise where `more` bytes do not fit beside the `stored` ones."""
    if settings.MEDIA_QUOTA and stored + more > settings.MEDIA_QUOTA:
        raise IngestionError(
            "MEDIA_QUOTA",
            "The files that are stored have reached the quota.",
            "Raise TGADMIN_MEDIA_QUOTA, or download less; it goes on by itself when there is room.",
        )
    if _free(Path(settings.MEDIA_DIR)) - more < settings.MEDIA_FREE_FLOOR:
        raise IngestionError(
            "MEDIA_DISK_FULL",
            "The disk of the data directory has less room left than downloads must leave free.",
            "Make room, or lower TGADMIN_MEDIA_FREE_FLOOR; it goes on by itself when there is room.",
        )


def _free(folder: Path) -> int:
    """Of the disk where the folder is, or will be."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free

"""Moving files between stores, checking them, and collecting what nobody names.

Each goes file by file and leaves the archive right after every one, so that it can be interrupted
and goes on when it is started again.
"""

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.files import File
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from ingestion.media import lines, space, store
from ingestion.models import Medium, StoredFile

Problem = StoredFile.Problem

#: Rows that are read at a time.
BATCH: Final = 500
#: Hours for which a file may be in the store without a row that names it: one that is being
#: brought in is named last.
GRACE: Final = 24.0


@dataclass(slots=True)
class Done:
    """What became of how many files."""

    files: int = 0
    bytes: int = 0
    #: Already there, or named by somebody.
    kept: int = 0
    missing: int = 0
    damaged: int = 0


def move(target: str) -> Iterator[Done]:
    """Bring every file into another store; what was done so far, after each."""
    store.storage(target)  # an unknown one is told before anything is done
    done = Done()
    for file in _walk(StoredFile.objects.exclude(storage=target)):
        _move_one(file, target, done)
        yield done


def _move_one(file: StoredFile, target: str, done: Done) -> None:
    source, there = store.storage(file.storage), store.storage(target)
    names = ["", *store.copies(file)]
    try:
        for copy in names:
            _copy(source, there, store.key(file.sha256, copy))
    except FileNotFoundError:
        StoredFile.objects.filter(pk=file.pk).update(problem=Problem.MISSING)
        done.missing += 1
        return
    if _digest(there, store.key(file.sha256)) != file.sha256:
        there.delete(store.key(file.sha256))
        StoredFile.objects.filter(pk=file.pk).update(problem=Problem.DAMAGED)
        done.damaged += 1
        return
    with store.locked(file.sha256):
        moved = StoredFile.objects.filter(pk=file.pk, storage=file.storage).update(storage=target)
    if moved:
        for copy in names:
            source.delete(store.key(file.sha256, copy))
        done.files += 1
        done.bytes += file.size


def _copy(source: Any, there: Any, place: str) -> None:
    with source.open(place, "rb") as opened:
        if there.exists(place):
            there.delete(place)  # of a move that was interrupted
        there.save(place, File(opened))


def _digest(place: Any, name: str) -> str:
    made = hashlib.sha256()
    with place.open(name, "rb") as opened:
        while block := opened.read(store.BLOCK):
            made.update(block)
    return made.hexdigest()


def check(*, quick: bool = False) -> Iterator[Done]:
    """Compare every file with its row, by bytes or (`quick`) by size alone, and write down what is
    missing or damaged; what was found so far, after each.
    """
    done = Done()
    for file in _walk(StoredFile.objects.all()):
        problem = _problem_of(file, quick=quick)
        StoredFile.objects.filter(pk=file.pk).update(problem=problem, checked_at=timezone.now())
        done.files += 1
        done.bytes += file.size
        done.missing += problem == Problem.MISSING
        done.damaged += problem == Problem.DAMAGED
        yield done


def _problem_of(file: StoredFile, *, quick: bool) -> str:
    place, name = store.storage(file.storage), store.key(file.sha256)
    try:
        if place.size(name) != file.size:
            return Problem.DAMAGED
        if not quick and _digest(place, name) != file.sha256:
            return Problem.DAMAGED
    except FileNotFoundError:
        return Problem.MISSING
    return Problem.NONE


def refetch() -> int:
    """Have what is missing or damaged fetched again; how many media that is. Their rows lose the
    file, which is then nobody's.
    """
    broken = StoredFile.objects.exclude(problem=Problem.NONE).values("sha256")
    rows = Medium.objects.filter(file__in=broken)
    channels = list(rows.values_list("channel_id", flat=True).distinct())
    count = rows.update(
        file=None, state=Medium.State.PENDING, want=Medium.Want.FILE, offset=0, attempts=0
    )
    for channel_id in channels:
        lines.wake(channel_id)
    return count


def orphans(*, delete: bool, hours: float = GRACE) -> Iterator[Done]:
    """Find, and with `delete` remove, files that no medium names: rows of that kind, and files of
    the store without a row. Younger ones than `hours` are left alone.
    """
    done = Done()
    before = timezone.now() - timedelta(hours=hours)
    for file in _walk(_unnamed().filter(stored_at__lt=before)):
        if delete and not collect(file):
            done.kept += 1
            continue
        done.files += 1
        done.bytes += file.size
        yield done
    for stray in _strays(hours):
        done.files += 1
        done.bytes += stray.size
        if delete:
            store.storage(stray.storage).delete(stray.name)
        yield done
    yield done


@dataclass(frozen=True, slots=True)
class Stray:
    """A file of a store that no row is about; `name` is its place there."""

    storage: str
    name: str
    size: int
    #: Unix seconds.
    changed: float

    @property
    def sha256(self) -> str:
        return self.name.rpartition("/")[2]


def _unnamed() -> "QuerySet[StoredFile]":
    named = Medium.objects.filter(Q(file=OuterRef("pk")) | Q(thumb=OuterRef("pk")))
    return StoredFile.objects.filter(~Exists(named))


def collect(file: StoredFile) -> bool:
    """Delete a file unless somebody has named it meanwhile: the row goes first, and with it the
    lock is held, so that whoever brings the same file in finds it gone and stores it anew.
    """
    with store.locked(file.sha256):
        if not _unnamed().filter(pk=file.pk).delete()[0]:
            return False
        space.note(-file.size)
        store.remove(file)
    return True


def _strays(hours: float) -> Iterator[Stray]:
    """Files of the stores without a row, older than so many hours."""
    old = time.time() - hours * 3600
    for listed in (_of_folder(), _of_bucket()):
        while some := list(islice(listed, BATCH)):
            names = [one.sha256 for one in some]
            rows = StoredFile.objects.filter(pk__in=names).values_list("pk", "storage")
            known = set(rows)
            yield from (
                one for one in some if (one.sha256, one.storage) not in known and one.changed < old
            )


def _of_folder() -> Iterator[Stray]:
    root = Path(store.storage("local").path(""))
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder) / name
            with suppress(FileNotFoundError):
                found = path.stat()
                place = path.relative_to(root).as_posix()
                yield Stray("local", place, found.st_size, found.st_mtime)


def _of_bucket() -> Iterator[Stray]:
    """See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>."""
    if "media-s3" not in settings.STORAGES:
        return
    place: Any = store.storage("s3")
    prefix = f"{place.location}/".lstrip("/")
    for one in place.bucket.objects.filter(Prefix=prefix):
        name = one.key.removeprefix(prefix)
        yield Stray("s3", name, one.size, one.last_modified.timestamp())


def _walk(rows: "QuerySet[StoredFile]") -> Iterator[StoredFile]:
    """All rows by name, some at a time: what is changed on the way does not upset it."""
    after = ""
    while batch := list(rows.filter(pk__gt=after).order_by("pk")[:BATCH]):
        yield from batch
        after = batch[-1].pk


def summary() -> dict[str, Any]:
    """How many files and bytes are where, and what is wrong with them."""
    found: dict[str, Any] = {"stores": {}, "missing": 0, "damaged": 0}
    for name in StoredFile.Storage.values:
        rows = StoredFile.objects.filter(storage=name)
        found["stores"][name] = rows.aggregate(files=Count("pk"), bytes=Sum("size", default=0))
    for problem in (Problem.MISSING, Problem.DAMAGED):
        found[str(problem)] = StoredFile.objects.filter(problem=problem).count()
    return found

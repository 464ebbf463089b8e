"""The content-addressed store: a file is kept under its SHA-256, once, wherever it came from.

Where it is, a directory or S3, is in its row; new ones go where the settings say. Who adds a file
and who collects what nobody names take turns by a lock on its name.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, Protocol, cast

from django.conf import settings
from django.core.files import File
from django.core.files.storage import InvalidStorageError, Storage, storages
from django.db import connection, transaction

from ingestion.errors import IngestionError
from ingestion.models import StoredFile
from tgadmin.lib.byteranges import Part, Range


class Readable(Protocol):
    """What can be read and closed."""

    def read(self, size: int = -1, /) -> bytes: ...

    def close(self) -> None: ...


#: Bytes that are read at a time.
BLOCK: Final = 1 << 20
#: Copies for showing, made from a file: a small one, and one without EXIF.
PREVIEW: Final = "preview"
VIEW: Final = "view"


def storage(name: str) -> Storage:
    """The storage that files of this kind are in (`StoredFile.Storage`)."""
    try:
        return storages[f"media-{name}"]
    except InvalidStorageError as error:
        raise IngestionError(
            "MEDIA_STORE_UNKNOWN",
            "Files are in the store %(name)s, which the settings do not name any more.",
            "Set TGADMIN_MEDIA_S3 and its key again, or bring the files back first: media move.",
            name=name,
        ) from error


def key(sha256: str, copy: str = "") -> str:
    """Where a file is in its storage, or a copy that is made from it."""
    folder = f"{copy}s" if copy else "files"
    return f"{folder}/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def digest(path: Path) -> str:
    """SHA-256 of a file on the disk, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def put(path: Path, sha256: str, *, copy: str = "") -> str:
    """Bring a file of this disk into the store, where it is moved to; returns the storage's name.
    Nothing is written where it is already.
    """
    name = str(settings.MEDIA_STORE)
    target = storage(name)
    place = key(sha256, copy)
    if name == StoredFile.Storage.LOCAL:
        found = Path(target.path(place))
        if not found.exists() or found.stat().st_size != path.stat().st_size:
            found.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.chmod(0o600)
            shutil.move(path, found)
            _sync_folder(found.parent)
        path.unlink(missing_ok=True)
        return name
    if not (target.exists(place) and target.size(place) == path.stat().st_size):
        with path.open("rb") as file:
            target.save(place, File(file))
    path.unlink(missing_ok=True)
    return name


def _sync_folder(folder: Path) -> None:
    """After a power cut the name is there, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def locked(*names: str) -> Iterator[None]:
    """A transaction in which nobody else adds or collects these files."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            for sha256 in sorted(names):
                cursor.execute("SELECT pg_advisory_xact_lock(741, hashtext(%s))", [sha256])
        yield


def exists(file: StoredFile, copy: str = "") -> bool:
    return bool(storage(file.storage).exists(key(file.sha256, copy)))


def open_file(file: StoredFile, copy: str = "") -> IO[bytes]:
    """For reading; raises FileNotFoundError."""
    return cast("IO[bytes]", storage(file.storage).open(key(file.sha256, copy), "rb"))


def open_part(file: StoredFile, copy: str, found: Range) -> Readable:
    """A part of a file for reading, without the rest of it; raises FileNotFoundError."""
    place = storage(file.storage)
    if file.storage == StoredFile.Storage.S3:
        return _from_s3(place, key(file.sha256, copy), found)
    opened = Path(place.path(key(file.sha256, copy))).open("rb")  # noqa: SIM115, closed by Part
    opened.seek(found.first)
    return Part(opened, found.length)


def _from_s3(place: Any, name: str, found: Range) -> Readable:
    """See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>."""
    path = f"{place.location}/{name}".lstrip("/")
    try:
        answer = place.bucket.Object(path).get(Range=f"bytes={found.first}-{found.last}")
    except place.connection.meta.client.exceptions.NoSuchKey as error:
        raise FileNotFoundError(name) from error
    return cast("Readable", answer["Body"])


def size_of(file: StoredFile, copy: str = "") -> int:
    return int(storage(file.storage).size(key(file.sha256, copy)))


def copies(file: StoredFile) -> list[str]:
    """The copies that were made of it."""
    made = [PREVIEW] if file.has_preview else []
    return made + ([VIEW] if file.shown == StoredFile.Shown.VIEW else [])


def remove(file: StoredFile) -> None:
    """Delete its bytes and what was made from them."""
    place = storage(file.storage)
    for copy in ("", PREVIEW, VIEW):
        place.delete(key(file.sha256, copy))


def blocks(opened: IO[bytes]) -> Iterator[bytes]:
    """All of an open file, a block at a time."""
    while block := opened.read(BLOCK):
        yield block

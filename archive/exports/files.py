"""Names of exports' files. They are made of the export's id, so that whoever finds a row also
finds all that can lie on the disk for it.
"""

import fcntl
import os
import shutil
import tempfile
import time
import weakref
from pathlib import Path
from typing import Final

from django.conf import settings

from archive.models import Export

#: How folders begin in which files of Parquet wait for their zip, and sheets for their workbook.
TREE: Final = "tree-"
#: Seconds in which a new folder gets its lock.
_JUST_MADE: Final = 60.0


def directory() -> Path:
    """The export directory, made when missing; only this user reads it."""
    path = Path(settings.EXPORT_DIR)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def whole(export: Export) -> Path:
    """The file that is there once the export is done."""
    return directory() / f"export-{export.pk}.{export.suffix}"


def manifest(export: Export) -> Path:
    """What lies beside the file (`sidecar`)."""
    return directory() / f"export-{export.pk}.manifest.json"


def temporary(export: Export, attempt: int) -> Path:
    """The file that an attempt writes."""
    return directory() / f"export-{export.pk}.{attempt}.part"


def tree(export_id: int, attempt: int) -> Path:
    """The folder in which an attempt writes several files."""
    return directory() / f"export-{export_id}.{attempt}.tree"


class Folder:
    """A folder for what a library writes beside the export, until `close`, or until it is left; of
    a writer that was killed `discard_forgotten` removes it.
    """

    def __init__(self) -> None:
        folder = tempfile.TemporaryDirectory(dir=directory(), prefix=TREE)
        self.path = Path(folder.name)
        self.close = weakref.finalize(self, _let_go, folder, hold(self.path))


def _let_go(folder: "tempfile.TemporaryDirectory[str]", held: int) -> None:
    folder.cleanup()
    os.close(held)


def hold(folder: Path) -> int:
    """Keep a folder from `discard_forgotten` as long as this process has the handle open."""
    handle = os.open(folder, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


def discard_forgotten() -> None:
    """Remove the folders whose writers were killed: nobody holds them."""
    for folder in directory().glob(f"{TREE}*"):
        try:
            if time.time() - folder.stat().st_mtime < _JUST_MADE:
                continue
            handle = os.open(folder, os.O_RDONLY)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            continue
        finally:
            os.close(handle)


def discard_temporary(export_id: int) -> None:
    """Remove what attempts that were killed left behind."""
    for path in directory().glob(f"export-{export_id}.*.part"):
        path.unlink(missing_ok=True)
    for folder in directory().glob(f"export-{export_id}.*.tree"):
        shutil.rmtree(folder, ignore_errors=True)


def discard(export_id: int) -> None:
    """Remove all that lies on the disk for an export."""
    discard_temporary(export_id)
    for path in directory().glob(f"export-{export_id}.*"):
        path.unlink(missing_ok=True)

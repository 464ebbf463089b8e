"""Names of exports' files. They are made of the export's id, so that whoever finds a row also
finds all that can lie on the disk for it.
"""

import shutil
from pathlib import Path

from django.conf import settings

from archive.models import Export


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

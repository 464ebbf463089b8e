"""Bringing a file that is on the disk into the archive: stored once, named by its medium."""

import shutil
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from ingestion.media import previews, space, store
from ingestion.media.sniffing import HEAD, sniff
from ingestion.models import Medium, StoredFile
from tgadmin.lib.told import NOTHING

#: Below the media directory: parts of files that are being fetched, and what is made from them.
PARTS: Final = "parts"
SCRATCH: Final = "scratch"
_IMPORT: Final = "import-"
#: Seconds in which the copies of a file for pages are made for certain.
LONGEST_MAKING: Final = 3600


def part_path(medium: Medium) -> Path:
    """Where the beginning of a file is until all of it is there."""
    name = f"{medium.channel_id}-{medium.message_id}-{medium.slot}-{medium.remote_id}.part"
    return Path(settings.MEDIA_DIR) / PARTS / name


def import_path(import_id: int) -> Path:
    """Where one worker of an import copies the file that it brings in."""
    name = f"{_IMPORT}{import_id}-{uuid.uuid4().hex}"
    return Path(settings.MEDIA_DIR) / SCRATCH / name


def copied_by_imports() -> list[int]:
    """Imports of which such a file is there."""
    found = (Path(settings.MEDIA_DIR) / SCRATCH).glob(f"{_IMPORT}*-*")
    numbers = {path.name.removeprefix(_IMPORT).partition("-")[0] for path in found}
    return sorted(int(number) for number in numbers if number.isdecimal())


def sweep_import(import_id: int) -> None:
    """Delete what killed workers of an import left behind."""
    for path in (Path(settings.MEDIA_DIR) / SCRATCH).glob(f"{_IMPORT}{import_id}-*"):
        path.unlink(missing_ok=True)


def sweep_scratch() -> None:
    """Delete what was being made for pages when its worker was killed."""
    before = time.time() - LONGEST_MAKING
    for path in (Path(settings.MEDIA_DIR) / SCRATCH).glob("*/"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                shutil.rmtree(path)


def store_file(path: Path, *, sha256: str = "") -> StoredFile:
    """The row of a file, which is moved into the store unless it is there already. Whoever knows
    its hash spares reading it once more.

    It is nobody's until a medium names it (`name`); `media orphans` collects it then.
    """
    sha256 = sha256 or store.digest(path)
    size = path.stat().st_size
    known = StoredFile.objects.filter(sha256=sha256, problem="").first()
    if known is not None and store.exists(known):
        path.unlink(missing_ok=True)
        return known
    with path.open("rb") as file:
        mime = sniff(file.read(HEAD))
    looks = previews.make(path, sha256, mime, Path(settings.MEDIA_DIR) / SCRATCH)
    place = store.put(path, sha256)
    with transaction.atomic():
        made, is_new = StoredFile.objects.update_or_create(
            sha256=sha256,
            defaults={
                "size": size,
                "mime": mime,
                "width": looks.width,
                "height": looks.height,
                "storage": place,
                "has_preview": looks.preview is not None,
                "shown": looks.shown,
                "problem": "",
                "checked_at": None,
            },
        )
        if is_new:
            space.note(size)
    return made


def name(
    medium: Medium,
    *,
    file: StoredFile | None = None,
    thumb: StoredFile | None = None,
    is_all: bool,
) -> bool:
    """Let a medium name what was stored for it; when that is all, it is done. False when it was
    collected meanwhile (fetch it again), or the message carries something else by now.
    """
    named = {"file": file, "thumb": thumb}
    files = {field: found for field, found in named.items() if found}
    with store.locked(*(found.sha256 for found in files.values())):
        for found in files.values():
            if not StoredFile.objects.filter(pk=found.pk).exists() or not store.exists(found):
                return False
        rows = Medium.objects.filter(
            pk=(medium.channel_id, medium.message_id, medium.slot),
            remote_id=medium.remote_id,
            state=Medium.State.FETCHING,
        )
        if not is_all:
            return bool(rows.update(**files))
        return bool(
            rows.update(
                **files,
                state=Medium.State.DONE,
                done_at=Now(),
                let_go_at=None,
                asked_at=None,
                not_before=None,
                offset=0,
                attempts=0,
                error_code="",
                error=NOTHING,
            )
        )

"""What people do with imports. Services never enqueue: who calls them does."""

import shutil
import uuid
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ingestion.errors import InputError
from ingestion.media import adding
from ingestion.models import Import
from ingestion.sources.refs import parse_ref
from workspaces.models import User, Workspace
from workspaces.services import audit

State = Import.State

#: Why items of a file were left out (`Portion.skipped`), in words.
REASONS: Final = {
    "before_migration": _("of the basic group that it was before"),
    "repeated": _("the same message twice in the file"),
    "let_go": _("let go before, or of somebody whose messages are not kept"),
    "no_time": _("service lines, which HTML exports give no time"),
    "not_a_message": _("no message"),
}


#: What became of files that lie in an export, in words (`Report.file`).
FILES: Final = {
    "known": _("files that are here already"),
    "missing": _("files that the export names and that are not in it"),
    "errors": _("files that could not be brought in"),
    "policy": _("files left out, because the channel’s policy for files is “nothing”"),
    "no_room": _("files left out, because there is no room for them"),
    "differs": _("files left out, because the message’s file has another size"),
    "no_file": _("files left out, because their message carries none that may be kept"),
}


@transaction.atomic
def start_here(
    *,
    workspace: Workspace,
    path: Path,
    channel_ref: str = "",
    dry_run: bool = False,
    time_zone: str = "UTC",
    user: User | None = None,
) -> tuple[Import, UUID]:
    """An import that the caller works on itself, and the token that it holds it by."""
    if channel_ref:
        channel_ref = str(parse_ref(channel_ref))
    token = uuid.uuid4()
    item = Import.objects.create(
        workspace=workspace,
        file_name=path.name[:255],
        path=str(path),
        channel_ref=channel_ref,
        dry_run=dry_run,
        time_zone=time_zone,
        state=State.RUNNING,
        worker_token=token,
        heartbeat_at=Now(),
        started_at=Now(),
        requested_by=user,
    )
    item.refresh_from_db()
    _audit(item, user, "import.start")
    return item, token


def stopped_here(*, item: Import) -> None:
    """The caller was interrupted."""
    Import.objects.filter(pk=item.pk, state=State.RUNNING).update(
        state=State.CANCELLED, worker_token=None, ended_at=Now()
    )


#: Bytes that stay free on the disk of uploads.
KEPT_FREE: Final = 2**30
#: Workers that an import may lose in a row without a step forward.
MOST_ATTEMPTS: Final = 5
#: Seconds after which a worker that says nothing is gone.
SILENCE: Final = 30
#: An upload that nobody went on with is thrown away after that.
FORGOTTEN: Final = timedelta(days=3)


def begin_upload(
    *,
    workspace: Workspace,
    file_name: str,
    size: int,
    channel_ref: str = "",
    time_zone: str = "UTC",
    user: User | None = None,
) -> Import:
    """An import whose file comes in pieces (`receive`). Raises `InputError` for no room."""
    name = Path(file_name.replace("\\", "/").replace("\0", "")).name[:255] or "export"
    if size <= 0:
        raise InputError(
            "FILE_EMPTY", "“%(name)s” is empty.", "Copy or export it again.", name=name
        )
    directory = _directory()
    free = shutil.disk_usage(directory).free
    if size > free - KEPT_FREE:
        raise InputError(
            "NO_ROOM",
            "The file has %(size)d MB, and the disk of uploads has %(free)d MB free.",
            "Make room, or import the file by command from where it lies.",
            size=size // 2**20,
            free=free // 2**20,
        )
    if channel_ref.strip():
        channel_ref = str(parse_ref(channel_ref))
    item = Import.objects.create(
        workspace=workspace,
        file_name=name,
        uploaded=True,
        size=size,
        channel_ref=channel_ref.strip(),
        time_zone=time_zone,
        dry_run=True,
        state=State.UPLOADING,
        requested_by=user,
    )
    item.path = f"upload-{item.pk}"
    item.save(update_fields=["path"])
    file_of(item).touch(mode=0o600)
    _audit(item, user, "import.upload")
    return item


@transaction.atomic
def receive(*, item: Import, offset: int, blocks: Iterable[bytes]) -> int:
    """Append what comes at `offset`; returns how many bytes are there. A piece for another place
    is not taken: whoever sends goes on at the answer. The last one queues the dry run.
    """
    locked = Import.objects.select_for_update().get(pk=item.pk)
    if locked.state != State.UPLOADING or offset != locked.received:
        return locked.received
    with file_of(locked).open("r+b") as file:
        # What a piece left behind that broke off is written over.
        file.truncate(offset)
        file.seek(offset)
        for block in blocks:
            room = locked.size - file.tell()
            file.write(block[:room])
            if len(block) > room:
                break
        locked.received = file.tell()
    if locked.received == locked.size:
        locked.state = State.QUEUED
    locked.save(update_fields=["received", "state"])
    return locked.received


@transaction.atomic
def start(*, item: Import, user: User | None = None) -> bool:
    """Import for real what a dry run has looked at, or go on with what failed; False when it is
    at work, or its file is gone.
    """
    rows = Import.objects.filter(pk=item.pk, state__in=Import.ENDED)
    rows = rows.filter(Q(dry_run=True) | Q(state__in=[State.FAILED, State.CANCELLED]))
    if item.uploaded and not file_of(item).exists():
        return False
    if item.dry_run:  # nothing of it is written yet
        rows.update(position=0, report={})
    started = rows.update(
        state=State.QUEUED,
        dry_run=False,
        offset=0,
        slice=F("slice") + 1,
        attempts=0,
        error=[],
        error_code="",
        stop_wish="",
        ended_at=None,
    )
    if started:
        _audit(item, user, "import.start")
    return bool(started)


def pause(*, item: Import, user: User | None = None) -> bool:
    """Stop soon, and keep the place in the file."""
    return _wish(item, Import.StopWish.PAUSE, State.PAUSED, [State.QUEUED], user)


def resume(*, item: Import, user: User | None = None) -> bool:
    resumed = Import.objects.filter(pk=item.pk, state=State.PAUSED).update(
        state=State.QUEUED, slice=F("slice") + 1, stop_wish=""
    )
    if resumed:
        _audit(item, user, "import.resume")
    return bool(resumed)


def cancel(*, item: Import, user: User | None = None) -> bool:
    """Stop soon, for good; what was imported stays."""
    resting = [State.QUEUED, State.PAUSED, State.UPLOADING]
    return _wish(item, Import.StopWish.CANCEL, State.CANCELLED, resting, user)


def _wish(
    item: Import, wish: str, state: str, resting: list[Import.State], user: User | None
) -> bool:
    """One that rests changes at once; one that runs is told. It may go from one to the other in
    between, so both are tried twice.
    """
    rows = Import.objects.filter(pk=item.pk)
    ended = {"ended_at": Now()} if state == State.CANCELLED else {}
    for _attempt in range(2):
        if rows.filter(state__in=resting).update(state=state, stop_wish="", **ended):
            _audit(item, user, f"import.{wish}")
            return True
        if rows.filter(state=State.RUNNING).update(stop_wish=wish):
            _audit(item, user, f"import.{wish}")
            return True
    return False


@transaction.atomic
def delete(*, item: Import, user: User | None = None) -> bool:
    """Take it off the list, with its uploaded file; what it imported stays. False while it runs."""
    deleted, _rows = Import.objects.filter(pk=item.pk).exclude(state=State.RUNNING).delete()
    if deleted:
        _audit(item, user, "import.delete")
        transaction.on_commit(lambda: discard(item))
    return bool(deleted)


def discard(item: Import) -> None:
    """Remove an uploaded file."""
    if item.uploaded and item.path:
        file_of(item).unlink(missing_ok=True)


def revive() -> list[tuple[int, int]]:
    """For the tick: imports whose worker fell silent go on, or are given up; uploads that were
    forgotten go. Returns `(import, slice)` of all that are queued.
    """
    silent = Import.objects.filter(state=State.RUNNING, uploaded=True).filter(
        heartbeat_at__lt=timezone.now() - timedelta(seconds=SILENCE)
    )
    error = InputError(
        "WORKER_DIES",
        "The worker of this import was lost again and again without getting anywhere.",
        "Look at the workers' log and at the machine's memory, then start it again.",
    )
    silent.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=State.FAILED,
        worker_token=None,
        ended_at=Now(),
        error=error.told,
        error_code=error.code,
    )
    silent.update(
        state=State.QUEUED, worker_token=None, slice=F("slice") + 1, attempts=F("attempts") + 1
    )
    # A command that was killed: nobody goes on with it but the person who started it.
    Import.objects.filter(
        state=State.RUNNING,
        uploaded=False,
        heartbeat_at__lt=timezone.now() - timedelta(seconds=SILENCE),
    ).update(state=State.CANCELLED, worker_token=None, ended_at=Now())
    forgotten = Import.objects.filter(
        state=State.UPLOADING, created_at__lt=timezone.now() - FORGOTTEN
    )
    for item in forgotten:
        delete(item=item)
    sweep()
    queued = Import.objects.filter(state=State.QUEUED).order_by("pk")
    return list(queued.values_list("pk", "slice"))


def sweep() -> None:
    """Delete what workers that were killed were copying, and making from it."""
    adding.sweep_scratch()
    left = adding.copied_by_imports()
    working = Import.objects.filter(pk__in=left, state=State.RUNNING) if left else ()
    for import_id in set(left) - {item.pk for item in working}:
        adding.sweep_import(import_id)


def files_told(files: Mapping[str, Any]) -> list[tuple[int, str]]:
    """What became of an import's files besides those that came, in words."""
    counts = {name: files.get(name, 0) for name in ("known", "missing", "errors")}
    counts.update(files.get("why") or {})
    return [(count, str(FILES.get(name, name))) for name, count in counts.items() if count]


def _directory() -> Path:
    path = Path(settings.IMPORT_DIR)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def file_of(item: Import) -> Path:
    """Where an uploaded file lies."""
    return _directory() / item.path


def _audit(item: Import, user: User | None, action: str) -> None:
    audit(
        workspace=item.workspace,
        user=user,
        action=action,
        target=item.file_name,
        dry_run=item.dry_run,
    )

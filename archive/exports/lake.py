"""A Parquet lake that a schedule keeps up, in a folder or on S3.

    WORKSPACE/NAME/messages/channel_id=7/month=2026-05/run-000012-0.parquet
    WORKSPACE/NAME/manifests/run-000012.json

The first run writes everything, each further one the messages that were written since. A message
that changed (an edit, a deletion, a counter) comes again as it is now: the version of the highest
run counts. What a run has seen is known by PostgreSQL's own transaction numbers, not by times: a
transaction that was open while the last run read, and ended after it, has an older time than what
that run saw, but a number that its snapshot tells as unfinished
(https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-PG-SNAPSHOT). So nothing is
left out, and what was written at that moment may come twice.

What a run will write is noted first (`manifests/run-000012.begun`), then its files go in, the manifest
after them, then the schedule is told: killed anywhere, a run is made again under the same names, in
place of what it wrote. Of what was noted, it removes what it does not write again: a month may be
empty meanwhile, and of the files of an unfinished run no manifest tells.
"""

import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import orjson
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import InvalidStorageError, Storage, storages
from django.db import transaction

from archive.exports import fields, files, sidecar
from archive.exports.heart import Heart
from archive.exports.options import Options
from archive.exports.parquet import Tree
from archive.exports.stream import read_all, step_of
from archive.models import Export, ExportSchedule
from ingestion.errors import IngestionError
from ingestion.media.store import digest
from ingestion.models import Channel

#: Transaction numbers are compared in a circle of 2^32; half of it is too far
#: (https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-WRAPAROUND).
_FARTHEST: Final = 1 << 30
_CIRCLE: Final = 1 << 32

_MANIFEST: Final = re.compile(r"run-([0-9]{6,9})\.json")

_WATERMARK: Final = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
       (SELECT system_identifier::text FROM pg_control_system())
"""


@dataclass(frozen=True, slots=True)
class Watermark:
    """What a run has seen: all transactions below `xmin`, of the database `cluster`. `asked` is
    what the lake was made of: when that changes, everything is written again. `channels`: those
    that it read; another one comes whole.
    """

    xmin: int
    cluster: str
    asked: dict[str, Any]
    channels: tuple[int, ...] = ()

    @classmethod
    def of(cls, stored: dict[str, Any]) -> "Watermark | None":
        if not stored:
            return None
        channels = tuple(stored["channels"])
        return cls(stored["xmin"], stored["cluster"], stored["asked"], channels)

    def as_json(self) -> dict[str, Any]:
        return {
            "xmin": self.xmin,
            "cluster": self.cluster,
            "asked": self.asked,
            "channels": list(self.channels),
        }

    def since(self, earlier: "Watermark | None") -> str | None:
        """The number from which on rows are new; none where the earlier one says nothing of this
        database, or was of something else.
        """
        if earlier is None or (earlier.cluster, earlier.asked) != (self.cluster, self.asked):
            return None
        near = 0 <= self.xmin - earlier.xmin < _FARTHEST
        return str(earlier.xmin % _CIRCLE) if near else None


def storage_of(schedule: ExportSchedule) -> Storage:
    """Where its lake is. Raises `IngestionError` where the settings name no bucket."""
    name = "local" if schedule.target == ExportSchedule.Target.FOLDER else "s3"
    try:
        return storages[f"lake-{name}"]
    except InvalidStorageError as error:
        raise IngestionError(
            "LAKE_NO_S3",
            "The lake %(name)s is to be on S3, and the settings name no bucket.",
            "Set TGADMIN_MEDIA_S3 and its key, or choose the folder.",
            name=schedule.name,
        ) from error


def root_of(schedule: ExportSchedule) -> str:
    return f"{schedule.workspace_id}/{schedule.name}"


def keep_up(
    export: Export,
    channels: Sequence[Channel],
    options: Options,
    heart: Heart,
    publish: Callable[[dict[str, Any]], None],
) -> None:
    """One run. `publish` says in the export's row that it is whole, in a transaction in which the
    schedule moves on, too.
    """
    schedule = export.schedule
    if schedule is None:
        raise ValueError("The export is of no schedule")
    storage = storage_of(schedule)
    asked = replace(options, partition="month")
    number = schedule.number + 1 if schedule.number else _first(storage, schedule)
    name = f"run-{number:06d}"
    folder = files.tree(export.pk, export.attempt)
    folder.mkdir(mode=0o700)
    seen: list[Watermark] = []
    earlier = Watermark.of(schedule.watermark)

    def before(cursor: Any) -> Callable[[Channel], dict[str, Any]]:
        cursor.execute(_WATERMARK)
        xmin, cluster = cursor.fetchone()
        keys = tuple(channel.pk for channel in channels)
        seen.append(Watermark(xmin, cluster, _asked(options), keys))
        since = seen[0].since(earlier)
        read = set(earlier.channels) if earlier else set()
        return lambda channel: {"since_xmin": since if channel.pk in read else None}

    try:
        rows, told = read_all(
            channels,
            Tree(folder, asked, prefix=name),
            options=asked,
            step=step_of(channels, asked),
            # How many there will be is known of a whole lake only.
            progress=lambda rows, expected: heart.progress(
                rows, 0, None if schedule.watermark else expected
            ),
            before=before,
        )
        begun = _note(storage, schedule, name, told["files"], folder)
        written = _bring(storage, schedule, folder, told.pop("files"), heart)
        _discard(storage, schedule, begun - {file["path"] for file in written})
        manifest = {
            **sidecar.describe(channels, asked, "parquet"),
            **told,
            "run": number,
            "schedule_made_at": _made_at(schedule),
            "rows": rows,
            "whole": seen[0].since(earlier) is None,
            "watermark": seen[0].as_json(),
            "files": written,
        }
        text = orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        _put_text(storage, f"{root_of(schedule)}/manifests/{name}.json", text, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    with transaction.atomic():
        publish(
            {
                "rows": rows,
                "size": sum(file["size"] for file in written),
                "sha256": sidecar.digest(text),
                "file_name": "",
            }
        )
        ExportSchedule.objects.filter(pk=schedule.pk).update(
            watermark=seen[0].as_json(), number=number
        )
    storage.delete(_note_of(schedule, name))


def _first(storage: Storage, schedule: ExportSchedule) -> int:
    """The number of a schedule's first run: behind those of a lake that had the same name before,
    whose files are still there, since the version of the highest run counts. A manifest of its own
    is of a run that was killed before the schedule was told, and is made again.
    """
    folder = f"{root_of(schedule)}/manifests"
    try:
        _folders, found = storage.listdir(folder)
    except FileNotFoundError:
        found = []
    runs = {int(match[1]): name for name in found if (match := _MANIFEST.fullmatch(name))}
    if not runs:
        return 1
    newest = max(runs)
    with storage.open(f"{folder}/{runs[newest]}") as file:
        told = orjson.loads(file.read())
    return newest if told.get("schedule_made_at") == _made_at(schedule) else newest + 1


def _made_at(schedule: ExportSchedule) -> str:
    return schedule.created_at.isoformat()


def _asked(options: Options) -> dict[str, Any]:
    told = options.fields()
    return {
        **{name: told[name] for name in ("filters", "with_deleted", "without_senders")},
        "columns": options.columns_of("parquet"),
        "redaction": options.redaction,
        "schema": fields.VERSION,
    }


def _note_of(schedule: ExportSchedule, name: str) -> str:
    return f"{root_of(schedule)}/manifests/{name}.begun"


def _note(
    storage: Storage, schedule: ExportSchedule, name: str, made: Iterable[str], folder: Path
) -> set[str]:
    """Write down which files a run brings, beside those of attempts before; all of them."""
    note = _note_of(schedule, name)
    noted = set(made)
    if storage.exists(note):
        with storage.open(note) as file:
            noted |= set(orjson.loads(file.read()))
    _put_text(storage, note, orjson.dumps(sorted(noted)), folder)
    return noted


def _discard(storage: Storage, schedule: ExportSchedule, paths: Iterable[str]) -> None:
    """What an attempt before wrote, with the folders that nothing is left in."""
    for path in paths:
        name = f"{root_of(schedule)}/messages/{path}"
        storage.delete(name)
        if _is_folder(storage):
            month = Path(storage.path(name)).parent
            for folder in (month, month.parent):
                with suppress(OSError):
                    folder.rmdir()


def _bring(
    storage: Storage,
    schedule: ExportSchedule,
    folder: Path,
    made: dict[str, int],
    heart: Heart,
) -> list[dict[str, Any]]:
    """Each file to its place; what the manifest says of them."""
    found = []
    for name, rows in made.items():
        heart.check()
        path = folder / name
        told = {"path": name, "rows": rows, "size": path.stat().st_size, "sha256": digest(path)}
        _put(storage, f"{root_of(schedule)}/messages/{name}", path)
        found.append(told)
    return found


def _put(storage: Storage, name: str, path: Path) -> None:
    """Under its name at once or not at all, and in place of what had it."""
    if not _is_folder(storage):
        with path.open("rb") as file:
            storage.save(name, File(file))
        return
    target = Path(storage.path(name))
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.part")
    shutil.move(path, beside)
    beside.replace(target)


def _put_text(storage: Storage, name: str, text: bytes, folder: Path) -> None:
    if not _is_folder(storage):
        storage.save(name, ContentFile(text))
        return
    path = folder / "manifest"
    path.write_bytes(text)
    _put(storage, name, path)


def _is_folder(storage: Storage) -> bool:
    return storage is storages["lake-local"]

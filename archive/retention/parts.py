"""Archive files: messages as Parquet, a manifest with their media beside it, and the stored files
that it names. A part is whole, and was read again, before anything is let go.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import orjson
from django.conf import settings
from django.db import connection

from archive.exports import FileSink, Manifest, Options, sidecar
from archive.exports.columns import JSONL_COLUMNS
from archive.exports.reread import read
from archive.filters import Filters
from archive.models import RetentionRun
from archive.retention import table
from ingestion.errors import DataError
from ingestion.media import store
from ingestion.models import Channel, Medium, StoredFile

#: A part is of some messages of a channel, and never says that it is all of it.
_PARTIAL: Final = Options(filters=Filters(has=("media",)))


@dataclass(frozen=True, slots=True)
class Part:
    """A whole file; `name` is its place below the directory of archive files."""

    name: str
    rows: int
    manifest: Manifest
    media: int


def write_part(channel: Channel, run: RetentionRun, number: int, ids: Sequence[int]) -> Part:
    """Write these messages and read them again. A file that an attempt left that was killed is
    written over. Raises `OSError` when there is no room, `DataError` when what was read differs.
    """
    target = directory(channel) / f"{run.pk}-{number:05}.parquet"
    media = media_of(channel, ids)
    described = sidecar.describe([channel], _PARTIAL, "parquet")
    described["options"]["columns"] = [*JSONL_COLUMNS, *table.MORE]
    with FileSink(target, temporary=target.with_suffix(".part")) as sink:
        rows = _write(channel, ids, sink)
        manifest = sink.seal()
        sink.publish()
    _describe(target, described, run, number, media, manifest, rows)
    verify(target, manifest.sha256, ids)
    return Part(name_of(target), rows, manifest, len(media))


def write_media(channel: Channel, run: RetentionRun, number: int, ids: Sequence[int]) -> Part:
    """The same where the messages stay: a list of what they carry, and the files."""
    target = directory(channel) / f"{run.pk}-{number:05}.media.jsonl"
    media = media_of(channel, ids)
    with FileSink(target, temporary=target.with_suffix(".part")) as sink:
        for row in media:
            sink.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
        manifest = sink.seal()
        sink.publish()
    described = sidecar.describe([channel], _PARTIAL, "jsonl") | {"options": {}}
    _describe(target, described, run, number, [], manifest, len(media))
    _same_bytes(target, manifest.sha256)
    return Part(name_of(target), len(ids), manifest, len(media))


def _describe(
    target: Path,
    described: dict[str, Any],
    run: RetentionRun,
    number: int,
    media: list[dict[str, Any]],
    manifest: Manifest,
    rows: int,
) -> None:
    """The manifest beside a part. Which messages these are is said by the rule, not by a filter."""
    told = {"run": run.pk, "part": number, "before": run.before, "how": run.action}
    whole = described | {"retention": told, "filters": {}, "media": media}
    beside = sidecar.beside(target)
    with FileSink(beside, temporary=beside.with_suffix(".part")) as sink:
        sink.write(sidecar.text(whole, manifest, rows))
        sink.seal()
        sink.publish()


def verify(path: Path, sha256: str, ids: Iterable[int]) -> None:
    """Read a part from the disk: its bytes are those that were written, its messages those that are
    to go, and each of their columns can be read. Raises `DataError` otherwise.
    """
    _same_bytes(path, sha256)
    found = [number for batch in read(path) for number in batch["message_id"].to_pylist()]
    if found != sorted(ids):
        raise _differs(path)


def _same_bytes(path: Path, sha256: str) -> None:
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise _differs(path)


def _differs(path: Path) -> DataError:
    return DataError(
        "RETENTION_FILE",
        "The archive file %(name)s is not what was written into it.",
        "Nothing was let go. Look at the disk of the directory of archive files.",
        name=path.name,
    )


def unpack(path: Path, sink: FileSink) -> int:
    """An archive file as JSON Lines, which can be imported; how many messages."""
    rows = 0
    for line in table.lines(path):
        sink.write(line)
        rows += 1
    return rows


def copy_files(channel: Channel, names: Iterable[str]) -> set[str]:
    """Bring stored files beside the archive files, each under its SHA-256, once; those that lie
    there now. What the store has lost or damaged before is left out, and the manifest says so.
    """
    folder = directory(channel) / "files"
    folder.mkdir(mode=0o700, exist_ok=True)
    there = set()
    for file in StoredFile.objects.filter(pk__in=list(names)).order_by("pk"):
        target = folder / file.sha256
        if target.exists() and target.stat().st_size == file.size:
            there.add(file.sha256)
            continue
        try:
            opened = store.open_file(file)
        except FileNotFoundError:
            continue  # it was lost before; `media check` tells
        with opened, FileSink(target, temporary=target.with_suffix(".part")) as sink:
            while block := opened.read(store.BLOCK):
                sink.write(block)
            if sink.seal().sha256 != file.sha256:
                continue  # damaged in the store; the manifest has what it should be
            sink.publish()
            there.add(file.sha256)
    return there


def directory(channel: Channel) -> Path:
    """Of a channel's archive files; only this user reads it."""
    folder = _root() / str(channel.pk)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _root() -> Path:
    return Path(settings.KEPT_DIR)


def name_of(path: Path) -> str:
    """The place of an archive file below their directory."""
    return path.relative_to(_root()).as_posix()


def _write(channel: Channel, ids: Sequence[int], sink: FileSink) -> int:
    key = {"channel": channel.pk, "peer": channel.peer_id, "ids": list(ids)}
    with connection.cursor() as cursor, cursor.cursor.copy(table.statement(), key) as copy:
        return table.write(cast("Iterable[memoryview]", copy), sink)


def media_of(channel: Channel, ids: Sequence[int]) -> list[dict[str, Any]]:
    """What the messages carry, for the manifest, once its files were copied. `copied` are those of
    `file` and `thumb` (SHA-256) that lie in `files/` now.
    """
    rows = list(
        Medium.objects.filter(channel=channel, message_id__in=ids).order_by("message_id", "slot")
    )
    there = copy_files(channel, {name for row in rows for name in _names(row)})
    return [
        {
            "message_id": row.message_id,
            "slot": row.slot,
            "kind": row.kind,
            "name": row.name,
            "mime": row.mime,
            "size": row.size,
            "date": row.date,
            "file": row.file_id,
            "thumb": row.thumb_id,
            "copied": [name for name in _names(row) if name in there],
        }
        for row in rows
    ]


def _names(row: Medium) -> Iterator[str]:
    yield from (name for name in (row.file_id, row.thumb_id) if name)

"""Archive files: messages as JSON Lines that can be imported again, a manifest beside them, and the
stored files that they name. A part is whole, and was read again, before anything is let go.
"""

import gzip
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, LiteralString, cast

import orjson
from django.conf import settings
from django.db import connection
from psycopg.sql import SQL, Composed

from archive.exports import FileSink, GzipSink, Manifest, Options, sidecar
from archive.exports import columns as columns_of
from archive.exports.columns import JSONL_COLUMNS
from archive.exports.jsonl import JsonLines
from archive.exports.sql import MESSAGES
from archive.filters import Filters
from archive.models import RetentionRun
from ingestion.errors import DataError
from ingestion.media import store
from ingestion.models import Channel, Medium, StoredFile

#: Messages of these ids, everything that is known of them, ordered by id.
_STATEMENT: Final[LiteralString] = r"""
COPY (
    SELECT row_to_json(line)::text || e'\n'
    FROM (
        SELECT
            {columns}
        {messages}
        LEFT JOIN LATERAL (
            SELECT json_agg(
                       json_build_object(
                           'replaced_at', replaced_at, 'edit_date', edit_date, 'kind', kind,
                           'text', text, 'entities', entities, 'media', media_meta,
                           'reply_to', reply_to, 'forward', forward
                       ) ORDER BY replaced_at
                   ) AS list
            FROM ingestion_messagerevision old
            WHERE old.channel_id = message.channel_id AND old.message_id = message.message_id
        ) revision ON true
        WHERE message.channel_id = %(channel)s::bigint
          AND message.message_id = ANY(%(ids)s::bigint[])
    ) line
    ORDER BY line.message_id
) TO STDOUT (FORMAT binary)
"""

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
    folder = directory(channel)
    target = folder / f"{run.pk}-{number:05}.jsonl.gz"
    media = _media(channel, ids)
    described = sidecar.describe([channel], _PARTIAL, "jsonl")
    described |= {"retention": {"run": run.pk, "part": number, "before": run.before}}
    # Which messages these are is said by the rule, not by a filter.
    described |= {"filters": {}, "media": media}
    with FileSink(target, temporary=target.with_suffix(".part")) as sink:
        rows = _write(channel, ids, sink)
        manifest = sink.seal()
        sink.publish()
    beside = sidecar.beside(target)
    with FileSink(beside, temporary=beside.with_suffix(".part")) as sink:
        sink.write(sidecar.text(described, manifest, rows))
        sink.seal()
        sink.publish()
    verify(target, manifest.sha256, ids)
    copy_files(channel, {name for row in media for name in (row["file"], row["thumb"]) if name})
    return Part(target.relative_to(_root()).as_posix(), rows, manifest, len(media))


def verify(path: Path, sha256: str, ids: Iterable[int]) -> None:
    """Read a part from the disk: its bytes are those that were written, its messages those that are
    to go. Raises `DataError` otherwise.
    """
    found = []
    with path.open("rb") as file:
        whole = hashlib.file_digest(file, "sha256").hexdigest() == sha256
        file.seek(0)
        if whole:
            with gzip.open(file, "rb") as lines:
                found += [orjson.loads(line)["message_id"] for line in lines]
    if not whole or found != sorted(ids):
        raise DataError(
            "RETENTION_FILE",
            "The archive file %(name)s is not what was written into it.",
            "Nothing was let go. Look at the disk of the directory of archive files.",
            name=path.name,
        )


def copy_files(channel: Channel, names: Iterable[str]) -> None:
    """Bring stored files beside the archive files, each under its SHA-256, once."""
    folder = directory(channel) / "files"
    folder.mkdir(mode=0o700, exist_ok=True)
    for file in StoredFile.objects.filter(pk__in=list(names), problem="").order_by("pk"):
        target = folder / file.sha256
        if target.exists() and target.stat().st_size == file.size:
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


def directory(channel: Channel) -> Path:
    """Of a channel's archive files; only this user reads it."""
    folder = _root() / str(channel.pk)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _root() -> Path:
    return Path(settings.KEPT_DIR)


def _write(channel: Channel, ids: Sequence[int], sink: FileSink) -> int:
    packed = GzipSink(sink)
    rows = 0
    key = {"channel": channel.pk, "peer": channel.peer_id, "ids": list(ids)}
    with connection.cursor() as cursor, cursor.cursor.copy(_statement(), key) as copy:
        messages = cast("Iterable[memoryview]", copy)
        for added, block in JsonLines().blocks(messages):
            packed.write(block)
            rows += added
    packed.close()
    return rows


def _statement() -> Composed:
    columns = columns_of.jsonl(JSONL_COLUMNS, without_senders=False)
    return SQL(_STATEMENT).format(columns=columns, messages=SQL(MESSAGES))


def _media(channel: Channel, ids: Sequence[int]) -> list[dict[str, Any]]:
    """What the messages carry, for the manifest."""
    rows = Medium.objects.filter(channel=channel, message_id__in=ids).order_by("message_id", "slot")
    return [
        {
            "message_id": row.message_id,
            "slot": row.slot,
            "kind": row.kind,
            "name": row.name,
            "mime": row.mime,
            "size": row.size,
            "file": row.file_id,
            "thumb": row.thumb_id,
        }
        for row in rows
    ]

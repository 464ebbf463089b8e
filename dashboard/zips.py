"""Many files as one zip, made while it is sent: nothing of it is kept, in memory or on the disk."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from zipstream import ZIP_DEFLATED, ZIP_STORED, ZipStream

from dashboard.stored import file_name
from ingestion.media import store
from ingestion.models import Medium
from tgadmin.lib.byteranges import Range

Key = tuple[int, int, int]

_BLOCK: Final = 256 * 1024
#: Messages that are looked up at a time.
PAGE: Final = 200
COLUMNS: Final = (
    "file", "sha256", "size", "mime", "channel", "channel_id", "message_id", "date", "kind",
)  # fmt: skip


def zipped(walk: Callable[[], Iterable[Medium]]) -> Iterator[bytes]:
    """The files of the media that `walk` gives (with `file` and `channel` at hand), then
    `manifest.json` and `manifest.csv`, for each of which they are walked again. A file that is not
    in the store any more is left out, and its line of the manifest names none.
    """
    archive = ZipStream(compress_type=ZIP_STORED)
    missing: set[Key] = set()
    for medium in walk():
        if medium.file is None:
            continue
        try:
            opened = store.open_part(medium.file, "", Range(0, max(medium.file.size - 1, 0)))
        except FileNotFoundError:
            missing.add((medium.channel_id, medium.message_id, medium.slot))
            continue
        archive.add(_blocks(opened, medium.file.size), arcname(medium))
        yield from archive.all_files()
    archive.add(_json(walk(), missing), "manifest.json", compress_type=ZIP_DEFLATED)
    yield from archive.all_files()
    archive.add(_csv(walk(), missing), "manifest.csv", compress_type=ZIP_DEFLATED)
    yield from archive.finalize()


def _json(media: Iterable[Medium], missing: set[Key]) -> Iterator[bytes]:
    before = "[\n"
    for medium in media:
        if medium.file:
            yield (before + json.dumps(line(medium, missing), ensure_ascii=False)).encode()
            before = ",\n"
    yield (before if before == "[\n" else "").encode() + b"\n]\n"


def _csv(media: Iterable[Medium], missing: set[Key]) -> Iterator[bytes]:
    yield "\ufeff".encode() + _row({name: name for name in COLUMNS})
    for medium in media:
        if medium.file:
            one = line(medium, missing)
            # A program that opens tables must not take a title for a formula.
            title = str(one["channel"])
            yield _row({**one, "channel": f"'{title}" if title[:1] in "=+-@" else title})


def _row(values: Mapping[str, Any]) -> bytes:
    out = io.StringIO()
    csv.DictWriter(out, COLUMNS).writerow(values)
    return out.getvalue().encode()


def arcname(medium: Medium) -> str:
    """Where it is in the zip: no two are the same, and they sort by date."""
    day = f"{medium.date:%Y-%m-%d}"
    number = f"{medium.message_id}" + (f"-{medium.slot}" if medium.slot else "")
    return f"{medium.channel_id}/{day}_{number}_{file_name(medium)}"


def line(medium: Medium, missing: set[Key]) -> dict[str, Any]:
    """A line of the manifest."""
    key = (medium.channel_id, medium.message_id, medium.slot)
    file = medium.file
    return {
        "file": "" if key in missing else arcname(medium),
        "sha256": file.sha256 if file else "",
        "size": file.size if file else None,
        "mime": file.mime if file else "",
        "channel": medium.channel.title,
        "channel_id": medium.channel.peer_id,
        "message_id": medium.message_id,
        "date": medium.date.isoformat(),
        "kind": medium.kind,
    }


def _blocks(opened: store.Readable, size: int) -> Iterator[bytes]:
    try:
        while size and (data := opened.read(_BLOCK)):
            yield data
    finally:
        opened.close()

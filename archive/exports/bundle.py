"""A zip with the file of the messages, their media, and which medium belongs to which message."""

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from typing import Any, cast

import orjson

from archive.exports import files
from archive.exports.base import ExportFormat, Writer
from archive.exports.media import Files
from archive.exports.options import Options
from archive.exports.reading import Reading
from archive.exports.sink import Sink
from archive.exports.zips import Zip

_BLOCK = 1 << 20


def bundled(format: ExportFormat, sink: Sink, options: Options) -> Writer:  # noqa: A002, the field's word
    """What writes it; HTML has its media within."""
    if format.name == "html":
        return format.writer(sink, options)
    return _Bundle(format, sink, options)


class _Bundle:
    def __init__(self, format: ExportFormat, sink: Sink, options: Options) -> None:  # noqa: A002
        self._archive = Zip(sink)
        suffix = f"{format.name}.zip" if options.partition else format.name
        text = format.name in {"csv", "jsonl"}
        member = zipfile.ZipInfo(f"messages.{suffix}")
        member.compress_type = zipfile.ZIP_DEFLATED if text else zipfile.ZIP_STORED
        self._member = self._archive.open(member, "w", force_zip64=True)
        self._inner = format.writer(cast("Sink", self._member), options)
        self._carries_files = options.carries_files
        self._readings: list[Reading] = []

    def take(self, reading: Reading) -> Iterator[int]:
        if self._carries_files:
            self._readings.append(reading)
        yield from self._inner.take(reading)

    def close(self) -> dict[str, Any]:
        told = self._inner.close()
        self._member.close()
        with (
            closing(Files(self._archive)) as media,
            tempfile.TemporaryFile(dir=files.directory()) as listed,
        ):
            for reading in self._readings:
                for rows in reading.rows(["message_id"], with_files=True):
                    for row in rows:
                        for file in row["files"] or []:
                            reading.check()
                            listed.write(_line(reading, row["message_id"], file, media.add(file)))
            listed.seek(0)
            with self._archive.open("media.jsonl", "w", force_zip64=True) as member:
                while data := listed.read(_BLOCK):
                    member.write(data)
        self._archive.close()
        return {**told, "media": len(media), "media_missing": media.missing}


def _line(reading: Reading, message_id: int, file: dict[str, Any], path: str) -> bytes:
    told = {
        "path": path,
        "channel_id": reading.channel.pk,
        "message_id": message_id,
        **{name: file[name] for name in ("slot", "kind", "mime", "size", "sha256")},
    }
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)

"""What a file or folder is, by what is in it; its name is a hint at best."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import tzinfo
from pathlib import Path
from typing import IO, Final

from ingestion.errors import InputError
from ingestion.sources.base import ArchiveSource
from ingestion.sources.desktop import HtmlExport, JsonExport, pages_of
from ingestion.sources.files import Files, Folder, Zip
from ingestion.sources.flat_json import FlatJson
from ingestion.sources.jsonl import JsonLines, read_manifest
from ingestion.sources.mtproto.dump import TelethonDump
from ingestion.sources.telegram_archive import TelegramArchive

#: Bytes that tell what a file is.
_HEAD: Final = 4096
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_GZIP: Final = b"\x1f\x8b"
#: How a line of tgadmin's begins, whatever columns were chosen.
_OWN_LINE: Final = re.compile(rb'\{"(channel_id|peer_id|message_id)":')
_SQLITE: Final = b"SQLite format 3\0"
#: A list of Telethon's dictionaries, or of flat ones, by its first key.
_LIST: Final = re.compile(rb'\[\s*\{\s*"(_|message_id)"\s*:')
_MANIFEST: Final = ".manifest.json"
_LONGEST_MANIFEST: Final = 64 * 2**20
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_RESULT: Final = "result.json"
#: Whatever begins as HTML, comments before it included.
_WEB_PAGE: Final = re.compile(
    rb"(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.DOTALL | re.IGNORECASE
)
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


def open_source(path: Path, *, zone: tzinfo) -> ArchiveSource:
    """The source that reads it. Raises `InputError`, in words, for what none can read."""
    try:
        if path.is_dir():
            return _folder(path, zone)
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise InputError(
            "CANNOT_OPEN",
            "“%(name)s” cannot be read: %(reason)s.",
            "See that it is there, and that tgadmin may read it.",
            name=path.name,
            reason=error.strerror or str(error),
        ) from error
    return _file(path, head, zone)


def _folder(path: Path, zone: tzinfo) -> ArchiveSource:
    found = _export_in(Folder(path), zone)
    if found is None:
        raise not_recognised(path.name)
    return found


def _export_in(files: Files, zone: tzinfo) -> ArchiveSource | None:
    """Telegram Desktop's export that begins here. The JSON says more where both were written."""
    if _RESULT in files.names():
        size = files.size(_RESULT)
        return JsonExport(lambda: files.open(_RESULT), size, zone=zone, beside=files)
    if pages_of(files):
        return HtmlExport(files, zone=zone)
    lines = [name for name in files.names() if name.endswith((".jsonl", ".jsonl.gz"))]
    return _lines(files, lines[0]) if len(lines) == 1 else None


def _lines(files: Files, name: str) -> ArchiveSource:
    """An own export, with its manifest where that lies beside it."""
    beside = name + _MANIFEST
    manifest = None
    if beside in files.names():
        manifest = read_manifest(files.read(beside, limit=_LONGEST_MANIFEST))
    return JsonLines(lambda: files.open(name), files.size(name), manifest=manifest)


def _zip(path: Path, zone: tzinfo) -> ArchiveSource:
    """Telegram Desktop makes no zips; people zip the folder, or what is in it."""
    for folder in Zip(path).folders():
        found = _export_in(Zip(path, inside=folder), zone)
        if found is not None:
            return found
    raise not_recognised(path.name)


def _file(path: Path, head: bytes, zone: tzinfo) -> ArchiveSource:
    text = head.removeprefix(_BYTE_ORDER_MARK).lstrip()
    if not text:
        raise InputError(
            "FILE_EMPTY",
            "“%(name)s” is empty.",
            "Copy or export it again.",
            name=path.name,
        )
    if head.startswith(_UTF16):
        raise InputError(
            "WRONG_ENCODING",
            "“%(name)s” is written in UTF-16; exports are UTF-8.",
            "Take the file as it was exported: an editor has saved it in another encoding.",
            name=path.name,
        )
    if head.startswith(_ZIP):
        return _zip(path, zone)
    if b"<html" in text.lower() and pages_of(Folder(path.parent)):
        return HtmlExport(Folder(path.parent), zone=zone)
    if head.startswith(_GZIP) or _OWN_LINE.match(text):
        files = Folder(path.parent)
        return _lines(files, path.name)
    if head.startswith(_SQLITE):
        return TelegramArchive(path)
    if found := _LIST.match(text):
        reader = TelethonDump if found[1] == b"_" else FlatJson
        return reader(_opener(path), path.stat().st_size)
    if text.startswith(b"{"):
        # Only the name that Telegram Desktop gives says that its files lie beside it: what is beside
        # an upload is not its own.
        beside = Folder(path.parent) if path.name == _RESULT else None
        return JsonExport(_opener(path), path.stat().st_size, zone=zone, beside=beside)
    if _WEB_PAGE.match(text):
        raise InputError(
            "WEB_PAGE",
            "“%(name)s” is a saved page of the web, and no export.",
            "To archive a public channel as t.me shows it, add the channel by its link: tgadmin "
            "reads its pages itself. From Telegram Desktop, import the whole folder of the export.",
            name=path.name,
        )
    raise not_recognised(path.name)


def _opener(path: Path) -> Callable[[], AbstractContextManager[IO[bytes]]]:
    return lambda: path.open("rb")


def not_recognised(name: str) -> InputError:
    """Something else than an export."""
    return InputError(
        "NOT_AN_EXPORT",
        "“%(name)s” is no export that tgadmin knows.",
        "It takes Telegram Desktop's exports (result.json, a folder or a zip of either format), "
        "tgadmin's own JSON Lines, and Telegram-Archive's database.",
        name=name,
    )

"""Stored files of messages, as members of a zip."""

import errno
import re
import sqlite3
import weakref
from collections.abc import Mapping
from typing import Any, Final

from archive.exports.files import Folder
from archive.exports.zips import Zip
from ingestion.media import store
from ingestion.models import StoredFile
from tgadmin.lib.byteranges import Range

_BLOCK: Final = 1 << 20
_SUFFIX: Final = re.compile(r"\.([A-Za-z0-9]{1,8})\Z")
#: What a browser or a system would run when a person opens it.
_RUN: Final = frozenset(
    {
        *("html", "htm", "xhtml", "xht", "shtml", "svg", "svgz", "xml", "xsl", "mht", "mhtml"),
        *("js", "mjs", "hta", "exe", "com", "bat", "cmd", "scr", "msi", "ps1", "vbs", "jar"),
        *("lnk", "url", "app", "desktop", "sh"),
    }
)
_TABLE: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE file (sha256 BLOB PRIMARY KEY, path TEXT NOT NULL) WITHOUT ROWID;
BEGIN;
"""
_BY_TYPE: Final = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/mp4": "m4a",
    "audio/flac": "flac",
    "audio/wav": "wav",
    "application/pdf": "pdf",
}


class Files:
    """The media of a zip: each file once, by its hash, whoever sent it again."""

    def __init__(self, archive: Zip) -> None:
        self._archive = archive
        self._known = _Known()
        self.missing = 0
        self.size = 0
        self._copied = 0

    def __len__(self) -> int:
        return self._copied

    def add(self, file: Mapping[str, Any]) -> str:
        """The file's path in the zip; empty when the store has lost it. `file` is one of a row's
        `files`.
        """
        key = bytes.fromhex(file["sha256"])
        path = self._known.get(key)
        if path is None:
            path = self._copy(file)
            self._known.put(key, path)
        return path

    def close(self) -> None:
        """Nothing is added any more."""
        self._known.close()

    def _copy(self, file: Mapping[str, Any]) -> str:
        path = path_of(file)
        stored = StoredFile(sha256=file["sha256"], size=file["size"], storage=file["storage"])
        try:
            opened = store.open_part(stored, "", Range(0, max(stored.size - 1, 0)))
        except FileNotFoundError:
            self.missing += 1
            return ""
        try:
            with self._archive.open(path, "w", force_zip64=True) as member:
                while stored.size and (data := opened.read(_BLOCK)):
                    member.write(data)
        finally:
            opened.close()
        self.size += stored.size
        self._copied += 1
        return path


class _Known:
    """Hash → where it is, or empty: not in the store any more. On the disk, beside the export: a
    channel may have a million files.
    """

    def __init__(self) -> None:
        self._folder = Folder()
        # Nothing of it is ever read again: it needs neither a journal nor an end.
        self._database = sqlite3.connect(self._folder.path / "files", isolation_level=None)
        self._database.executescript(_TABLE)
        self._ended = weakref.finalize(self, self._database.close)

    def get(self, key: bytes) -> str | None:
        row = self._database.execute("SELECT path FROM file WHERE sha256 = ?", [key]).fetchone()
        return None if row is None else row[0]

    def put(self, key: bytes, path: str) -> None:
        """Raises `OSError` when the disk is full, as files do."""
        try:
            self._database.execute("INSERT INTO file VALUES (?, ?)", [key, path])
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                raise OSError(errno.ENOSPC, str(error)) from error
            raise

    def close(self) -> None:
        self._ended()
        self._folder.close()


def path_of(file: Mapping[str, Any]) -> str:
    """By its hash, with a suffix that opens it and never runs it."""
    found = _SUFFIX.search(str(file.get("name") or ""))
    suffix = _BY_TYPE.get(str(file["mime"])) or (found[1].lower() if found else "bin")
    suffix = "bin" if suffix in _RUN else suffix
    return f"media/{file['sha256'][:2]}/{file['sha256']}.{suffix}"

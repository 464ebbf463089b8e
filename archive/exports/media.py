"""Stored files of messages, as members of a zip."""

import re
import zipfile
from collections.abc import Mapping
from typing import Any, Final

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

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        #: Hash → where it is, or empty: not in the store any more.
        self._known: dict[bytes, str] = {}
        self.missing = 0
        self.size = 0

    def __len__(self) -> int:
        return sum(1 for path in self._known.values() if path)

    def add(self, file: Mapping[str, Any]) -> str:
        """The file's path in the zip; empty when the store has lost it. `file` is one of a row's
        `files`.
        """
        key = bytes.fromhex(file["sha256"])
        if key not in self._known:
            self._known[key] = self._copy(file)
        return self._known[key]

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
        return path


def path_of(file: Mapping[str, Any]) -> str:
    """By its hash, with a suffix that opens it and never runs it."""
    found = _SUFFIX.search(str(file.get("name") or ""))
    suffix = _BY_TYPE.get(str(file["mime"])) or (found[1].lower() if found else "bin")
    suffix = "bin" if suffix in _RUN else suffix
    return f"media/{file['sha256'][:2]}/{file['sha256']}.{suffix}"

"""A zip of any number of files, in constant memory.

`zipfile` keeps half a kilobyte for each file until the end, where the list of them is written. Here
that list waits on the disk, beside the export: `/tmp` may be memory, too.
"""

import tempfile
import weakref
import zipfile
from collections.abc import Iterator
from typing import Final

import orjson

from archive.exports import files
from archive.exports.sink import Sink, as_file

#: What the list says of a file besides its name and time. Comments and extra fields have none here:
#: what `zipfile` needs of the latter it makes of the sizes.
_TOLD: Final = (
    "compress_type", "create_system", "create_version", "extract_version", "flag_bits",
    "external_attr", "header_offset", "CRC", "compress_size", "file_size",
)  # fmt: skip


class Zip(zipfile.ZipFile):
    """Written from its beginning to its end. It does not notice a name that comes twice."""

    def __init__(self, sink: Sink, compression: int = zipfile.ZIP_STORED) -> None:
        super().__init__(as_file(sink), "w", compression, allowZip64=True)
        self.filelist = _Entries()
        self.NameToInfo = _Forgotten()

    def __del__(self) -> None:
        """One that was left in the middle gets no end: its sink may be closed."""


class _Entries(list[zipfile.ZipInfo]):
    """Keeps in a file what is appended. Asked for again, each comes anew."""

    def __init__(self) -> None:
        super().__init__()
        self._file = tempfile.TemporaryFile(dir=files.directory())  # noqa: SIM115, until it is left
        self._number = 0
        weakref.finalize(self, self._file.close)

    def append(self, entry: zipfile.ZipInfo, /) -> None:
        told = [entry.filename, entry.date_time, *(getattr(entry, name) for name in _TOLD)]
        self._file.write(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE))
        self._number += 1

    def __len__(self) -> int:
        return self._number

    def __iter__(self) -> Iterator[zipfile.ZipInfo]:
        self._file.seek(0)
        for line in self._file:
            file_name, date_time, *values = orjson.loads(line)
            entry = zipfile.ZipInfo(file_name, tuple(date_time))
            for name, value in zip(_TOLD, values, strict=True):
                setattr(entry, name, value)
            yield entry


class _Forgotten(dict[str, zipfile.ZipInfo]):
    """The same by name, which is for reading only."""

    def __setitem__(self, name: str, entry: zipfile.ZipInfo, /) -> None:
        pass

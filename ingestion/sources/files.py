"""A folder or a zip of files, read by name and never unpacked.

Nothing is written anywhere, so a name in a zip that leads out of it is only a name that nothing
asks for; how much is read is limited by what comes out, not by what the zip says of itself.
Names that messages give their files are looked up below the folder, and nowhere else.
"""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Final, Protocol

from ingestion.errors import DataError, InputError

#: Entries of a zip that are looked at.
MOST_ENTRIES: Final = 500_000
#: Text is packed by less than this; what is packed by more is a zip bomb.
MOST_PACKED: Final = 200
#: What may be packed like that and is too small to hurt.
_SMALL: Final = 2**20


class Files(Protocol):
    """Names are relative to the folder in which the export begins."""

    def names(self) -> list[str]: ...

    def size(self, name: str) -> int: ...

    def read(self, name: str, *, limit: int) -> bytes:
        """A whole file. Raises `DataError` when it is longer than `limit` bytes."""
        ...

    def find(self, name: str) -> int | None:
        """Bytes of a file at any depth; None where it is not there, or leads elsewhere."""
        ...

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]: ...


def below(name: str) -> str:
    """A name that a message gives, as a path below a folder; empty for one that leads elsewhere."""
    path = PurePosixPath(name.replace("\\", "/"))
    elsewhere = path.is_absolute() or ".." in path.parts or "\0" in name
    return "" if elsewhere or not path.parts or ":" in path.parts[0] else path.as_posix()


class Folder:
    """Files of a directory; links that lead out of it are not followed."""

    def __init__(self, path: Path) -> None:
        self._path = path.resolve()

    def names(self) -> list[str]:
        return sorted(item.name for item in self._path.iterdir() if self._is_inside(item))

    def _is_inside(self, item: Path) -> bool:
        return item.is_file() and item.resolve().is_relative_to(self._path)

    def find(self, name: str) -> int | None:
        path = self._path / below(name)
        try:
            return path.stat().st_size if self._is_inside(path) else None
        except OSError:  # a name that no disk takes
            return None

    def size(self, name: str) -> int:
        return (self._path / name).stat().st_size

    def read(self, name: str, *, limit: int) -> bytes:
        with self.open(name) as file:
            return _limited(file, name, limit)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        with (self._path / below(name)).open("rb") as file:
            yield file


class Zip:
    """Files of a zip, of the folder in which `inside` lies."""

    def __init__(self, path: Path, *, inside: str = "") -> None:
        self._path = path
        self._sizes: dict[str, int] = {}
        self._inside = inside
        self._archive: zipfile.ZipFile | None = None
        with _open_zip(path) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise InputError(
                    "ZIP_TOO_MANY",
                    "The zip has %(count)d entries, more than any export.",
                    "Unpack it, and import the folder of the export.",
                    count=len(entries),
                )
            for entry in entries:
                if entry.filename.startswith(inside) and _is_file(entry):
                    _check(entry)
                    self._sizes[entry.filename.removeprefix(inside)] = entry.file_size

    def names(self) -> list[str]:
        return sorted(name for name in self._sizes if "/" not in name)

    def folders(self) -> list[str]:
        """Of the first two levels, with "" for the top: where an export may begin."""
        found = {""}
        for name in self._sizes:
            parts = PurePosixPath(name).parts[:-1][:2]
            found.update("/".join(parts[:depth]) + "/" for depth in range(1, len(parts) + 1))
        return sorted(found, key=lambda folder: (folder.count("/"), folder))

    def size(self, name: str) -> int:
        return self._sizes[name]

    def find(self, name: str) -> int | None:
        return self._sizes.get(below(name))

    def read(self, name: str, *, limit: int) -> bytes:
        with self.open(name) as file:
            return _limited(file, name, limit)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        if self._archive is None:  # opened once: its list of entries may be long
            self._archive = _open_zip(self._path)
        try:
            with self._archive.open(self._inside + below(name)) as file:
                yield _Guarded(file, name)  # type: ignore[misc] # reads, and that is all
        # The last three are how zipfile tells of a compression that it does not know, of a
        # password, and of an end that comes too early.
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            raise _damaged_zip(str(error)) from error


class _Guarded:
    """A file of a zip that breaks off with an error of ours."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file = file
        self._name = name

    def read(self, size: int = -1) -> bytes:
        try:
            return self._file.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            raise _damaged_zip(f"{self._name}: {error}") from error


def _open_zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise _damaged_zip(str(error)) from error


def _is_file(entry: zipfile.ZipInfo) -> bool:
    """No folder, and no link: what is in that is a name."""
    return not entry.is_dir() and not stat.S_ISLNK(entry.external_attr >> 16)


def _check(entry: zipfile.ZipInfo) -> None:
    packed = max(entry.compress_size, 1)
    if entry.file_size > _SMALL and entry.file_size / packed > MOST_PACKED:
        raise InputError(
            "ZIP_BOMB",
            "“%(name)s” in the zip would be %(times)d times its packed size: no export is packed "
            "like that.",
            "Nothing was read of it. Make the zip again from the folder of the export.",
            name=entry.filename[:100],
            times=entry.file_size // packed,
        )
    if entry.flag_bits & 1:
        raise InputError(
            "ZIP_ENCRYPTED",
            "The zip is protected with a password.",
            "Unpack it, and import the folder or a zip without a password.",
        )


def _limited(file: IO[bytes], name: str, limit: int) -> bytes:
    # In blocks: asked for all at once, Python makes room for the limit.
    parts: list[bytes] = []
    size = 0
    while size <= limit and (block := file.read(2**20)):
        parts.append(block)
        size += len(block)
    data = b"".join(parts)
    if size > limit:
        raise DataError(
            "FILE_TOO_LONG",
            "“%(name)s” is longer than %(megabytes)d MB, which no page of an export is.",
            "Export the chat again with Telegram Desktop.",
            name=name,
            megabytes=limit // 2**20,
        )
    return data


def _damaged_zip(reason: str) -> DataError:
    return DataError(
        "ZIP_DAMAGED",
        "The zip is damaged or not whole: %(reason)s.",
        "Copy or make it again. What was imported from it before stays.",
        reason=reason,
    )

"""Writing and reading the one file, as a stream, with flat memory."""

import contextlib
import hashlib
import io
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

from archive.exports import Sink
from tgadmin.management.backup.manifest import NAME, BackupError, Manifest, Part

DUMP = "database.dump"
EXPORTS = "exports/"
#: Bytes of a piece of the dump, which is held in memory.
PIECE = 4 * 2**20

Tell = Callable[[str, int], object]


class Writer:
    """Adds parts to a tar that is written in one go, and keeps their hashes for the manifest.

    Left by an error it writes nothing more.
    """

    def __init__(self, out: Sink, tell: Tell) -> None:
        self._out = _Out(out)
        # It calls nothing but `write`.
        self._tar = tarfile.open(fileobj=cast("IO[bytes]", self._out), mode="w|")  # noqa: SIM115, `finish` closes it
        self._tell = tell
        self.parts: dict[str, Part] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._out.over = True

    def add_dump(self, stream: IO[bytes]) -> None:
        digest, size, number = hashlib.sha256(), 0, 0
        while piece := stream.read(PIECE):
            digest.update(piece)
            size += len(piece)
            self._member(f"{DUMP}.{number:05}", len(piece), io.BytesIO(piece))
            number += 1
            self._tell("database", size)
        self.parts[DUMP] = Part(size, digest.hexdigest())

    def add_file(self, name: str, file: IO[bytes], size: int) -> None:
        hashed = _Hashed(file)
        self._member(EXPORTS + name, size, hashed)
        self.parts[EXPORTS + name] = Part(size, hashed.digest.hexdigest())
        self._tell(name, size)

    def finish(self, manifest: Manifest) -> None:
        manifest.parts = self.parts
        text = manifest.to_json()
        self._member(NAME, len(text), io.BytesIO(text))
        self._tar.close()

    def _member(self, name: str, size: int, content: "IO[bytes] | _Hashed") -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = size, 0o600, int(time.time())
        self._tar.addfile(member, content)


class _Out:
    """What the tar is written to, until it is over: a tar that was left unfinished writes its end
    when Python clears it away, where an error could only be shown as a traceback.
    """

    def __init__(self, out: Sink) -> None:
        self._out = out
        self.over = False

    def write(self, block: bytes) -> None:
        if not self.over:
            self._out.write(block)


class _Hashed:
    """A file that is hashed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self.digest.update(block)
        return block


def verify(file: Path, tell: Tell) -> Manifest:
    """Read all of it and compare with the manifest; raises `BackupError` when a byte differs."""
    digests: dict[str, hashlib._Hash] = {}
    sizes: dict[str, int] = {}
    manifest: Manifest | None = None
    with _in_words(file):  # what is cut off is found while a content is read
        for name, content in members(file):
            if name == NAME:
                manifest = Manifest.from_json(content.read())
                continue
            part = DUMP if name.startswith(f"{DUMP}.") else name
            digest = digests.setdefault(part, hashlib.sha256())
            while block := content.read(2**20):
                digest.update(block)
                sizes[part] = sizes.get(part, 0) + len(block)
                tell(part, sizes[part])
    if manifest is None:
        raise BackupError(f"{file} ends before its manifest: it is not whole.")
    found = {name: Part(sizes.get(name, 0), digest.hexdigest()) for name, digest in digests.items()}
    for name in manifest.parts.keys() | found.keys():
        if manifest.parts.get(name) != found.get(name):
            raise BackupError(
                f"{file} is damaged: “{name}” is not what was saved (its SHA-256 differs). "
                "Nothing was changed. Take another backup."
            )
    return manifest


def members(file: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield name and content of each part, in order; read a content before asking for the next."""
    with _in_words(file), tarfile.open(file, mode="r|") as tar:
        for member in tar:
            content = tar.extractfile(member)
            if content is None or not _is_ours(member.name):
                raise BackupError(f"{file} is no backup of tgadmin (it holds {member.name}).")
            yield member.name, content


@contextlib.contextmanager
def _in_words(file: Path) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError) as error:
        raise BackupError(f"{file} is no backup of tgadmin, or not whole: {error}.") from error
    except OSError as error:
        raise BackupError(f"{file} cannot be read: {error.strerror or error}.") from error


def _is_ours(name: str) -> bool:
    if name.startswith(EXPORTS):
        # Exports lie side by side, so a name that leads anywhere is nobody's.
        inside = name.removeprefix(EXPORTS)
        return inside not in {"", ".", ".."} and "/" not in inside
    return name == NAME or name.startswith(f"{DUMP}.")

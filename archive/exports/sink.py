"""Where an export goes: a file that is whole or does not exist, or a stream."""

import contextlib
import hashlib
import io
import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Protocol, Self, cast

if TYPE_CHECKING:
    from archive.exports.options import Options


class Sink(Protocol):
    """Takes an export's bytes in order."""

    def write(self, block: bytes) -> object: ...


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is known of a whole file: bytes, and SHA-256 in hexadecimal digits."""

    size: int
    sha256: str


class GzipSink:
    """Compresses what it is given into another sink. `close` writes the end."""

    #: A little less than the default: a third faster, a fiftieth larger.
    _LEVEL = 5
    #: https://docs.python.org/3/library/zlib.html#zlib.compressobj: the largest window, gzip.
    _GZIP = 31

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._packer = zlib.compressobj(self._LEVEL, wbits=self._GZIP)
        self.size = 0

    def write(self, block: bytes) -> None:
        self._pass_on(self._packer.compress(block))

    def close(self) -> None:
        self._pass_on(self._packer.flush())

    def _pass_on(self, packed: bytes) -> None:
        self.size += len(packed)
        if packed:
            self._sink.write(packed)


class Counted:
    """Knows how many bytes went through it."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.size = 0

    def write(self, block: bytes) -> None:
        self.size += len(block)
        self._sink.write(block)


class ZstdSink:
    """Compresses as https://www.rfc-editor.org/rfc/rfc8878 says. `close` writes the end."""

    _LEVEL = 3

    def __init__(self, sink: Sink) -> None:
        import pyarrow as pa  # noqa: PLC0415, heavy, and the web never compresses

        self._stream: Any = pa.CompressedOutputStream(as_file(sink), "zstd")

    def write(self, block: bytes) -> None:
        self._stream.write(block)

    def close(self) -> None:
        self._stream.close()


@dataclass(frozen=True, slots=True)
class Packing:
    """Where to write, and how to end it."""

    sink: Sink
    close: Callable[[], None]


def packed(sink: Sink, options: "Options") -> Packing:
    """Into a sink, compressed as the options say."""
    if not (options.gzip or options.zstd):
        return Packing(sink, lambda: None)
    packer = GzipSink(sink) if options.gzip else ZstdSink(sink)
    return Packing(packer, packer.close)


class _File(io.RawIOBase):
    """A sink as a file that can only be written to, from its beginning to its end. Closing it
    leaves the sink as it is.
    """

    def __init__(self, sink: Sink) -> None:
        super().__init__()
        self._sink = sink
        self._place = 0

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def write(self, block: Any, /) -> int:
        data = bytes(block)
        self._sink.write(data)
        self._place += len(data)
        return len(data)

    def tell(self) -> int:
        return self._place


def as_file(sink: Sink) -> IO[bytes]:
    """For libraries that write to files."""
    return cast("IO[bytes]", _File(sink))


class FileSink:
    """Writes to `temporary`, which `publish` renames to `target` in the same directory.

    Left without `publish`, by an error or otherwise, it leaves nothing behind. Unless `mode` says
    otherwise, nobody else on this machine reads it.
    """

    def __init__(self, target: Path, *, temporary: Path, mode: int = 0o600) -> None:
        self.target = target
        self.temporary = temporary
        self._mode = mode
        self._file: IO[bytes] | None = None
        self._hash = hashlib.sha256()
        self._size = 0

    def __enter__(self) -> Self:
        handle = os.open(self.temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, self._mode)
        self._file = os.fdopen(handle, "wb", buffering=0)
        return self

    def write(self, block: bytes) -> None:
        if self._file is None:
            raise ValueError("The file is closed")
        rest = memoryview(block)
        while rest:
            rest = rest[self._file.write(rest) :]
        self._hash.update(block)
        self._size += len(block)

    def seal(self) -> Manifest:
        """Bring all of it to the disk. Raises `OSError` when it is full."""
        if self._file is None:
            raise ValueError("The file is closed")
        os.fsync(self._file.fileno())
        self._file.close()
        self._file = None
        return Manifest(self._size, self._hash.hexdigest())

    def publish(self) -> None:
        """Give the sealed file its name; what had that name before is replaced."""
        if self._file is not None:
            raise ValueError("The file is not sealed")
        self.temporary.replace(self.target)
        directory = os.open(self.target.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None
        self.temporary.unlink(missing_ok=True)

"""One file, part by part, into a file of this disk.

https://core.telegram.org/api/files#downloading-files: parts lie within one megabyte, their offset
is a multiple of their size.
"""

import asyncio
import errno
import hashlib
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Protocol

from ingestion.errors import DataError, IngestionError
from ingestion.sources.base import PartHash, RemoteFile

#: Bytes of a part.
PART: Final = 512 * 1024
#: Files below this are one request: asking for their hash would be the second.
WORTH_HASHES: Final = 1 << 20


class Remote(Protocol):
    """What files are read from."""

    async def part(self, file: RemoteFile, offset: int, limit: int) -> bytes:
        """At most `limit` bytes from `offset` on."""
        ...

    async def hashes(self, file: RemoteFile, offset: int) -> list[PartHash]:
        """What is known of the bytes from `offset` on."""
        ...


_AGAIN: Final = "It is fetched again from there."


class ShortPart(DataError):
    """A part that is not the last ends early; the file is good up to `good_to`."""

    def __init__(self, *, good_to: int, got: int, expected: int) -> None:
        super().__init__(
            "MEDIA_SHORT",
            "Telegram sent %(got)s bytes of a part that has %(expected)s.",
            _AGAIN,
            got=got,
            expected=expected,
        )
        self.good_to = good_to


class LongPart(DataError):
    """There is more of the file than was announced: none of it can be trusted."""

    good_to = 0

    def __init__(self, *, size: int) -> None:
        super().__init__(
            "MEDIA_SIZE",
            "The file is longer than the %(size)s bytes that Telegram announced.",
            "All of it is fetched again.",
            size=size,
        )


class WrongHash(DataError):
    """Other bytes came than those that Telegram has; the file is good up to `good_to`."""

    def __init__(self, *, good_to: int) -> None:
        super().__init__(
            "MEDIA_HASH",
            "What came of the file is not what Telegram's hash of it says.",
            _AGAIN,
        )
        self.good_to = good_to


#: What came is not what was announced; everything from their `good_to` on has to come again.
WRONG_BYTES: Final = (ShortPart, LongPart, WrongHash)


class Stopped(Exception):
    """The slice ends; what was fetched stays for the next."""


@dataclass(slots=True)
class Progress:
    """How much of a file is written, without a hole."""

    written: int = 0
    file: IO[bytes] | None = None


async def fetch(
    remote: Remote,
    wanted: RemoteFile,
    path: Path,
    progress: Progress,
    *,
    at_once: int,
    stop: Callable[[], bool],
) -> None:
    """Bring a file to its end from `progress.written` on. At most `at_once` parts are asked for
    at a time; they are written in order. Raises `Stopped`, `WRONG_BYTES`, and what a request can.
    """
    with _opened(path, progress) as file:
        try:
            await _window(remote, wanted, file, progress, at_once=at_once, stop=stop)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise no_room() from error
        finally:
            progress.file = None


def _opened(path: Path, progress: Progress) -> IO[bytes]:
    """The file at the place where it goes on: a whole number of parts that are there for certain."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = path.open("r+b" if path.exists() else "w+b")
    start = min(progress.written, path.stat().st_size) // PART * PART
    file.truncate(start)
    file.seek(start)
    progress.written, progress.file = start, file
    return file


def no_room() -> IngestionError:
    """What to say when the disk is full."""
    return IngestionError(
        "MEDIA_DISK_FULL",
        "There is no room left on the disk of the data directory.",
        "Make room; it goes on by itself then.",
    )


async def _window(
    remote: Remote,
    wanted: RemoteFile,
    file: IO[bytes],
    progress: Progress,
    *,
    at_once: int,
    stop: Callable[[], bool],
) -> None:
    ahead: deque[asyncio.Task[bytes]] = deque()
    next_at = progress.written
    size = wanted.size
    try:
        while progress.written < size:
            while next_at < size and len(ahead) < at_once and not stop():
                ahead.append(asyncio.ensure_future(_asked(remote.part(wanted, next_at, PART))))
                next_at += PART
            if not ahead:
                raise Stopped
            data = await ahead.popleft()
            _check(data, progress.written, size)
            file.write(data)
            file.flush()
            progress.written += len(data)
    finally:
        for task in ahead:
            task.cancel()
        await asyncio.gather(*ahead, return_exceptions=True)


async def _asked(answer: Awaitable[bytes]) -> bytes:
    return await answer


def _check(data: bytes, offset: int, size: int) -> None:
    expected = min(PART, size - offset)
    if len(data) < expected:
        raise ShortPart(good_to=offset, got=len(data), expected=expected)
    if len(data) > expected:
        raise LongPart(size=size)


async def verify(remote: Remote, wanted: RemoteFile, path: Path) -> bool:
    """Compare a whole file with the hashes that Telegram offers; False where it offers none.
    Raises `WrongHash`.
    """
    at = 0
    while at < wanted.size:
        found = [one for one in await remote.hashes(wanted, at) if one.offset + one.limit > at]
        if not found:
            return at > 0
        for one in sorted(found, key=lambda one: one.offset):
            await asyncio.to_thread(_compare, path, one)
        at = max(one.offset + one.limit for one in found)
    return True


def _compare(path: Path, told: PartHash) -> None:
    with path.open("rb") as file:
        file.seek(told.offset)
        if hashlib.sha256(file.read(told.limit)).digest() == told.sha256:
            return
    raise WrongHash(good_to=told.offset // PART * PART)

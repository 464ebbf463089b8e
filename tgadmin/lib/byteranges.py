"""Ranges of bytes that a client asks for (https://www.rfc-editor.org/rfc/rfc9110#section-14).

Several at once are answered with the whole file, which the standard allows.
"""

import re
from dataclasses import dataclass
from typing import IO, Final

_RANGE: Final = re.compile(r"bytes=\s*(\d*)-(\d*)\s*", re.ASCII | re.IGNORECASE)
#: More digits than a file has bytes; `int` refuses thousands of them.
_DIGITS: Final = 18


@dataclass(frozen=True, slots=True)
class Range:
    """Both ends included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


class UnsatisfiableError(Exception):
    """The range lies beyond the file."""


class Part:
    """`length` bytes of a file from where it stands."""

    def __init__(self, file: IO[bytes], length: int) -> None:
        self._file = file
        self._left = length

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data

    def close(self) -> None:
        self._file.close()


def asked(text: str, size: int) -> Range | None:
    """What a `Range` header asks for of a file of `size` bytes; None: all of it. Raises
    `UnsatisfiableError`.
    """
    match = _RANGE.fullmatch(text)
    if match is None or max(map(len, match.groups())) > _DIGITS:
        return None
    first, last = match.groups()
    if first:
        found = Range(int(first), min(int(last), size - 1) if last else size - 1)
        if last and int(last) < int(first):
            return None  # not a range at all
    elif last:
        found = Range(max(size - int(last), 0), size - 1)
    else:
        return None
    if found.first > found.last:
        raise UnsatisfiableError
    return found

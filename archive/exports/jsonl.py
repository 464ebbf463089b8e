"""JSON Lines: one object a message, everything that is known of it, its raw record included."""

from collections.abc import Iterable, Iterator
from typing import Final

from archive.exports import sql
from archive.exports.base import BLOCK

# https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"
_SIGNATURE: Final = b"PGCOPY\n\xff\r\n\0"
#: Signature, flags, and the length of an extension that no version has.
_FILE_HEADER: Final = len(_SIGNATURE) + 8
#: Number of fields (2 bytes), length of the only one (4 bytes).
_ROW_HEADER: Final = 6
#: Bytes of the trailer, where the number of fields is -1.
_TRAILER: Final = 2


class JsonLines:
    name = "jsonl"
    content_type = "application/x-ndjson"
    statement = sql.JSONL

    def blocks(self, messages: Iterable[memoryview]) -> Iterator[tuple[int, bytes]]:
        parts: list[memoryview] = []
        size = rows = 0
        for message in _without_file_header(messages):
            if len(message) == _TRAILER:
                continue
            parts.append(message[_ROW_HEADER:])
            rows += 1
            size += len(message)
            if size >= BLOCK:
                yield rows, b"".join(parts)
                parts.clear()
                size = rows = 0
        yield rows, b"".join(parts)


def _without_file_header(messages: Iterable[memoryview]) -> Iterator[memoryview]:
    """Cut off the file's header, which comes together with the first row."""
    iterator = iter(messages)
    for first in iterator:
        if bytes(first[: len(_SIGNATURE)]) != _SIGNATURE:
            raise ValueError("PostgreSQL sent something else than its binary COPY format.")
        if rest := first[_FILE_HEADER:]:
            yield rest
        break
    yield from iterator

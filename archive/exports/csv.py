"""CSV as RFC 4180 has it, for spreadsheets.

It begins with a byte order mark: without one, Excel reads UTF-8 as the system's old code page, and
Cyrillic, Arabic or emoji become garbage. Programs that do not want it find JSON Lines beside.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from archive.exports import sql
from archive.exports.base import BLOCK

_BOM: Final = b"\xef\xbb\xbf"
_END_OF_LINE: Final = b"\r\n"


class Csv:
    name = "csv"
    content_type = "text/csv; charset=utf-8; header=present"
    statement = sql.CSV

    def blocks(self, messages: Iterable[memoryview]) -> Iterator[tuple[int, bytes]]:
        parts: list[memoryview | bytes] = [_BOM]
        size = 0
        rows = -1  # the first message is the header
        for message in messages:
            parts.append(message[:-1])  # PostgreSQL ends lines as its system does
            parts.append(_END_OF_LINE)
            rows += 1
            size += len(message)
            if size >= BLOCK:
                yield rows, b"".join(parts)
                parts.clear()
                size = rows = 0
        yield rows, b"".join(parts)

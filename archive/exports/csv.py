"""CSV as RFC 4180 has it, for spreadsheets.

It begins with a byte order mark: without one, Excel reads UTF-8 as the system's old code page, and
Cyrillic, Arabic or emoji become garbage. Programs that do not want it find JSON Lines beside.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from psycopg.sql import Composed

from archive.exports import sql
from archive.exports.base import chunks
from archive.exports.options import Options

_BOM: Final = b"\xef\xbb\xbf"
_END_OF_LINE: Final = b"\r\n"


class Csv:
    name = "csv"
    content_type = "text/csv; charset=utf-8; header=present"

    def statement(self, options: Options, *, sample: bool = False) -> Composed:
        return sql.csv_statement(
            options.columns_of(self.name),
            without_senders=options.without_senders,
            zone=options.time_zone,
            sample=sample,
        )

    def blocks(
        self, messages: Iterable[memoryview], *, first: bool = True
    ) -> Iterator[tuple[int, bytes]]:
        before, header = _BOM, 1
        for chunk in chunks(messages):
            # PostgreSQL ends lines as its system does.
            lines: list[memoryview | bytes] = [message[:-1] for message in chunk]
            if header and not first:
                del lines[0]
            elif header:
                lines[0] = before + lines[0]
            lines.append(b"")
            yield len(chunk) - header, _END_OF_LINE.join(lines)
            before, header = b"", 0

"""CSV as RFC 4180 has it, for spreadsheets.

It begins with a byte order mark: without one, Excel reads UTF-8 as the system's old code page, and
Cyrillic, Arabic or emoji become garbage. Programs that do not want it find JSON Lines beside.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import orjson
from psycopg.sql import Composed

from archive.exports import sql
from archive.exports.base import TextWriter, Writer, chunks
from archive.exports.options import Options
from archive.exports.reading import as_table
from archive.exports.redaction import Row
from archive.exports.sink import Sink

_BOM: Final = b"\xef\xbb\xbf"
_END_OF_LINE: Final = b"\r\n"
#: Which a spreadsheet would read as a formula, as `columns` has it.
_FORMULA: Final = re.compile(r"'*[-=+@\t\n\r＝＋－＠]")
#: Theirs are texts of people; the others are numbers, times and JSON.
_TEXTS: Final = frozenset({"text", "author", "sender_id", "links", "hashtags", "kind"})


class Csv:
    name = "csv"
    content_type = "text/csv; charset=utf-8; header=present"

    def writer(self, sink: Sink, options: Options) -> Writer:
        return TextWriter(self, sink, options)

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

    def encode(self, rows: Sequence[Row], options: Options, *, first: bool) -> bytes:
        columns = options.columns_of(self.name)
        out = io.StringIO()
        lines = csv.writer(out)
        if first:
            out.write(_BOM.decode())
            lines.writerow(columns)
        for row in rows:
            table = as_table(row, columns)
            lines.writerow([_cell(name, table[name]) for name in columns])
        return out.getvalue().encode()


def _cell(name: str, value: Any) -> Any:
    """As COPY writes it."""
    if name in _TEXTS:
        text = " ".join(value) if isinstance(value, list) else str(value or "")
        number = name == "sender_id" and text.removeprefix("-").isdigit()
        return f"'{text}" if _FORMULA.match(text) and not number else text
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else value

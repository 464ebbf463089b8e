"""JSON Lines: one object a message, everything that is known of it, its raw record included."""

from collections.abc import Iterable, Iterator
from typing import Final

from psycopg.sql import Composed

from archive.exports import sql
from archive.exports.base import chunks
from archive.exports.options import Options

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

    def statement(self, options: Options, *, sample: bool = False) -> Composed:
        return sql.jsonl_statement(
            options.columns_of(self.name), without_senders=options.without_senders, sample=sample
        )

    def blocks(
        self,
        messages: Iterable[memoryview],
        *,
        first: bool = True,  # noqa: ARG002, lines know no header
    ) -> Iterator[tuple[int, bytes]]:
        file_header = _FILE_HEADER
        for chunk in chunks(messages):
            if file_header:  # it comes together with the first row
                if bytes(chunk[0][: len(_SIGNATURE)]) != _SIGNATURE:
                    raise ValueError("PostgreSQL sent something else than its binary COPY format.")
                chunk[0] = chunk[0][file_header:]
                file_header = 0
            rows = len(chunk) - (len(chunk[-1]) == _TRAILER)
            yield rows, b"".join([message[_ROW_HEADER:] for message in chunk])

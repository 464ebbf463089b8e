"""JSON Lines: one object a message, everything that is known of it, its raw record included."""

from collections.abc import Iterable, Iterator, Sequence

import orjson
from psycopg.sql import Composed

from archive.exports import sql
from archive.exports.base import TextWriter, Writer, chunks
from archive.exports.options import Options
from archive.exports.reading import FILE_HEADER, ROW_HEADER, SIGNATURE, TRAILER
from archive.exports.redaction import Row
from archive.exports.sink import Sink


class JsonLines:
    name = "jsonl"
    content_type = "application/x-ndjson"

    def writer(self, sink: Sink, options: Options) -> Writer:
        return TextWriter(self, sink, options)

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
        file_header = FILE_HEADER
        for chunk in chunks(messages):
            if file_header:  # it comes together with the first row
                if bytes(chunk[0][: len(SIGNATURE)]) != SIGNATURE:
                    raise ValueError("PostgreSQL sent something else than its binary COPY format.")
                chunk[0] = chunk[0][file_header:]
                file_header = 0
            rows = len(chunk) - (len(chunk[-1]) == TRAILER)
            yield rows, b"".join([message[ROW_HEADER:] for message in chunk])

    def encode(self, rows: Sequence[Row], options: Options, *, first: bool) -> bytes:  # noqa: ARG002, lines know no header
        return b"".join([orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows])

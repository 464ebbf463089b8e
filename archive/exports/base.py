"""What an export format is."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, Protocol

from psycopg.sql import Composed

from archive.exports.options import Options
from archive.exports.reading import Reading
from archive.exports.redaction import Row
from archive.exports.sink import Sink

#: Rows that are hashed and written at a time: half a megabyte of JSON.
ROWS: Final = 256


class Writer(Protocol):
    """One file that is being written."""

    def take(self, reading: Reading) -> Iterator[int]:
        """Write the messages of the next channel; gives how many, now and then."""
        ...

    def close(self) -> dict[str, Any]:
        """Write the end; what the manifest is to say of the file besides the usual. A writer that
        is left without it leaves nothing open.
        """
        ...


class ExportFormat(Protocol):
    """A way of writing messages into a file, channel after channel."""

    name: str
    content_type: str

    def writer(self, sink: Sink, options: Options) -> Writer: ...


class TextFormat(ExportFormat, Protocol):
    """A format whose bytes PostgreSQL itself makes."""

    def statement(self, options: Options, *, sample: bool = False) -> Composed:
        """COPY … TO STDOUT of one channel, with the parameters `channel`, `peer` and those of
        filters; of its last `sample` messages when that is wished.
        """
        ...

    def blocks(
        self, messages: Iterable[memoryview], *, first: bool = True
    ) -> Iterator[tuple[int, bytes]]:
        """From COPY's messages to `(rows in it, bytes of the file)`, in order. `first`: the file
        begins with them.

        PostgreSQL sends one message a row
        (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY).
        """
        ...

    def encode(self, rows: Sequence[Row], options: Options, *, first: bool) -> bytes:
        """The same bytes made of rows that were redacted."""
        ...


class TextWriter:
    """Writes a text format: straight from COPY, or row by row where something is done to them."""

    def __init__(self, format: TextFormat, sink: Sink, options: Options) -> None:  # noqa: A002, the field's word
        self._format = format
        self._sink = sink
        self._options = options
        self._first = True

    def take(self, reading: Reading) -> Iterator[int]:
        blocks = self._from_rows(reading) if reading.step else self._from_copy(reading)
        for added, block in blocks:
            self._sink.write(block)
            yield added
        self._first = False

    def _from_copy(self, reading: Reading) -> Iterator[tuple[int, bytes]]:
        statement = self._format.statement(self._options)
        with reading.copy(statement) as messages:
            yield from self._format.blocks(messages, first=self._first)

    def _from_rows(self, reading: Reading) -> Iterator[tuple[int, bytes]]:
        first = self._first
        if first:
            yield 0, self._format.encode([], self._options, first=True)
        for rows in reading.rows(self._options.columns_of(self._format.name)):
            yield len(rows), self._format.encode(rows, self._options, first=False)

    def close(self) -> dict[str, Any]:
        return {}


def chunks(messages: Iterable[memoryview]) -> Iterator[list[memoryview]]:
    """So many messages at a time: what is done for each single one is what an export costs."""
    iterator = iter(messages)
    while chunk := list(islice(iterator, ROWS)):
        yield chunk

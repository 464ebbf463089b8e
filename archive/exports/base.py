"""What an export format is."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, Protocol

from psycopg.sql import Composed

from archive.exports.options import Options

#: Rows that are hashed and written at a time: half a megabyte of JSON.
ROWS: Final = 256


class ExportFormat(Protocol):
    """A way of writing messages into a file, channel after channel."""

    name: str
    content_type: str

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


def chunks(messages: Iterable[memoryview]) -> Iterator[list[memoryview]]:
    """So many messages at a time: what is done for each single one is what an export costs."""
    iterator = iter(messages)
    while chunk := list(islice(iterator, ROWS)):
        yield chunk

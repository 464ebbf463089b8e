"""What an export format is."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, Protocol

#: Rows that are hashed and written at a time: half a megabyte of JSON.
ROWS: Final = 256


class ExportFormat(Protocol):
    """A way of writing messages into a file.

    `statement` is a COPY … TO STDOUT with the parameters `channel`, `peer` and `with_deleted`.
    """

    name: str
    content_type: str
    statement: str

    def blocks(self, messages: Iterable[memoryview]) -> Iterator[tuple[int, bytes]]:
        """From COPY's messages to `(rows in it, bytes of the file)`, in order.

        PostgreSQL sends one message a row
        (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY).
        """
        ...


def chunks(messages: Iterable[memoryview]) -> Iterator[list[memoryview]]:
    """So many messages at a time: what is done for each single one is what an export costs."""
    iterator = iter(messages)
    while chunk := list(islice(iterator, ROWS)):
        yield chunk

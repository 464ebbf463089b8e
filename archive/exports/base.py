"""What an export format is."""

from collections.abc import Iterable, Iterator
from typing import Final, Protocol

#: Bytes that are hashed and written at a time.
BLOCK: Final = 256 * 1024


class ExportFormat(Protocol):
    """A way of writing messages into a file.

    `statement` is a COPY … TO STDOUT with the parameters `channel`, `peer` and `with_deleted`.
    """

    name: str
    content_type: str
    statement: str

    def blocks(self, messages: Iterable[memoryview]) -> Iterator[tuple[int, bytes]]:
        """From COPY's messages to `(rows in it, bytes of the file)`, about `BLOCK` bytes each.

        PostgreSQL sends one message a row
        (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY).
        """
        ...

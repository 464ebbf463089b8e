"""What a writer reads: the messages of one channel, within the snapshot of the whole export."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, TypeVar, cast

import orjson
from psycopg.sql import Composed

from archive.exports import sql
from archive.exports.options import Options
from archive.exports.redaction import Row, Step
from ingestion.models import Channel

_T = TypeVar("_T")

#: Rows that are handed on at a time.
_CHUNK: Final = 500
# https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"
SIGNATURE: Final = b"PGCOPY\n\xff\r\n\0"
#: Signature, flags, and the length of an extension that no version has.
FILE_HEADER: Final = len(SIGNATURE) + 8
#: Number of fields (2 bytes), length of the only one (4 bytes).
ROW_HEADER: Final = 6
#: Bytes of the trailer, where the number of fields is -1.
TRAILER: Final = 2


@dataclass(frozen=True, slots=True)
class Reading:
    """`cursor` is in the export's transaction; `parameters` say which messages of the channel.
    With `step`, rows have to come through `rows`, whatever the format.
    """

    cursor: Any
    channel: Channel
    options: Options
    parameters: dict[str, Any]
    step: Step | None = None
    #: Waits while the export is paused, and raises when it is to end.
    check: Callable[[], object] = lambda: None

    #: What is to be closed when the export ends in the middle.
    _open: list[ExitStack] = field(default_factory=list)

    @contextmanager
    def copy(self, statement: Composed) -> Iterator[Iterable[memoryview]]:
        """The messages of a COPY … TO STDOUT."""
        # Past Django, whose wrapper for debugging takes no parameters here.
        with self.kept(self.cursor.cursor.copy(statement, self.parameters)) as copy:
            yield cast("Iterable[memoryview]", copy)

    @contextmanager
    def kept(self, manager: AbstractContextManager[_T]) -> Iterator[_T]:
        """The context, which `abandon` can leave as well: a generator that is not asked again never
        comes to the end of its `with`, and a COPY that is under way blocks its connection.
        """
        stack = ExitStack()
        self._open.append(stack)
        with stack:
            yield stack.enter_context(manager)
        self._open.remove(stack)

    def abandon(self, error: BaseException) -> None:
        """Leave what is open, innermost first."""
        while self._open:
            self._open.pop().__exit__(type(error), error, error.__traceback__)

    def rows(self, columns: Iterable[str], *, with_files: bool = False) -> Iterator[list[Row]]:
        """Rows as JSON Lines has them, redacted, some hundreds at a time. `with_files`: each with
        `files`, what the store has for it.
        """
        statement = sql.jsonl_statement(
            columns,
            without_senders=self.options.without_senders,
            sample=False,
            with_files=with_files,
        )
        with self.copy(statement) as messages:
            lines = iter(lines_of(messages))
            while chunk := list(islice(lines, _CHUNK)):
                rows = [orjson.loads(line) for line in chunk]
                yield [self.step(row) for row in rows] if self.step else rows


def lines_of(messages: Iterable[memoryview]) -> Iterator[memoryview]:
    """The lines in COPY's binary form of one text column."""
    first = True
    for message in messages:
        part = message
        if first:  # the file's header comes together with the first row
            if bytes(part[: len(SIGNATURE)]) != SIGNATURE:
                raise ValueError("PostgreSQL sent something else than its binary COPY format.")
            part = part[FILE_HEADER:]
            first = False
        if len(part) > TRAILER:
            yield part[ROW_HEADER:]


def as_table(row: Row, columns: Sequence[str]) -> Row:
    """The row as tables have it: earlier versions are counted."""
    found = {name: row.get(name) for name in columns}
    revisions = found.get("revisions")
    if isinstance(revisions, list):
        found["revisions"] = len(revisions)
    return found

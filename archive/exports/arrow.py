"""From COPY to Arrow: PostgreSQL writes CSV, Arrow's own parser reads it in another thread.

So it reads in the transaction of the whole export, which can be cancelled, with no further library;
how it compares with ADBC in speed was not measured. Arrow is loaded by the process that writes Parquet and by no
other.
"""

import contextlib
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import orjson

from archive.exports import fields, sql
from archive.exports.reading import Reading, as_table
from archive.exports.redaction import Row

if TYPE_CHECKING:
    import pyarrow as pa

#: Bytes of CSV that are parsed at a time; a longer row would be an error, and Telegram has none.
_BLOCK: Final = 2 << 20
#: Of COPY, a row each, that are joined at a time.
_MESSAGES: Final = 64
#: What `columns` puts between the items of a list.
_BETWEEN: Final = "\x1f"


@cache
def _give_back_memory() -> None:
    """Have Arrow's memory from jemalloc: with mimalloc, which it takes by itself, a process that exports
    is a fifth larger.
    """
    import pyarrow as pa  # noqa: PLC0415, heavy

    with contextlib.suppress(NotImplementedError):  # not built in everywhere
        pa.set_memory_pool(pa.jemalloc_memory_pool())


def schema(columns: Sequence[str], zone: str) -> "pa.Schema":
    """The types of the file. Times are instants; readers show them in the zone."""
    import pyarrow as pa  # noqa: PLC0415, heavy

    _give_back_memory()
    types = {
        "integer": pa.int64(),
        "count": pa.int64(),
        "time": pa.timestamp("us", tz=zone),
        "text": pa.string(),
        "texts": pa.list_(pa.string()),
        "json": pa.string(),
    }
    found = [(name, types[fields.BY_NAME[name].type]) for name in columns]
    found = [(name, pa.int32() if name == "revisions" else kind) for name, kind in found]
    return pa.schema(found)


def batches(reading: Reading, wanted: "pa.Schema") -> Iterator["pa.RecordBatch"]:
    """The channel's messages, some thousands at a time."""
    if reading.step:
        return _from_rows(reading, wanted)
    return _from_copy(reading, wanted)


class _Stream(io.RawIOBase):
    """COPY's messages as a file. Many at a time: what is done for each single one is what it costs."""

    def __init__(self, messages: Iterable[memoryview]) -> None:
        super().__init__()
        self._messages = iter(messages)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def is_empty(self) -> bool:
        self._rest = self._rest or self._next(1)
        return not self._rest

    def read(self, size: int = -1, /) -> bytes:
        data = self._rest or self._next(size if size >= 0 else sys.maxsize)
        if size < 0:
            return data + self._next(sys.maxsize)
        # Most of what was asked for is given as it came; only what is too much is cut off.
        data, self._rest = (data, b"") if len(data) <= size else (data[:size], data[size:])
        return data

    def _next(self, size: int) -> bytes:
        """Half of so many bytes or more, unless there are no more."""
        parts: list[memoryview] = []
        have = 0
        while 2 * have < size and (some := list(islice(self._messages, _MESSAGES))):
            parts += some
            have += sum(map(len, some))
        return b"".join(parts)


def _from_copy(reading: Reading, wanted: "pa.Schema") -> Iterator["pa.RecordBatch"]:
    import pyarrow as pa  # noqa: PLC0415, heavy
    from pyarrow import csv  # noqa: PLC0415, heavy

    statement = sql.typed_statement(wanted.names, without_senders=reading.options.without_senders)
    sent = {
        field.name: pa.timestamp("us")
        if pa.types.is_timestamp(field.type)
        else pa.string()
        if pa.types.is_list(field.type)
        else field.type
        for field in wanted
    }
    with reading.copy(statement) as messages:
        stream = _Stream(messages)
        if stream.is_empty():
            return
        parser = csv.open_csv(
            stream,
            read_options=csv.ReadOptions(column_names=wanted.names, block_size=_BLOCK),
            parse_options=csv.ParseOptions(
                delimiter="\x02",
                quote_char="\x01",
                newlines_in_values=True,
                ignore_empty_lines=False,
            ),
            convert_options=csv.ConvertOptions(
                column_types=sent,
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                timestamp_parsers=[csv.ISO8601],
            ),
        )
        with reading.kept(parser):
            for batch in parser:
                yield _typed(batch, wanted)


def _typed(batch: "pa.RecordBatch", wanted: "pa.Schema") -> "pa.RecordBatch":
    import pyarrow as pa  # noqa: PLC0415, heavy
    import pyarrow.compute as pc  # noqa: PLC0415, heavy

    columns = []
    for field in wanted:
        column = batch.column(field.name)
        if pa.types.is_timestamp(field.type):
            # The same numbers, of which it is now said that they are UTC.
            column = column.cast(pa.int64()).cast(field.type)
        elif pa.types.is_list(field.type):
            empty = pa.scalar([], field.type)
            split = pc.split_pattern(column, _BETWEEN)
            column = pc.if_else(pc.equal(column, ""), empty, split)
        columns.append(column)
    return pa.RecordBatch.from_arrays(columns, schema=wanted)


def _from_rows(reading: Reading, wanted: "pa.Schema") -> Iterator["pa.RecordBatch"]:
    import pyarrow as pa  # noqa: PLC0415, heavy

    for rows in reading.rows(wanted.names):
        ready = [native(as_table(row, wanted.names)) for row in rows]
        yield pa.RecordBatch.from_pylist(ready, schema=wanted)


def is_json(name: str) -> bool:
    """Whether a column's cells are JSON, written as text."""
    return fields.BY_NAME[name].type == "json"


def native(row: Row) -> dict[str, Any]:
    """JSON as text, times as times."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        kind = fields.BY_NAME[name].type
        if value is not None and kind == "time":
            found[name] = datetime.fromisoformat(value)
        elif value is not None and kind == "json" and not isinstance(value, int):
            found[name] = orjson.dumps(value).decode()
        else:
            found[name] = value
    return found

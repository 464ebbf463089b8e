"""The Parquet of an archive file: every column of exports, and beside them all that goes with a
message: what other sources told of it, its earlier versions with their records, and how its counters
grew.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, LiteralString

import orjson
from psycopg.sql import SQL, Composed

from archive.exports import arrow
from archive.exports import columns as columns_of
from archive.exports.columns import JSONL_COLUMNS
from archive.exports.parquet import File
from archive.exports.reading import lines_of
from archive.exports.reread import read
from archive.exports.sink import Sink, as_file
from archive.exports.sql import MESSAGES

if TYPE_CHECKING:
    import pyarrow as pa

#: Rows that are held as Python's at a time.
_CHUNK: Final = 500
#: Columns that only archive files have: how a deletion was noticed, which source `raw` is of, the
#: records of the other sources and the snapshots of counters (both JSON as text).
MORE: Final = ("deleted_how", "raw_source", "other_raw", "counters")
_LISTS: Final = ("revisions", "other_raw", "counters")

#: Messages of these ids, everything that is known of them, ordered by id.
_STATEMENT: Final[LiteralString] = r"""
COPY (
    SELECT row_to_json(line)::text || e'\n'
    FROM (
        SELECT
            {columns},
            message.deleted_how,
            coalesce(raw.source, first.source) AS raw_source,
            (SELECT json_agg(json_build_object('source', other.source, 'raw', other.raw)
                             ORDER BY other.source)
             FROM ingestion_messageraw other
             WHERE other.channel_id = message.channel_id
               AND other.message_id = message.message_id
               AND other.source <> coalesce(raw.source, first.source)) AS other_raw,
            (SELECT json_agg(json_build_object(
                        'step', step, 'at', at, 'views', views, 'forwards', forwards,
                        'replies', replies, 'reactions', reactions) ORDER BY step)
             FROM ingestion_countersnapshot grown
             WHERE grown.channel_id = message.channel_id
               AND grown.message_id = message.message_id) AS counters
        {messages}
        LEFT JOIN LATERAL (
            SELECT json_agg(
                       json_build_object(
                           'replaced_at', replaced_at, 'edit_date', edit_date, 'kind', kind,
                           'text', text, 'entities', entities, 'media', media_meta,
                           'reply_to', reply_to, 'forward', forward, 'raw', old.raw
                       ) ORDER BY replaced_at
                   ) AS list
            FROM ingestion_messagerevision old
            WHERE old.channel_id = message.channel_id AND old.message_id = message.message_id
        ) revision ON true
        LEFT JOIN LATERAL (
            SELECT min(source) AS source FROM ingestion_messageraw told
            WHERE told.channel_id = message.channel_id AND told.message_id = message.message_id
        ) first ON true
        WHERE message.channel_id = %(channel)s::bigint
          AND message.message_id = ANY(%(ids)s::bigint[])
    ) line
    ORDER BY line.message_id
) TO STDOUT (FORMAT binary)
"""


def statement() -> Composed:
    """With the parameters `channel`, `peer` and `ids`."""
    columns = columns_of.jsonl(JSONL_COLUMNS, without_senders=False)
    return SQL(_STATEMENT).format(columns=columns, messages=SQL(MESSAGES))


def schema() -> "pa.Schema":
    """As Parquet exports have it, with earlier versions whole."""
    import pyarrow as pa  # noqa: PLC0415, heavy

    of_exports = arrow.schema(JSONL_COLUMNS, "UTC")
    place = of_exports.get_field_index("revisions")
    whole = of_exports.set(place, pa.field("revisions", pa.string()))
    for name in MORE:
        whole = whole.append(pa.field(name, pa.string()))
    return whole


def write(messages: Iterable[memoryview], sink: Sink) -> int:
    """COPY's messages as Parquet; how many rows. Holds two row groups at most."""
    import pyarrow as pa  # noqa: PLC0415, heavy

    wanted = schema()
    file = File(as_file(sink), wanted)
    lines = iter(lines_of(messages))
    with file.settled():
        while chunk := list(islice(lines, _CHUNK)):
            rows = [_cells(orjson.loads(line)) for line in chunk]
            file.add(pa.RecordBatch.from_pylist(rows, schema=wanted))
        file.close()
    return file.rows


def _cells(row: dict[str, Any]) -> dict[str, Any]:
    more = {name: row.pop(name) for name in MORE}
    lists = {name: orjson.dumps(row.get(name) or more.get(name) or []).decode() for name in _LISTS}
    return {**arrow.native(row), **more, **lists}


def lines(path: Path) -> Iterator[bytes]:
    """The messages as lines of JSON Lines, which can be imported."""
    for batch in read(path, JSONL_COLUMNS):
        for row in batch.to_pylist():
            yield orjson.dumps(_line(row), option=orjson.OPT_APPEND_NEWLINE)


def _line(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: orjson.loads(value)
        if isinstance(value, str) and arrow.is_json(name)
        else value.isoformat()
        if hasattr(value, "isoformat")
        else value
        for name, value in row.items()
    }

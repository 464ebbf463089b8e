"""Messages that their own source tells anew."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ingestion import counters, sql
from ingestion.records import FULL_SOURCES
from ingestion.writer.batch import Outcome
from ingestion.writer.compare import Differences
from ingestion.writer.rows import (
    STAGE_MESSAGE_TYPES,
    STAGE_STATS_TYPES,
    Hashed,
    message_row,
    stats_row,
)
from tgadmin.lib.copying import copy_rows

if TYPE_CHECKING:
    import psycopg


def change(
    cursor: "psycopg.Cursor[Any]",
    key: dict[str, Any],
    found: Differences,
    rank: int,
    outcome: Outcome,
) -> None:
    """Write what a source changed of its own messages; the earlier version becomes a revision."""
    hashed, content_differs, counters_differ = found.hashed, found.content, found.counters
    cursor.execute(sql.STAGES)
    stale: list[int] = []
    if content_differs:
        copy_rows(
            cursor,
            sql.COPY_STAGE_MESSAGE,
            STAGE_MESSAGE_TYPES,
            _staged_messages(hashed, content_differs),
        )
        stale = [row[0] for row in cursor.execute(sql.DROP_STALE_CONTENT, key)]
        outcome.revisions += cursor.execute(sql.KEEP_REVISIONS, key).rowcount
        outcome.moved_from += [row[0] for row in cursor.execute(sql.MOVED_FROM, key)]
        cursor.execute(sql.UPDATE_MESSAGES, key)
        cursor.execute(sql.UPSERT_RAW, {**key, "keeps_hash": key["source"] not in FULL_SOURCES})
    copy_rows(
        cursor,
        sql.COPY_STAGE_STATS,
        STAGE_STATS_TYPES,
        (stats_row(hashed[number], rank) for number in (*content_differs, *counters_differ)),
    )
    counters.keep(cursor, key["channel"])
    cursor.execute(sql.UPDATE_STATS, {**key, "stale": stale})
    outcome.changed = sorted(set(content_differs) - set(stale))
    outcome.counters = len(counters_differ) + len(stale)
    outcome.touched += [*content_differs, *counters_differ]


def _staged_messages(
    hashed: dict[int, Hashed], content_differs: dict[int, bool]
) -> Iterator[tuple[Any, ...]]:
    for number, is_edit in content_differs.items():
        row = hashed[number]
        yield (*message_row(row.record), row.content, is_edit, row.record.raw_json())

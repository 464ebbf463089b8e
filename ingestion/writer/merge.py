"""Messages that several sources told: the richer one wins, field by field.

A revision is kept only where the words differ, not where two sources render the same ones
differently. The raw record of each source stays.
"""

from typing import TYPE_CHECKING, Any

from ingestion.records import FULL_SOURCES, SOURCE_RANKS
from ingestion.writer import _merge_sql as sql
from ingestion.writer.batch import Batch, Outcome
from ingestion.writer.compare import Differences
from ingestion.writer.rows import STAGE_MERGE_TYPES, Hashed, message_row, stats_row
from tgadmin.lib.copying import copy_rows

if TYPE_CHECKING:
    import psycopg

_FULL_RANKS = [SOURCE_RANKS[source] for source in FULL_SOURCES]


def merge(
    cursor: "psycopg.Cursor[Any]", batch: Batch, found: Differences, outcome: Outcome
) -> None:
    """Write what is archived from a source of another rank."""
    key = _key(batch)
    outcome.merged = weigh(cursor, batch, found)
    outcome.unchanged += len(found.foreign) - len(outcome.merged)
    outcome.revisions += cursor.execute(sql.MERGE_REVISIONS, key).rowcount
    outcome.revisions += cursor.execute(sql.MERGE_EARLIER, key).rowcount
    outcome.moved_from += [row[0] for row in cursor.execute(sql.MERGE_MOVED_FROM, key)]
    cursor.execute(sql.MERGE_MESSAGES, key)
    cursor.execute(sql.MERGE_STATS, key)
    cursor.execute(sql.MERGE_RAW, key)
    outcome.touched += outcome.merged


def weigh(cursor: "psycopg.Cursor[Any]", batch: Batch, found: Differences) -> list[int]:
    """To which messages the batch adds something, or corrects it; writes temporary tables alone.
    Of the others their raw record is kept, and nothing else.
    """
    key = _key(batch)
    cursor.execute(sql.MERGE_STAGE)
    copy_rows(
        cursor,
        sql.COPY_STAGE_MERGE,
        STAGE_MERGE_TYPES,
        (_row(found.hashed[number], key["rank"]) for number in sorted(found.foreign)),
    )
    cursor.execute(sql.WEIGH_MERGE, key)
    cursor.execute(sql.RESOLVE_MERGE, key)
    return sorted(row[0] for row in cursor.execute(sql.MERGE_DIFFERS))


def _key(batch: Batch) -> dict[str, Any]:
    return {
        "channel": batch.channel_id,
        "source": batch.source,
        "rank": SOURCE_RANKS[batch.source],
        "full": batch.source in FULL_SOURCES,
        "full_ranks": _FULL_RANKS,
    }


def _row(row: Hashed, rank: int) -> tuple[Any, ...]:
    counters = stats_row(row, rank)[1:-1]
    return (*message_row(row.record), *counters, row.record.raw_json())

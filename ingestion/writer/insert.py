"""Messages that were not archived before: straight into the tables, by COPY."""

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from ingestion import sql
from ingestion.records import SOURCE_RANKS
from ingestion.writer.batch import Batch
from ingestion.writer.rows import (
    MESSAGE_TYPES,
    RAW_TYPES,
    STATS_TYPES,
    Hashed,
    raw_row,
    stats_row,
)
from ingestion.writer.vectors import with_vectors
from tgadmin.lib.copying import copy_rows

if TYPE_CHECKING:
    import psycopg


def insert(cursor: "psycopg.Cursor[Any]", batch: Batch, rows: list[Hashed]) -> None:
    """Write rows whose keys are new: the coverage lock and the comparison made sure of it."""
    now = timezone.now()
    channel = batch.channel_id
    rank = SOURCE_RANKS[batch.source]
    with with_vectors([row.record for row in rows]) as messages:
        copy_rows(
            cursor,
            sql.COPY_RAW,
            RAW_TYPES,
            ((channel, *raw_row(row, batch.source)) for row in rows),
        )
        copy_rows(
            cursor, sql.COPY_STATS, STATS_TYPES, ((channel, *stats_row(row, rank)) for row in rows)
        )
        copy_rows(
            cursor,
            sql.COPY_MESSAGES,
            MESSAGE_TYPES,
            ((channel, *row, now, vector) for row, vector in messages),
        )

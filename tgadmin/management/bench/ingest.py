"""Writing: new messages, and history that did not change."""

from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from archive.stats import rollup
from ingestion import signals, sql
from ingestion.media import recording
from ingestion.media import sql as media_sql
from ingestion.media.wanting import Wish
from ingestion.models import Channel
from ingestion.records import SOURCE_RANKS, MessageRecord
from ingestion.writer import Batch, write
from ingestion.writer.rows import (
    MESSAGE_TYPES,
    RAW_TYPES,
    STATS_TYPES,
    Hashed,
    message_row,
    raw_row,
    stats_row,
)
from tgadmin.lib.copying import binary_cursor, copy_rows
from tgadmin.lib.ranges import IdRanges
from tgadmin.management.bench import corpus
from tgadmin.management.bench.rows import Row, rate, stopwatch
from workspaces.models import Workspace

BATCH = 10_000
_RANK = SOURCE_RANKS["mtproto"]

STAGES = """
CREATE TEMPORARY TABLE IF NOT EXISTS bench_message (LIKE ingestion_message INCLUDING DEFAULTS)
    ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS bench_messagestats (LIKE ingestion_messagestats)
    ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS bench_messageraw (LIKE ingestion_messageraw)
    ON COMMIT DELETE ROWS
"""

FROM_STAGES = """
INSERT INTO ingestion_message (channel_id, message_id, date, edit_date, sender_id, author, text,
    entities, kind, media_meta, reply_to, forward, grouped_id, topic_id, links, hashtags,
    first_seen_at, language)
SELECT channel_id, message_id, date, edit_date, sender_id, author, text, entities, kind, media_meta,
    reply_to, forward, grouped_id, topic_id, links, hashtags, first_seen_at,
    language
FROM bench_message ON CONFLICT (channel_id, message_id) DO NOTHING;
INSERT INTO ingestion_messagestats (channel_id, message_id, views, forwards, replies, reactions,
    attached, content_hash, hash_version, counters_hash, source_rank)
SELECT channel_id, message_id, views, forwards, replies, reactions, attached, content_hash,
    hash_version, counters_hash, source_rank
FROM bench_messagestats ON CONFLICT (channel_id, message_id) DO NOTHING;
INSERT INTO ingestion_messageraw (channel_id, message_id, source, raw, content_hash)
SELECT channel_id, message_id, source, raw, content_hash
FROM bench_messageraw ON CONFLICT (channel_id, message_id, source) DO NOTHING
"""


#: Messages of a round and rounds: short, and long enough to be believed.
QUICK, LONG = (20_000, 3), (50_000, 5)


def measure(how_much: tuple[int, int]) -> list[Row]:
    """ingest_copy_ratio, resync_rate and resync_rows_written."""
    count, rounds = how_much
    messages = list(corpus.records(count))
    # Into tables that hold something already: an empty index is filled faster than it will be.
    _write(new_channel(), messages)
    limit: list[float] = []
    ours: list[float] = []
    for _ in range(rounds):
        limit.append(raw_copy(new_channel(), messages))
        ours.append(_write(new_channel(), messages))
    return [
        Row(
            "ingest_copy_ratio",
            rate(count, ours),
            "messages/s",
            target=0.85,
            limit=rate(count, limit),
        ),
        *_resync(messages, rounds),
    ]


def rollup_cost(how_much: tuple[int, int]) -> Row:
    """rollup_write_ratio: new messages a second with the days kept up to date, of those without."""
    count, rounds = how_much
    messages = list(corpus.records(count))
    without: list[float] = []
    ours: list[float] = []
    for number in range(rounds):
        # Either goes first in turn: whoever comes second finds more in the tables.
        for kept in (True, False) if number % 2 else (False, True):
            if kept:
                ours.append(_write(new_channel(), messages))
            else:
                without.append(_write_without_days(messages))
    limit = rate(count, without)
    return Row("rollup_write_ratio", rate(count, ours), "messages/s", target=0.95, limit=limit)


def _write_without_days(messages: list[MessageRecord]) -> float:
    signals.batch_writing.disconnect(dispatch_uid="days")
    try:
        return _write(new_channel(), messages)
    finally:
        signals.batch_writing.connect(rollup.on_batch, dispatch_uid="days")


def bench_workspace() -> Workspace:
    """Where the bench writes."""
    return Workspace.objects.get_or_create(name="Bench")[0]


def new_channel() -> Channel:
    """A channel of its own for every round."""
    return Channel.objects.create(
        workspace=bench_workspace(),
        peer_id=-(10**12) - Channel.objects.count() - 1,
        kind="broadcast",
        title="Bench",
    )


def _batches(channel: Channel, messages: list[MessageRecord]) -> list[Batch]:
    batches = []
    for start in range(0, len(messages), BATCH):
        part = messages[start : start + BATCH]
        batch = Batch(channel.pk, "mtproto", records={m.message_id: m for m in part})
        batch.answered = batch.covered = IdRanges.span(part[0].message_id, part[-1].message_id)
        batches.append(batch)
    return batches


def _write(channel: Channel, messages: list[MessageRecord]) -> float:
    batches = _batches(channel, messages)
    with stopwatch() as elapsed:
        for batch in batches:
            write(batch)
        return elapsed()


def raw_copy(channel: Channel, messages: list[MessageRecord]) -> float:
    """The same rows, ready made, into the same indexed tables, and nothing else."""
    files = list(recording.rows(channel.pk, messages, Wish()))
    rows = [*_ready_rows(channel, messages), (media_sql.COPY_MEDIA, recording.TYPES, files)]
    with stopwatch() as elapsed:
        for start in range(0, len(messages), BATCH):
            with transaction.atomic():
                cursor = binary_cursor()
                for statement, types, values in rows:
                    copy_rows(cursor, statement, types, values[start : start + BATCH])
        return elapsed()


def staged_copy(channel: Channel, messages: list[MessageRecord]) -> float:
    """The same rows by way of temporary tables, as they are written where keys may be there."""
    rows = _ready_rows(channel, messages)
    with stopwatch() as elapsed:
        for start in range(0, len(messages), BATCH):
            with transaction.atomic():
                cursor = binary_cursor()
                cursor.execute(STAGES)
                for statement, types, values in rows:
                    staged = statement.replace("COPY ingestion_", "COPY bench_")
                    copy_rows(cursor, staged, types, values[start : start + BATCH])
                cursor.execute(FROM_STAGES)
        return elapsed()


def _ready_rows(
    channel: Channel, messages: list[MessageRecord]
) -> list[tuple[str, tuple[str, ...], list[tuple[Any, ...]]]]:
    now = timezone.now()
    return [
        (
            sql.COPY_MESSAGES,
            MESSAGE_TYPES,
            [(channel.pk, *message_row(message), now, None) for message in messages],
        ),
        (
            sql.COPY_STATS,
            STATS_TYPES,
            [(channel.pk, *stats_row(Hashed.of(message), _RANK)) for message in messages],
        ),
        (
            sql.COPY_RAW,
            RAW_TYPES,
            [(channel.pk, *raw_row(Hashed.of(message), "mtproto")) for message in messages],
        ),
    ]


def _resync(messages: list[MessageRecord], rounds: int) -> list[Row]:
    channel = new_channel()
    _write(channel, messages)
    before = _rows_written()
    seconds = [_write(channel, messages) for _ in range(rounds + 2)]
    written = _rows_written() - before
    return [
        Row("resync_rate", rate(len(messages), seconds), "messages/s", target=140_000),
        Row("resync_rows_written", written, "rows", target=0, at_most=True),
    ]


def _rows_written() -> int:
    """PostgreSQL's own count of rows inserted, updated and deleted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables "
            "WHERE relname LIKE 'ingestion_%%'"
        )
        return int(cursor.fetchone()[0])

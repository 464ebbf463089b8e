"""Mapping what is archived again from Telegram's own records, after the mapper has learned.

In batches, each a transaction that waits for the channel's writer; how far it came is on a row, so
it can be killed at any moment and goes on. It makes no revision: nobody edited anything. Counters
are left alone (those of a stored record are as old as the record), and what hangs on a message is
only added where nothing was kept of it.
"""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction

from ingestion import people, signals, sql
from ingestion.errors import DataError
from ingestion.models import Channel, Coverage, MessageRaw, MessageStats, Remapping
from ingestion.records import SOURCE_RANKS, MessageRecord
from ingestion.sources.mtproto.mapping import map_message
from ingestion.writer import Batch, Outcome
from ingestion.writer.rows import (
    STAGE_MESSAGE_TYPES,
    STAGE_STATS_TYPES,
    Hashed,
    message_row,
    stats_row,
)
from tgadmin.lib.copying import binary_cursor, copy_rows

SOURCE: Final = "mtproto"
BATCH: Final = 2_000
#: Errors that are told one by one.
MOST_ERRORS: Final = 100

#: Those whose columns are about to become others. Names of people are not in the record, so an
#: author stays who they were, unless the record is signed.
DIFFERING: Final = """
SELECT staged.message_id FROM stage_message staged
JOIN ingestion_message stored
  ON stored.channel_id = %(channel)s AND stored.message_id = staged.message_id
WHERE (stored.date, stored.edit_date, stored.sender_id, stored.text, stored.entities, stored.kind,
       stored.media_meta, stored.reply_to, stored.forward, stored.grouped_id, stored.topic_id,
       stored.links, stored.hashtags)
      IS DISTINCT FROM
      (staged.date, staged.edit_date, staged.sender_id, staged.text, staged.entities, staged.kind,
       staged.media_meta, staged.reply_to, staged.forward, staged.grouped_id, staged.topic_id,
       staged.links, staged.hashtags)
   OR staged.author <> '' AND staged.author <> stored.author
ORDER BY staged.message_id
"""

UPDATE_MESSAGES: Final = """
UPDATE ingestion_message stored SET
    date = staged.date, edit_date = staged.edit_date, sender_id = staged.sender_id,
    author = CASE WHEN staged.author <> '' THEN staged.author ELSE stored.author END,
    text = staged.text, entities = staged.entities, kind = staged.kind,
    media_meta = staged.media_meta, reply_to = staged.reply_to, forward = staged.forward,
    grouped_id = staged.grouped_id, topic_id = staged.topic_id, links = staged.links,
    hashtags = staged.hashtags, language = staged.language
FROM stage_message staged
WHERE stored.channel_id = %(channel)s AND stored.message_id = staged.message_id
  AND staged.message_id = ANY(%(ids)s::bigint[])
"""

#: The counters' hash follows where the record's counters are still the newest, so that the next
#: sync finds nothing to do; elsewhere it stays, and the next sync brings the rest.
UPDATE_STATS: Final = """
UPDATE ingestion_messagestats stored SET
    content_hash = staged.content_hash, hash_version = staged.hash_version,
    attached = coalesce(stored.attached, staged.attached),
    counters_hash = CASE WHEN (stored.views, stored.forwards, stored.replies, stored.reactions)
                              IS NOT DISTINCT FROM
                              (staged.views, staged.forwards, staged.replies, staged.reactions)
                          AND (stored.attached IS NULL OR stored.attached = staged.attached)
                    THEN staged.counters_hash ELSE stored.counters_hash END
FROM stage_stats staged
WHERE stored.channel_id = %(channel)s AND stored.message_id = staged.message_id
  AND (stored.content_hash <> staged.content_hash OR stored.hash_version <> staged.hash_version
       OR stored.attached IS NULL AND staged.attached IS NOT NULL)
RETURNING stored.message_id
"""

#: Where people are hidden, hashes are made by the next sync, which then counts as no edit.
FORGET_HASHES: Final = """
UPDATE ingestion_messagestats SET hash_version = 0
WHERE channel_id = %(channel)s AND message_id = ANY(%(ids)s::bigint[])
"""


@dataclass(slots=True)
class Report:
    """What became of a channel's stored records.

    `skipped` have their words from another source; `errors` are `(message id, sentence)` of
    records that cannot be mapped, whose messages stay as they are.
    """

    read: int = 0
    changed: int = 0
    unchanged: int = 0
    skipped: int = 0
    failed: int = 0
    errors: list[tuple[int, str]] = field(default_factory=list)


def remap(
    *, channel: Channel, dry_run: bool = False, anew: bool = False, batch: int = BATCH
) -> Generator[Report]:
    """Yield the report after each batch; the last one is whole. It goes on where an earlier
    attempt was interrupted, unless `anew`. With `dry_run` nothing is written.
    """
    report = Report()
    done_to = 0
    if not dry_run:
        row, _ = Remapping.objects.get_or_create(channel=channel)
        if anew:
            Remapping.objects.filter(pk=row.pk).update(done_to=0)
        done_to = 0 if anew else row.done_to
    while top := _step(channel, done_to, batch, report, dry_run=dry_run):
        done_to = top
        yield report
    if not dry_run:
        Remapping.objects.filter(channel=channel).delete()
    yield report


def _step(channel: Channel, done_to: int, batch: int, report: Report, *, dry_run: bool) -> int:
    """One batch; the highest id of it, 0 where none was left."""
    with transaction.atomic():
        # In line with the writer of this channel (DESIGN: the coverage row is locked first).
        list(Coverage.objects.select_for_update().filter(channel=channel))
        rows = list(
            MessageRaw.objects.filter(channel=channel, source=SOURCE, message_id__gt=done_to)
            .order_by("message_id")
            .values_list("message_id", "raw")[:batch]
        )
        if not rows:
            return 0
        top = int(rows[-1][0])
        report.read += len(rows)
        records = _mapped(channel, rows, report)
        outcome = _write(channel, records, report, dry_run=dry_run)
        if outcome.touched and not dry_run:
            _announce(channel, outcome)
        if not dry_run:
            Remapping.objects.filter(channel=channel).update(done_to=top)
    return top


def _mapped(channel: Channel, rows: list[tuple[int, Any]], report: Report) -> list[MessageRecord]:
    """Those whose words are Telegram's own, and that can be mapped."""
    ranks = dict(
        MessageStats.objects.filter(
            channel=channel, message_id__in=[number for number, _ in rows]
        ).values_list("message_id", "source_rank")
    )
    records = []
    for number, raw in rows:
        if ranks.get(number) != SOURCE_RANKS[SOURCE]:
            report.skipped += 1
            continue
        try:
            records.append(map_message(raw))
        except DataError as error:
            report.failed += 1
            if len(report.errors) < MOST_ERRORS:
                report.errors.append((number, str(error)))
    return records


def _write(
    channel: Channel, records: list[MessageRecord], report: Report, *, dry_run: bool
) -> Outcome:
    outcome = Outcome()
    if not records:
        return outcome
    cursor = binary_cursor()
    cursor.execute(sql.STAGES)
    rank = SOURCE_RANKS[SOURCE]
    hashed = [Hashed.of(record) for record in records]
    copy_rows(
        cursor,
        sql.COPY_STAGE_MESSAGE,
        STAGE_MESSAGE_TYPES,
        ((*message_row(row.record), row.content, False, b"null") for row in hashed),
    )
    copy_rows(
        cursor,
        sql.COPY_STAGE_STATS,
        STAGE_STATS_TYPES,
        (stats_row(row, rank) for row in hashed),
    )
    key: dict[str, Any] = {"channel": channel.pk}
    changed = [row[0] for row in cursor.execute(DIFFERING, key)]
    report.changed += len(changed)
    report.unchanged += len(records) - len(changed)
    if not dry_run:
        moved = {**key, "ids": changed}
        outcome.moved_from = [row[0] for row in cursor.execute(sql.MOVED_FROM, key)]
        cursor.execute(UPDATE_MESSAGES, moved)
        if people.mask_of(channel.pk, ()):
            cursor.execute(FORGET_HASHES, moved)
        else:
            cursor.execute(UPDATE_STATS, key)
        outcome.touched = changed
    cursor.execute("DELETE FROM stage_message; DELETE FROM stage_stats")
    return outcome


def _announce(channel: Channel, outcome: Outcome) -> None:
    """Days count kinds, too."""
    told: dict[str, Any] = {
        "channel_id": channel.pk,
        "batch": Batch(channel.pk, SOURCE),
        "outcome": outcome,
    }
    signals.batch_writing.send(Batch, **told)
    transaction.on_commit(lambda: signals.batch_committed.send_robust(Batch, **told))

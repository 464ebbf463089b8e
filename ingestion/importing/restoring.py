"""What an own export says beyond its messages: when each was first seen, what it was before, that it
is gone, what the channel was, and how complete.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

import orjson
from django.db import connection, transaction

from ingestion import signals
from ingestion.models import Channel, ChannelChange, ChannelTotals, Coverage, MemberCount
from ingestion.provisional import provisional_id
from ingestion.sources.base import Earlier
from ingestion.sources.jsonl import Original
from ingestion.writer import Batch, Outcome
from tgadmin.lib.ranges import IdRanges

#: Of messages that are new here.
SEEN: Final = """
UPDATE ingestion_message stored SET
    first_seen_at = coalesce(sent.first_seen_at, stored.first_seen_at), deleted_at = sent.deleted_at
FROM jsonb_to_recordset(%(rows)s::jsonb)
     AS sent (message_id bigint, first_seen_at timestamptz, deleted_at timestamptz)
WHERE stored.channel_id = %(channel)s AND stored.message_id = sent.message_id
"""

#: Earlier versions that are not there yet. Their own raw records are in no export.
REVISIONS: Final = """
INSERT INTO ingestion_messagerevision (
    channel_id, message_id, replaced_at, edit_date, text, entities, kind, media_meta, reply_to,
    forward, content_hash)
SELECT %(channel)s, sent.message_id, sent.replaced_at, sent.edit_date, coalesce(sent.text, ''),
       coalesce(sent.entities, '[]'), sent.kind, sent.media, sent.reply_to, sent.forward,
       decode(sent.hash, 'hex')
FROM jsonb_to_recordset(%(rows)s::jsonb) AS sent (
    message_id bigint, replaced_at timestamptz, edit_date timestamptz, text text, entities jsonb,
    kind text, media jsonb, reply_to jsonb, forward jsonb, hash text)
ON CONFLICT DO NOTHING
"""

#: A sequence that knows nothing of a key that was written by itself would give it again.
SEQUENCE: Final = """
SELECT setval(pg_get_serial_sequence('ingestion_channel', 'id'),
              greatest((SELECT max(id) FROM ingestion_channel),
                       (SELECT last_value FROM ingestion_channel_id_seq)))
"""
#: Keys above it are not taken over: nobody's file exhausts the sequence.
HIGHEST_KEY: Final = 1_000_000_000


def restore_messages(channel_id: int, new: Sequence[int], history: Mapping[int, Earlier]) -> None:
    """In the transaction that wrote them."""
    seen: list[dict[str, object]] = []
    revisions: list[dict[str, object]] = []
    gone: list[int] = []
    for number in new:
        earlier = history.get(number)
        if earlier is None:
            continue
        seen.append(
            {
                "message_id": number,
                "first_seen_at": earlier.first_seen_at,
                "deleted_at": earlier.deleted_at,
            }
        )
        if earlier.deleted_at is not None:
            gone.append(number)
        for old in earlier.revisions:
            told = orjson.dumps(old)
            digest = hashlib.sha256(told).hexdigest()
            revisions.append({**old, "message_id": number, "hash": digest})
    _send(SEEN, channel_id, seen)
    kept = _send(REVISIONS, channel_id, revisions)
    if kept or gone:
        totals = ChannelTotals.objects.select_for_update().get(channel=channel_id)
        totals.revisions += kept
        totals.deleted += len(gone)
        totals.save(update_fields=["revisions", "deleted"])
    if gone:
        # The days were counted before they were known to be gone.
        batch = Batch(channel_id, "jsonl")
        signals.batch_writing.send(
            Batch, channel_id=channel_id, batch=batch, outcome=Outcome(touched=gone)
        )


def _send(statement: str, channel_id: int, rows: list[dict[str, object]]) -> int:
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(statement, {"channel": channel_id, "rows": orjson.dumps(rows).decode()})
        return int(cursor.rowcount)


def make_channel(workspace_id: int, original: Original) -> Channel:
    """As it was, under its own key where nobody has that."""
    chat = original.chat
    free = 0 < original.key < HIGHEST_KEY and not Channel.objects.filter(pk=original.key).exists()
    with transaction.atomic():
        channel = Channel.objects.create(
            pk=original.key if free else None,
            workspace_id=workspace_id,
            peer_id=chat.peer_id or provisional_id(f"title:{chat.title}"),
            kind=chat.kind,
            title=chat.title[:255],
            username=chat.username[:64],
            is_private=chat.is_private,
            about=original.about,
            members=original.members,
            top_id=original.top_id,
            available_min_id=original.available_min_id,
            photo_id=original.photo_id,
            described_at=original.described_at,
            tags=[tag[:40] for tag in original.tags],
            notes=original.notes,
            web_preview=original.web_preview,
        )
        with connection.cursor() as cursor:
            cursor.execute(SEQUENCE)
        ChannelChange.objects.bulk_create(
            ChannelChange(channel=channel, **change) for change in original.changes
        )
        MemberCount.objects.bulk_create(
            MemberCount(channel=channel, **count) for count in original.member_counts
        )
    channel.refresh_from_db()
    return channel


@transaction.atomic
def restore_coverage(channel: Channel, original: Original) -> None:
    """Once all of the file is here: what was known to be complete is so again."""
    for source, pairs in original.coverage.items():
        if source not in Coverage.Source.values:
            continue
        row, _ = Coverage.objects.select_for_update().get_or_create(
            channel=channel, source=source, defaults={"ranges": IdRanges()}
        )
        for low, high in pairs:
            row.ranges |= IdRanges.span(low, high)
        row.save(update_fields=["ranges"])
    if original.coverage:
        # That its messages came by a file is told by their raw records.
        Coverage.objects.filter(channel=channel, source=Coverage.Source.JSONL).exclude(
            source__in=original.coverage
        ).delete()

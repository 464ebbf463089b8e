"""Letting messages go: out of every table, the sums and the coverage, in one transaction. What was
let go is remembered as that, so that it is neither taken for deleted on Telegram nor asked for again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Q

from ingestion import dropping, signals, sql
from ingestion.models import (
    CounterSnapshot,
    Coverage,
    Medium,
    Message,
    MessageRaw,
    MessageRevision,
    MessageStats,
    PinnedMessage,
    Quarantine,
)
from ingestion.writer import Batch, Outcome
from tgadmin.lib.ranges import IdRanges

#: What hangs on a message.
_TABLES: Final = (MessageRaw, MessageStats, CounterSnapshot, Quarantine, PinnedMessage, Medium)

#: The sums without what went. The ends are read from the index by date.
_SUBTRACT: Final = """
UPDATE ingestion_channeltotals SET
    messages = greatest(messages - %(messages)s, 0), deleted = greatest(deleted - %(deleted)s, 0),
    revisions = greatest(revisions - %(revisions)s, 0),
    first_date = (SELECT date FROM ingestion_message
                  WHERE channel_id = %(channel)s ORDER BY date LIMIT 1),
    last_date = (SELECT date FROM ingestion_message
                 WHERE channel_id = %(channel)s ORDER BY date DESC LIMIT 1)
WHERE channel_id = %(channel)s
"""


@dataclass(frozen=True, slots=True)
class Gone:
    """What was let go: messages, files' rows (not the files: `media` collects what nobody names)."""

    messages: int = 0
    revisions: int = 0
    media: int = 0


def let_go(channel_id: int, ids: Sequence[int], *, before: datetime | None = None) -> Gone:
    """Remove these messages of a channel, whichever of them are there. `before`: the limit by which
    they are too old. Waits for the channel's writer; all of it or nothing. Raises `InputError` where
    something above does not let them go.
    """
    if not ids:
        return Gone()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(sql.LOCK_CHANNEL, {"channel": channel_id})
        signals.messages_leaving.send(Message, channel_id=channel_id)
        coverage = list(Coverage.objects.select_for_update().filter(channel=channel_id))
        rows = list(
            Message.objects.filter(channel=channel_id, message_id__in=ids).values_list(
                "message_id", "date", "deleted_at"
            )
        )
        if not rows:
            return Gone()
        there = [number for number, *_ in rows]
        media, revisions = _delete(channel_id, there)
        with connection.cursor() as cursor:
            deleted = sum(moment is not None for *_, moment in rows)
            key = {"channel": channel_id, "messages": len(rows), "deleted": deleted}
            cursor.execute(_SUBTRACT, {**key, "revisions": revisions})
            ranges = _ranges(channel_id, there, coverage)
            dropping.note(cursor, channel_id, ranges, len(rows), before)
        dates = list({date.date(): date for _, date, _ in rows}.values())
        outcome = Outcome(touched=there, moved_from=dates)
        batch = Batch(channel_id, "mtproto")
        signals.batch_writing.send(Batch, channel_id=channel_id, batch=batch, outcome=outcome)
        transaction.on_commit(lambda: _announce(channel_id, batch, outcome))
    return Gone(len(rows), revisions, media)


def _announce(channel_id: int, batch: Batch, outcome: Outcome) -> None:
    signals.batch_committed.send_robust(Batch, channel_id=channel_id, batch=batch, outcome=outcome)


def _delete(channel_id: int, ids: list[int]) -> tuple[int, int]:
    """`(media, revisions)` that went with them."""
    these = Q(channel=channel_id, message_id__in=ids)
    media = 0
    for table in _TABLES:
        found: int = table.objects.filter(these)._raw_delete(using="default")  # noqa: SLF001, no signals, nothing loaded
        media = found if table is Medium else media
    revisions: int = MessageRevision.objects.filter(these)._raw_delete(using="default")  # noqa: SLF001, the same
    Message.objects.filter(these)._raw_delete(using="default")  # noqa: SLF001, the same
    return media, revisions


def _ranges(channel_id: int, ids: list[int], coverage: Sequence[Any]) -> IdRanges:
    """The ids as few stretches: with those in between that were answered for and had no message,
    unless many in between stay.
    """
    low, high = min(ids), max(ids)
    exact = IdRanges.single(ids)
    staying = Message.objects.filter(channel=channel_id, message_id__range=(low, high))
    kept = list(staying.values_list("message_id", flat=True)[: len(ids) + 1])
    if len(kept) > len(ids):
        return exact
    answered = IdRanges()
    for row in coverage:
        answered |= row.ranges & IdRanges.span(low, high)
    return (answered - IdRanges.single(kept)) | exact

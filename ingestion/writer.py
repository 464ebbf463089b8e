"""Records → PostgreSQL: one batch, one transaction.

Hashes are compared first, so unchanged history costs a look-up and writes nothing. New rows go
straight into the tables by COPY; changed ones through a temporary table, their earlier version
kept as a revision.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from django.db import transaction
from django.utils import timezone

from ingestion import people, signals, sql
from ingestion.errors import LeaseLost
from ingestion.records import HASH_VERSION, MessageRecord, Page, PeerRecord, Unparsed
from tgadmin.lib.copying import BinaryArray, binary_cursor, copy_rows
from tgadmin.lib.fields import from_multirange, to_multirange
from tgadmin.lib.ranges import IdRanges

if TYPE_CHECKING:
    import psycopg

MESSAGE_TYPES = (
    "int8", "int8", "timestamptz", "timestamptz", "text", "text", "text", "jsonb", "text",
    "jsonb", "jsonb", "jsonb", "int8", "int8", "text[]", "text[]", "timestamptz",
)  # fmt: skip
STATS_TYPES = (
    "int8", "int8", "int8", "int8", "int8", "jsonb", "jsonb", "bytea", "int2", "bytea",
)  # fmt: skip
RAW_TYPES = ("int8", "int8", "text", "jsonb")
STAGE_MESSAGE_TYPES = (*MESSAGE_TYPES[1:16], "bytea", "bool", "jsonb")
STAGE_STATS_TYPES = STATS_TYPES[1:]


@dataclass(slots=True)
class Batch:
    """What is written together: pages of one channel from one source."""

    channel_id: int
    source: str
    records: dict[int, MessageRecord] = field(default_factory=dict)
    unparsed: list[Unparsed] = field(default_factory=list)
    #: Every id that a page answered for: what the run need not ask again.
    answered: IdRanges = field(default_factory=IdRanges)
    #: The ids that count as covered: of a page that proves no absence, only what it brought.
    covered: IdRanges = field(default_factory=IdRanges)
    #: Archived ids that Telegram said are empty.
    gone: list[int] = field(default_factory=list)
    requests: int = 0
    #: Who is named in the messages, by marked id.
    peers: dict[int, PeerRecord] = field(default_factory=dict)
    hash_version: int = HASH_VERSION

    def add(self, page: Page, gone: Sequence[int] = ()) -> None:
        """Take in one page; of an id that came twice the later answer counts."""
        self.records.update((record.message_id, record) for record in page.records)
        self.unparsed.extend(page.unparsed)
        people.collect(self.peers, page.peers)
        self.gone.extend(gone)
        span = IdRanges.span(page.low, page.high)
        self.answered |= span
        self.covered |= (
            span
            if page.proves_absence
            else IdRanges.single(record.message_id for record in page.records)
        )

    def __bool__(self) -> bool:
        return bool(self.answered) or bool(self.records)


@dataclass(frozen=True, slots=True)
class RunClaim:
    """The worker's right to write for a run. `rate` is in ids a second."""

    run_id: int
    token: UUID
    rate: float = 0


@dataclass(slots=True)
class Outcome:
    """What a batch did. `absent` are answered ids for which nothing is archived."""

    new: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    #: Archived ids of which anything changed: content, counters, deleted or back.
    touched: list[int] = field(default_factory=list)
    #: When those that were changed to another date had been posted.
    moved_from: list[datetime] = field(default_factory=list)
    counters: int = 0
    unchanged: int = 0
    deleted: int = 0
    undeleted: int = 0
    revisions: int = 0
    quarantined: int = 0
    absent: int = 0


@dataclass(frozen=True, slots=True)
class Hashed:
    """A record with what it is compared by."""

    record: MessageRecord
    content: bytes
    counters: bytes
    version: int = HASH_VERSION

    @classmethod
    def of(cls, record: MessageRecord, version: int = HASH_VERSION) -> "Hashed":
        return cls(record, record.content_hash(), record.counters_hash(), version)


def write(batch: Batch, claim: RunClaim | None = None) -> Outcome:
    """Write a batch whole or not at all.

    Raises `LeaseLost` (and writes nothing) when the run is no longer this worker's.
    """
    with transaction.atomic():
        outcome = _write(batch, claim)
        signals.batch_writing.send(Batch, channel_id=batch.channel_id, batch=batch, outcome=outcome)
    signals.batch_committed.send_robust(
        Batch, channel_id=batch.channel_id, batch=batch, outcome=outcome
    )
    return outcome


def _write(batch: Batch, claim: RunClaim | None) -> Outcome:
    cursor = binary_cursor()
    key = {"channel": batch.channel_id, "source": batch.source}
    covered = _lock_coverage(cursor, key)
    if people.hide(batch.channel_id, batch.records, batch.unparsed, batch.peers):
        batch.hash_version = people.MASKED_VERSION
    outcome = Outcome()
    hashed = {number: Hashed.of(r, batch.hash_version) for number, r in batch.records.items()}
    new, content_differs, counters_differ = _compare(cursor, batch, hashed)
    outcome.new = sorted(new)
    outcome.unchanged = len(hashed) - len(new) - len(content_differs) - len(counters_differ)
    if new:
        _insert(cursor, batch, [hashed[number] for number in outcome.new])
    if content_differs or counters_differ:
        _change(cursor, key, hashed, content_differs, counters_differ, outcome)
    _mark(cursor, key, batch, outcome)
    _quarantine(cursor, key, batch, claim, outcome)
    _cover(cursor, key, batch, covered)
    _total(cursor, batch, hashed, outcome)
    people.keep(cursor, batch.channel_id, batch.peers)
    if claim:
        _advance(cursor, batch, claim, outcome)
    return outcome


def _lock_coverage(cursor: "psycopg.Cursor[Any]", key: dict[str, Any]) -> IdRanges:
    row = cursor.execute(sql.LOCK_COVERAGE, key).fetchone()
    if row is None:
        cursor.execute(sql.ENSURE_COVERAGE, key)
        row = cursor.execute(sql.LOCK_COVERAGE, key).fetchone()
    if row is None:  # pragma: no cover, the row was made a line above
        raise RuntimeError("The coverage row vanished")
    return from_multirange(row[0])


def _compare(
    cursor: "psycopg.Cursor[Any]", batch: Batch, hashed: dict[int, Hashed]
) -> tuple[set[int], dict[int, bool], set[int]]:
    """Keys that are new; keys whose content differs (and whether that is an edit rather than a
    newer way of hashing); keys of which only counters differ.
    """
    new: set[int] = set()
    content_differs: dict[int, bool] = {}
    counters_differ: set[int] = set()
    if not hashed:
        return new, content_differs, counters_differ
    rows = cursor.execute(
        sql.COMPARE_HASHES,
        {
            "channel": batch.channel_id,
            "version": batch.hash_version,
            "ids": BinaryArray.of_bigints(list(hashed)),
            "contents": BinaryArray.of_bytes([h.content for h in hashed.values()], size=32),
            "counters": BinaryArray.of_bytes([h.counters for h in hashed.values()], size=8),
        },
    )
    for number, differs, version in rows:
        if differs is None:
            new.add(number)
        elif differs:
            content_differs[number] = version == batch.hash_version
        else:
            counters_differ.add(number)
    return new, content_differs, counters_differ


def _insert(cursor: "psycopg.Cursor[Any]", batch: Batch, rows: list[Hashed]) -> None:
    now, channel = timezone.now(), batch.channel_id
    copy_rows(
        cursor,
        sql.COPY_MESSAGES,
        MESSAGE_TYPES,
        ((channel, *message_row(row.record), now) for row in rows),
    )
    copy_rows(cursor, sql.COPY_STATS, STATS_TYPES, ((channel, *stats_row(row)) for row in rows))
    copy_rows(
        cursor,
        sql.COPY_RAW,
        RAW_TYPES,
        ((channel, r.record.message_id, batch.source, r.record.raw_json()) for r in rows),
    )


def _change(
    cursor: "psycopg.Cursor[Any]",
    key: dict[str, Any],
    hashed: dict[int, Hashed],
    content_differs: dict[int, bool],
    counters_differ: set[int],
    outcome: Outcome,
) -> None:
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
        outcome.revisions = cursor.execute(sql.KEEP_REVISIONS, key).rowcount
        outcome.moved_from = [row[0] for row in cursor.execute(sql.MOVED_FROM, key)]
        cursor.execute(sql.UPDATE_MESSAGES, key)
        cursor.execute(sql.UPSERT_RAW, key)
    copy_rows(
        cursor,
        sql.COPY_STAGE_STATS,
        STAGE_STATS_TYPES,
        (stats_row(hashed[number]) for number in (*content_differs, *counters_differ)),
    )
    cursor.execute(sql.UPDATE_STATS, {**key, "stale": stale})
    outcome.changed = sorted(set(content_differs) - set(stale))
    outcome.counters = len(counters_differ) + len(stale)
    outcome.touched = [*content_differs, *counters_differ]


def _staged_messages(
    hashed: dict[int, Hashed], content_differs: dict[int, bool]
) -> Iterator[tuple[Any, ...]]:
    for number, is_edit in content_differs.items():
        row = hashed[number]
        yield (*message_row(row.record), row.content, is_edit, row.record.raw_json())


def _mark(
    cursor: "psycopg.Cursor[Any]", key: dict[str, Any], batch: Batch, outcome: Outcome
) -> None:
    back = _brought(cursor, sql.DELETED_IN_RANGE, key, batch)
    if back:
        outcome.undeleted = cursor.execute(sql.UNDELETE, {**key, "ids": back}).rowcount
        outcome.touched += back
    gone = [number for number in batch.gone if number not in batch.records]
    if gone:
        marked = cursor.execute(sql.MARK_DELETED, {**key, "ids": gone}).fetchall()
        outcome.deleted = len(marked)
        outcome.touched += [row[0] for row in marked]


def _brought(
    cursor: "psycopg.Cursor[Any]", statement: str, key: dict[str, Any], batch: Batch
) -> list[int]:
    """Of the ids that a statement finds in the batch's range, those that the batch brought."""
    if not batch.records:
        return []
    span = {"low": min(batch.records), "high": max(batch.records)}
    found = cursor.execute(statement, {**key, **span})
    return [row[0] for row in found if row[0] in batch.records]


def _quarantine(
    cursor: "psycopg.Cursor[Any]",
    key: dict[str, Any],
    batch: Batch,
    claim: RunClaim | None,
    outcome: Outcome,
) -> None:
    readable = _brought(cursor, sql.QUARANTINED_IN_RANGE, key, batch)
    if readable:
        cursor.execute(sql.RELEASE_FROM_QUARANTINE, {**key, "ids": readable})
    for item in batch.unparsed:
        outcome.quarantined += cursor.execute(
            sql.HOLD_IN_QUARANTINE,
            {
                **key,
                "message_id": item.message_id or 0,
                "error": item.error,
                "raw": item.raw,
                "run": claim.run_id if claim else None,
            },
        ).rowcount


def _cover(
    cursor: "psycopg.Cursor[Any]", key: dict[str, Any], batch: Batch, covered: IdRanges
) -> None:
    """Ids that could not be read are not covered: they stay a gap, and are asked for again."""
    unread = IdRanges.single(item.message_id for item in batch.unparsed if item.message_id)
    added = batch.covered - unread - covered
    if added:
        cursor.execute(sql.EXTEND_COVERAGE, {**key, "ranges": to_multirange(added)})


def _total(
    cursor: "psycopg.Cursor[Any]", batch: Batch, hashed: dict[int, Hashed], outcome: Outcome
) -> None:
    deleted = outcome.deleted - outcome.undeleted
    if outcome.new or deleted or outcome.revisions:
        dates = [hashed[number].record.date for number in outcome.new]
        cursor.execute(
            sql.ADD_TOTALS,
            {
                "channel": batch.channel_id,
                "messages": len(outcome.new),
                "deleted": deleted,
                "revisions": outcome.revisions,
                "first": min(dates, default=None),
                "last": max(dates, default=None),
            },
        )
    top = max(batch.covered.top, max(batch.records, default=0))
    cursor.execute(sql.RAISE_TOP, {"channel": batch.channel_id, "top": top})


def _advance(
    cursor: "psycopg.Cursor[Any]", batch: Batch, claim: RunClaim, outcome: Outcome
) -> None:
    outcome.absent = max(
        len(batch.answered) - len(batch.records) - len(batch.unparsed) - len(batch.gone), 0
    )
    advanced = cursor.execute(
        sql.ADVANCE_RUN,
        {
            "run": claim.run_id,
            "token": claim.token,
            "rate": claim.rate,
            "done": to_multirange(batch.answered),
            "new": len(outcome.new),
            "changed": len(outcome.changed),
            "unchanged": outcome.unchanged,
            "counters": outcome.counters,
            "absent": outcome.absent,
            "deleted": outcome.deleted,
            "quarantined": outcome.quarantined,
            "requests": batch.requests,
        },
    )
    if advanced.rowcount != 1:
        raise LeaseLost


def message_row(record: MessageRecord) -> tuple[Any, ...]:
    return (
        record.message_id,
        record.date,
        record.edit_date,
        record.sender_id,
        record.author,
        record.text,
        orjson.dumps(record.entities),
        record.kind,
        _json(record.media_meta),
        _json(record.reply_to),
        _json(record.forward),
        record.grouped_id,
        record.topic_id,
        list(record.links),
        list(record.hashtags),
    )


def stats_row(row: Hashed) -> tuple[Any, ...]:
    record = row.record
    return (
        record.message_id,
        record.views,
        record.forwards,
        record.replies,
        orjson.dumps(record.reactions),
        _json(record.attached),
        row.content,
        row.version,
        row.counters,
    )


def _json(value: Any) -> bytes | None:
    return None if value is None else orjson.dumps(value)

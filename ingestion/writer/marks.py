"""What a batch says beside its messages: deletions, unreadable records, coverage and sums."""

from typing import TYPE_CHECKING, Any

import orjson

from ingestion import sql
from ingestion.errors import LeaseLost
from ingestion.records import LIVE_SOURCES
from ingestion.writer.batch import Batch, Claim, Outcome, RunClaim
from ingestion.writer.rows import Hashed
from tgadmin.lib.fields import from_multirange, to_multirange
from tgadmin.lib.ranges import IdRanges

if TYPE_CHECKING:
    import psycopg


def lock_coverage(cursor: "psycopg.Cursor[Any]", key: dict[str, Any]) -> IdRanges:
    """Wait for the channel's other batches; what of it is covered by this source."""
    cursor.execute(sql.LOCK_CHANNEL, key)
    row = cursor.execute(sql.LOCK_COVERAGE, key).fetchone()
    if row is None:
        cursor.execute(sql.ENSURE_COVERAGE, key)
        row = cursor.execute(sql.LOCK_COVERAGE, key).fetchone()
    if row is None:  # pragma: no cover, the row was made a line above
        raise RuntimeError("The coverage row vanished")
    return from_multirange(row[0])


def mark(
    cursor: "psycopg.Cursor[Any]", key: dict[str, Any], batch: Batch, outcome: Outcome
) -> None:
    back = (
        _brought(cursor, sql.DELETED_IN_RANGE, key, batch) if batch.source in LIVE_SOURCES else []
    )
    if back:
        outcome.undeleted = cursor.execute(sql.UNDELETE, {**key, "ids": back}).rowcount
        outcome.touched += back
    gone = [number for number in batch.gone if number not in batch.records]
    if gone:
        marked = cursor.execute(
            sql.MARK_DELETED, {**key, "ids": gone, "how": batch.gone_how}
        ).fetchall()
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


def quarantine(
    cursor: "psycopg.Cursor[Any]",
    key: dict[str, Any],
    batch: Batch,
    claim: RunClaim | Claim | None,
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
                "error": orjson.dumps(item.error.as_json()).decode(),
                "raw": item.raw,
                "run": claim.run_id if isinstance(claim, RunClaim) else None,
            },
        ).rowcount


def cover(
    cursor: "psycopg.Cursor[Any]", key: dict[str, Any], batch: Batch, covered: IdRanges
) -> None:
    """Ids that could not be read are not covered: they stay a gap, and are asked for again."""
    unread = IdRanges.single(item.message_id for item in batch.unparsed if item.message_id)
    added = batch.covered - unread - covered
    if added:
        cursor.execute(sql.EXTEND_COVERAGE, {**key, "ranges": to_multirange(added)})


def total(
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


def advance(cursor: "psycopg.Cursor[Any]", batch: Batch, claim: RunClaim, outcome: Outcome) -> None:
    outcome.absent = max(
        len(batch.answered)
        - len(batch.records)
        - len(batch.unparsed)
        - len(batch.gone)
        - outcome.let_go,
        0,
    )
    advanced = cursor.execute(
        sql.ADVANCE_RUN,
        {
            "run": claim.run_id,
            "token": claim.token,
            "rate": claim.rate,
            "done": to_multirange(batch.answered),
            "new": len(outcome.new),
            "changed": len(outcome.changed) + len(outcome.merged),
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

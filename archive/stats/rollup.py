"""Keeping `ChannelDay`: the writer's batches are added up in their own transaction.

New messages are added as sums made in Python, so a batch of 10,000 costs one statement. Where
archived messages changed (an edit, a counter, a deletion), their days are counted anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
from django.db import connection, transaction

from archive.models import ChannelDay
from archive.stats import _sql, keeping
from ingestion.records import MessageRecord
from ingestion.writer import Batch, Outcome

_SENT = ("views", "forwards", "replies", "reactions", "hours", "kinds")
_ALWAYS = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))


def on_batch(*, channel_id: int, batch: Batch, outcome: Outcome, **_: Any) -> None:
    """Receive `batch_writing`: in the batch's transaction, after its rows."""
    if not (outcome.new or outcome.touched):
        return
    with connection.cursor() as cursor:
        cursor.execute(_sql.LOCK_CHANNEL, {"channel": channel_id})
        if outcome.new:
            days = _added(batch.records, outcome.new)
            cursor.execute(_sql.ADD, {"channel": channel_id, "days": orjson.dumps(days).decode()})
        if outcome.touched:
            cursor.execute(_sql.DAYS_OF, {"channel": channel_id, "ids": outcome.touched})
            days_touched = {row[0] for row in cursor.fetchall()}
            days_touched |= {moment.astimezone(UTC).date() for moment in outcome.moved_from}
            recount(cursor, channel_id, _stretches(days_touched))


def on_messages_deleted(*, channel_id: int, **_: Any) -> None:
    """Receive `messages_deleted`: nothing of the channel is archived any more."""
    # Who counts anew at the moment still sees the messages: its days are there to delete after it.
    with connection.cursor() as cursor:
        cursor.execute(_sql.LOCK_CHANNEL, {"channel": channel_id})
    ChannelDay.objects.filter(channel_id=channel_id).delete()


def rebuild(channel_id: int) -> list[date]:
    """Count all days of a channel anew; those (UTC) that were wrong, and are right now."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_sql.LOCK_CHANNEL, {"channel": channel_id})
        keeping.forget_after_commit(channel_id)
        return recount(cursor, channel_id, [_ALWAYS])


def check(channel_id: int) -> list[date]:
    """The days (UTC) that differ from what is archived; writes nothing."""
    with connection.cursor() as cursor:
        return recount(cursor, channel_id, [_ALWAYS], only_look=True)


@dataclass(slots=True)
class _Day:
    """What new messages add to a day."""

    views: int = 0
    forwards: int = 0
    replies: int = 0
    reactions: int = 0
    hours: list[int] = field(default_factory=lambda: [0] * 24)
    kinds: dict[str, int] = field(default_factory=dict)


def _added(records: Mapping[int, MessageRecord], new: Iterable[int]) -> list[dict[str, Any]]:
    days: dict[date, _Day] = {}
    for number in new:
        record = records[number]
        moment = record.date
        if moment.tzinfo is not UTC:
            moment = moment.astimezone(UTC)
        day = moment.date()
        row = days.get(day)
        if row is None:
            row = days[day] = _Day()
        row.hours[moment.hour] += 1
        row.kinds[record.kind] = row.kinds.get(record.kind, 0) + 1
        if record.views:
            row.views += record.views
        if record.forwards:
            row.forwards += record.forwards
        if record.replies:
            row.replies += record.replies
        if record.reactions:
            row.reactions += sum(record.reactions.values())
    return [
        {"day": day, "messages": sum(row.hours), **{name: getattr(row, name) for name in _SENT}}
        for day, row in days.items()
    ]


def _stretches(days: Iterable[date]) -> list[tuple[datetime, datetime]]:
    """Neighbouring days as one stretch: `since` up to, not including, `until`."""
    out: list[tuple[datetime, datetime]] = []
    for day in sorted(days):
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        end = start + timedelta(days=1)
        if out and out[-1][1] == start:
            out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return out


def recount(
    cursor: Any,
    channel_id: int,
    stretches: list[tuple[datetime, datetime]],
    *,
    only_look: bool = False,
) -> list[date]:
    """Count stretches that begin and end with a day; the days that were wrong. The channel is
    locked (`LOCK_CHANNEL`) by whoever calls it.
    """
    cursor.execute(
        _sql.RECOUNT,
        {
            "channel": channel_id,
            "since": [since for since, _ in stretches],
            "until": [until for _, until in stretches],
            "only_look": only_look,
        },
    )
    return [row[0] for row in cursor.fetchall()]

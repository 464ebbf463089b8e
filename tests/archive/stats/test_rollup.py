"""The days are what GROUP BY says, whatever was written, and nothing is written for nothing."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection

from archive.models import ChannelDay
from archive.stats import _sql, rollup
from ingestion.models import Channel, Message, MessageStats
from ingestion.records import MessageRecord, Page
from ingestion.services import channels
from ingestion.writer import Batch, Outcome, write
from tests.factories import WHEN, archive_messages, make_channel, make_record

pytestmark = pytest.mark.django_db

#: 400 messages, 37 minutes apart: ten days.
NUMBERS = range(1, 401)


def record(number: int, **changes: Any) -> MessageRecord:
    defaults: dict[str, Any] = {
        "date": WHEN + timedelta(minutes=37 * number),
        "kind": ("text", "photo", "video")[number % 3],
        "views": None if number % 7 == 0 else 10 * number,
        "forwards": number % 5,
        "replies": number % 4 or None,
        "reactions": {"👍": number, "custom:5": 2} if number % 2 else {},
    }
    return make_record(number, **{**defaults, **changes})


def counted(channel: Channel) -> dict[date, dict[str, Any]]:
    """Count the days in Python, message by message."""
    days: dict[date, dict[str, Any]] = {}
    stats = {row.message_id: row for row in MessageStats.objects.filter(channel=channel)}
    for message in Message.objects.filter(channel=channel):
        moment = message.date.astimezone(UTC)
        day = days.setdefault(
            moment.date(),
            dict.fromkeys(("messages", "deleted", "views", "forwards", "replies", "reactions"), 0)
            | {"hours": [0] * 24, "kinds": {}},
        )
        counters = stats[message.message_id]
        day["messages"] += 1
        day["deleted"] += message.deleted_at is not None
        day["views"] += counters.views or 0
        day["forwards"] += counters.forwards or 0
        day["replies"] += counters.replies or 0
        day["reactions"] += sum(counters.reactions.values())
        day["hours"][moment.hour] += 1
        day["kinds"][message.kind] = day["kinds"].get(message.kind, 0) + 1
    return days


def kept(channel: Channel) -> dict[date, dict[str, Any]]:
    rows = ChannelDay.objects.filter(channel=channel)
    fields = ("messages", "deleted", "views", "forwards", "replies", "reactions", "hours", "kinds")
    return {row.day: {name: getattr(row, name) for name in fields} for row in rows}


def rows_written() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)
               FROM pg_stat_xact_user_tables WHERE relname = 'archive_channelday'"""
        )
        return int(cursor.fetchone()[0])


@pytest.fixture
def filled(channel: Channel) -> Channel:
    """In three batches, whose days overlap."""
    for start in (1, 150, 290):
        archive_messages(channel, [record(n) for n in NUMBERS if start <= n < start + 150])
    return channel


def test_new_messages_are_added_to_their_days(filled: Channel) -> None:
    assert len(kept(filled)) == 11
    assert kept(filled) == counted(filled)


def test_edits_and_counters_count(filled: Channel) -> None:
    edited = WHEN + timedelta(days=30)
    archive_messages(
        filled,
        [
            record(5, kind="document", text="other", edit_date=edited),
            record(6, views=1_000_000),
            record(200, reactions={"👍": 1}),
            record(401),
        ],
    )
    assert kept(filled) == counted(filled)


def test_a_message_that_moves_to_another_day_leaves_the_old_one(channel: Channel) -> None:
    archive_messages(channel, [record(1)])
    moved = WHEN + timedelta(days=3)
    archive_messages(channel, [record(1, date=moved, text="moved", edit_date=moved)])
    assert list(kept(channel)) == [moved.date()]
    assert kept(channel) == counted(channel)


def test_deleted_messages_and_those_that_come_back(filled: Channel) -> None:
    archive_messages(filled, [], gone=[1, 2, 200])
    assert sum(day["deleted"] for day in kept(filled).values()) == 3
    assert kept(filled) == counted(filled)
    archive_messages(filled, [record(2)])
    assert sum(day["deleted"] for day in kept(filled).values()) == 2
    assert kept(filled) == counted(filled)


def test_unchanged_history_writes_no_day(filled: Channel) -> None:
    before = rows_written()
    archive_messages(filled, [record(n) for n in NUMBERS])
    assert rows_written() == before


def test_a_batch_that_is_rolled_back_leaves_no_day(channel: Channel) -> None:
    class Killed(Exception):
        """Stands for whatever ends the transaction after the days were written."""

    def kill(**_: Any) -> None:
        assert kept(channel)
        raise Killed

    from ingestion import signals

    signals.batch_writing.connect(kill)
    try:
        with pytest.raises(Killed):
            archive_messages(channel, [record(1)])
    finally:
        signals.batch_writing.disconnect(kill)
    assert kept(channel) == {}
    assert not Message.objects.exists()


def test_days_are_in_utc_whatever_the_record_says(channel: Channel) -> None:
    from zoneinfo import ZoneInfo

    late = datetime(2026, 5, 1, 23, 30, tzinfo=ZoneInfo("America/New_York"))
    batch = Batch(channel.pk, "mtproto")
    batch.add(Page([make_record(1, date=late)], [], 1, 1, proves_absence=True))
    assert isinstance(write(batch), Outcome)
    assert list(kept(channel)) == [date(2026, 5, 2)]
    assert kept(channel) == counted(channel)


def test_deleting_the_messages_deletes_the_days(filled: Channel) -> None:
    other = make_channel()
    archive_messages(other, [record(1)])
    channels.remove(channel=filled, delete_messages=True)
    assert kept(filled) == {}
    assert len(kept(other)) == 1


def test_deleting_waits_for_who_counts_the_days_anew(channel: Channel) -> None:
    other = connection.copy()
    try:
        with other.cursor() as counting:
            counting.execute("SELECT pg_try_advisory_lock(1952935780, %s)", [channel.pk])
            assert counting.fetchone() == (True,)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout TO '50ms'")
        with pytest.raises(OperationalError, match="lock timeout"):
            channels.remove(channel=channel, delete_messages=True)
    finally:
        other.close()
    channels.remove(channel=channel, delete_messages=True)


def test_removing_a_channel_keeps_its_days(filled: Channel) -> None:
    channels.remove(channel=filled)
    assert kept(filled) == counted(filled)


def test_a_rebuild_mends_what_is_wrong_and_writes_nothing_else(filled: Channel) -> None:
    right = kept(filled)
    first, second, *_ = sorted(right)
    ChannelDay.objects.filter(channel=filled, day=first).update(views=0)
    ChannelDay.objects.filter(channel=filled, day=second).delete()
    empty = first - timedelta(days=9)
    ChannelDay.objects.create(channel=filled, day=empty, messages=1, hours=[0] * 24)
    assert rollup.check(filled.pk) == [empty, first, second]
    assert rollup.rebuild(filled.pk) == [empty, first, second]
    assert kept(filled) == right
    before = rows_written()
    assert rollup.rebuild(filled.pk) == []
    assert rows_written() == before


def test_a_channel_that_has_just_been_filled_is_counted_once(filled: Channel) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE ingestion_message, ingestion_messagestats, archive_channelday")
    new = make_channel(filled.workspace)  # of which PostgreSQL knows nothing
    archive_messages(new, [record(number) for number in NUMBERS])
    always = {"since": [datetime(1, 1, 1, tzinfo=UTC)], "until": [datetime(9999, 1, 1, tzinfo=UTC)]}
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN (ANALYZE, FORMAT JSON) " + _sql.RECOUNT,
            {"channel": new.pk, "only_look": True, **always},
        )
        (plan,) = cursor.fetchone()[0]
    assert {node["Actual Loops"] for node in _aggregates(plan["Plan"])} == {1}


def _aggregates(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Nodes that count, but for those that are asked of each message: its reactions."""
    if node["Node Type"] == "Aggregate" and node["Parent Relationship"] != "SubPlan":
        yield node
    for below in node.get("Plans", ()):
        yield from _aggregates(below)

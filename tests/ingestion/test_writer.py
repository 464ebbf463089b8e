"""What the writer promises: one transaction, nothing lost, nothing written twice."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from ingestion.errors import LeaseLost
from ingestion.models import (
    Channel,
    ChannelTotals,
    Coverage,
    Message,
    MessageRaw,
    MessageRevision,
    MessageStats,
    Quarantine,
    SyncRun,
)
from ingestion.records import MessageRecord, Page, Unparsed
from ingestion.writer import Batch, Outcome, RunClaim, write
from tgadmin.lib.ranges import IdRanges
from tgadmin.lib.told import tell
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db

WHEN = datetime(2026, 5, 1, 12, tzinfo=UTC)


def record(number: int, **changes: Any) -> MessageRecord:
    base = MessageRecord(
        message_id=number,
        date=WHEN + timedelta(minutes=number),
        edit_date=None,
        sender_id="",
        author="",
        text=f"Message {number}",
        entities=[],
        kind="text",
        media_meta=None,
        reply_to=None,
        forward=None,
        grouped_id=None,
        topic_id=None,
        links=[],
        hashtags=[],
        views=number,
        forwards=0,
        replies=None,
        reactions={},
        raw={"_": "Message", "id": number, "message": f"Message {number}"},
    )
    return replace(base, **changes)


@pytest.fixture
def channel() -> Channel:
    workspace = Workspace.objects.create(name="Desk")
    return Channel.objects.create(
        workspace=workspace, peer_id=-1001, kind="broadcast", title="News"
    )


def page(*records: MessageRecord, low: int, high: int, **more: Any) -> Page:
    return Page(
        records=records,
        unparsed=more.get("unparsed", []),
        low=low,
        high=high,
        proves_absence=True,
    )


def write_page(channel: Channel, brought: Page, gone: list[int] | None = None) -> Outcome:
    batch = Batch(channel.pk, "mtproto")
    batch.add(brought, gone or [])
    return write(batch)


def test_a_new_message_is_stored_whole(channel: Channel) -> None:
    sent = record(
        7,
        text="Привет, 世界 🌍",
        entities=[{"type": "bold", "offset": 0, "length": 6}],
        links=["https://example.org"],
        reactions={"👍": 3},
        forward={"from_id": -1005},
        media_meta={"type": "photo", "id": "55"},
    )
    outcome = write_page(channel, page(sent, low=1, high=7))
    stored = Message.objects.get()
    assert outcome.new == [7]
    assert (stored.text, stored.entities, stored.links) == (sent.text, sent.entities, sent.links)
    assert (stored.forward, stored.media_meta) == (sent.forward, sent.media_meta)
    assert MessageStats.objects.get().reactions == {"👍": 3}
    assert MessageRaw.objects.get().raw["id"] == 7
    assert Coverage.objects.get().ranges == IdRanges.span(1, 7)
    channel.refresh_from_db()
    assert channel.top_id == 7
    assert ChannelTotals.objects.get().messages == 1


def rows_written() -> int:
    """What PostgreSQL itself counted in this transaction, over all tables of the archive."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables
               WHERE relname LIKE 'ingestion_%%'"""
        )
        return int(cursor.fetchone()[0])


def test_unchanged_history_writes_no_row(channel: Channel) -> None:
    brought = page(*(record(n) for n in range(1, 101)), low=1, high=100)
    write_page(channel, brought)
    before = rows_written()
    outcome = write_page(channel, brought)
    assert outcome.unchanged == 100
    assert rows_written() == before


def test_an_edit_keeps_the_earlier_version(channel: Channel) -> None:
    write_page(channel, page(record(1), low=1, high=1))
    edited = record(1, text="Corrected", edit_date=WHEN + timedelta(hours=1))
    outcome = write_page(channel, page(edited, low=1, high=1))
    assert outcome.changed == [1]
    assert Message.objects.get().text == "Corrected"
    revision = MessageRevision.objects.get()
    assert revision.raw
    assert (revision.text, revision.edit_date) == ("Message 1", None)
    assert revision.raw["message"] == "Message 1"
    assert ChannelTotals.objects.get().revisions == 1


def test_an_older_answer_never_undoes_an_edit_but_its_counters_count(channel: Channel) -> None:
    edited = record(1, text="Corrected", edit_date=WHEN + timedelta(hours=1))
    write_page(channel, page(edited, low=1, high=1))
    outcome = write_page(channel, page(record(1, views=99), low=1, high=1))
    assert outcome.changed == []
    assert Message.objects.get().text == "Corrected"
    assert MessageStats.objects.get().views == 99
    assert not MessageRevision.objects.exists()


def test_counters_change_without_a_revision(channel: Channel) -> None:
    write_page(channel, page(record(1), low=1, high=1))
    outcome = write_page(channel, page(record(1, views=500), low=1, high=1))
    assert (outcome.counters, outcome.changed) == (1, [])
    assert MessageStats.objects.get().views == 500
    assert not MessageRevision.objects.exists()


def test_a_deleted_message_keeps_its_row(channel: Channel) -> None:
    write_page(channel, page(record(1), record(2), low=1, high=2))
    outcome = write_page(channel, page(record(1), low=1, high=2), gone=[2])
    assert outcome.deleted == 1
    assert Message.objects.get(message_id=2).deleted_at is not None
    assert ChannelTotals.objects.get().deleted == 1
    again = write_page(channel, page(record(1), record(2), low=1, high=2))
    assert again.undeleted == 1
    assert Message.objects.get(message_id=2).deleted_at is None
    assert ChannelTotals.objects.get().deleted == 0


def test_what_could_not_be_read_is_held_and_stays_a_gap(channel: Channel) -> None:
    broken = Unparsed(message_id=5, error=tell("No such constructor."), raw=b"\x01\x02")
    write_page(channel, page(record(4), low=1, high=5, unparsed=[broken]))
    assert bytes(Quarantine.objects.get().raw) == b"\x01\x02"
    assert Coverage.objects.get().ranges == IdRanges.span(1, 4)
    write_page(channel, page(record(5), low=5, high=5))
    assert not Quarantine.objects.exists()
    assert Coverage.objects.get().ranges == IdRanges.span(1, 5)


def test_a_run_that_was_taken_away_writes_nothing(channel: Channel) -> None:
    run = SyncRun.objects.create(
        channel=channel,
        kind="backfill",
        state="running",
        press=uuid4(),
        lease_token=uuid4(),
        done=IdRanges(),
    )
    batch = Batch(channel.pk, "mtproto")
    batch.add(page(record(1), low=1, high=1))
    with pytest.raises(LeaseLost):
        write(batch, RunClaim(run.pk, uuid4()))
    assert not Message.objects.exists()
    assert not Coverage.objects.exists()
    assert run.lease_token
    write(batch, RunClaim(run.pk, run.lease_token))
    run.refresh_from_db()
    assert (run.new, run.done) == (1, IdRanges.span(1, 1))

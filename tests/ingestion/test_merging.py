"""Several sources tell of the same message: the richer one wins, and nothing is lost."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from ingestion import coverage
from ingestion.models import (
    Channel,
    ChannelTotals,
    Message,
    MessageRaw,
    MessageRevision,
    MessageStats,
)
from ingestion.records import SOURCE_RANKS, MessageRecord, Page
from ingestion.writer import Batch, Outcome, write
from tests.factories import WHEN, make_channel, make_record
from tgadmin.lib.ranges import IdRanges

pytestmark = pytest.mark.django_db

FULL = make_record(
    5,
    text="The bridge is open",
    entities=[{"type": "bold", "offset": 4, "length": 6}],
    sender_id="77",
    media_meta={"type": "photo", "id": "55"},
    views=2_381_004,
    reactions={"👍": 3, "custom:12": 1},
)
#: The same message as the web preview shows it: no sender, rounded views, its own white space.
PREVIEW = replace(
    FULL,
    text="The bridge\nis open ",
    entities=[],
    sender_id="",
    media_meta=None,
    views=2_380_000,
    reactions={},
    raw={"html": "<div>The bridge<br>is open</div>"},
)


@pytest.fixture
def channel() -> Channel:
    return make_channel()


def bring(channel: Channel, source: str, *records: MessageRecord) -> Outcome:
    batch = Batch(channel.pk, source)
    numbers = [record.message_id for record in records]
    proves = source == "mtproto"
    batch.add(Page(records, [], min(numbers), max(numbers), proves_absence=proves))
    return write(batch)


def rows_written() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables
               WHERE relname LIKE 'ingestion_%%'"""
        )
        return int(cursor.fetchone()[0])


def test_the_richer_source_replaces_what_the_poorer_brought_without_a_revision(
    channel: Channel,
) -> None:
    bring(channel, "web_preview", PREVIEW)
    outcome = bring(channel, "mtproto", FULL)
    stored, stats = Message.objects.get(), MessageStats.objects.get()
    assert (stored.text, stored.entities, stored.sender_id) == (FULL.text, FULL.entities, "77")
    assert stored.media_meta == {"type": "photo", "id": "55"}
    assert (stats.views, stats.reactions) == (2_381_004, {"👍": 3, "custom:12": 1})
    assert stats.source_rank == SOURCE_RANKS["mtproto"]
    assert (outcome.merged, outcome.new, outcome.changed, outcome.revisions) == ([5], [], [], 0)
    assert not MessageRevision.objects.exists()
    assert {row.source for row in MessageRaw.objects.all()} == {"web_preview", "mtproto"}


@pytest.mark.parametrize("first", ["mtproto", "web_preview"])
def test_each_source_read_again_writes_nothing(channel: Channel, first: str) -> None:
    records = {"mtproto": FULL, "web_preview": PREVIEW}
    bring(channel, first, records.pop(first))
    ((second, record),) = records.items()
    bring(channel, second, record)
    before = rows_written()
    assert bring(channel, "web_preview", PREVIEW).unchanged == 1
    assert bring(channel, "mtproto", FULL).unchanged == 1
    assert rows_written() == before


def test_a_poorer_source_never_takes_anything_away(channel: Channel) -> None:
    bring(channel, "mtproto", FULL)
    outcome = bring(channel, "web_preview", PREVIEW)
    stored, stats = Message.objects.get(), MessageStats.objects.get()
    assert (stored.text, stored.sender_id, stats.views) == (FULL.text, "77", 2_381_004)
    assert (outcome.merged, outcome.unchanged, outcome.touched) == ([], 1, [])
    assert ChannelTotals.objects.get().revisions == 0
    assert bring(channel, "mtproto", FULL).unchanged == 1


def test_a_poorer_source_fills_what_was_not_told(channel: Channel) -> None:
    bring(channel, "desktop", replace(FULL, views=None, reactions={}, entities=[]))
    bring(channel, "web_preview", replace(PREVIEW, reactions={"🔥": 9}, author="The editor"))
    stored, stats = Message.objects.get(), MessageStats.objects.get()
    assert (stored.text, stored.author, stored.sender_id) == (FULL.text, "The editor", "77")
    assert (stats.views, stats.reactions) == (2_380_000, {"🔥": 9})
    assert stats.source_rank == SOURCE_RANKS["desktop"]


def test_a_richer_source_that_cannot_tell_a_field_keeps_it(channel: Channel) -> None:
    bring(channel, "web_preview", replace(PREVIEW, forward={"name": "Harbour"}))
    bring(channel, "desktop", replace(FULL, views=None, reactions={}, forward=None))
    assert Message.objects.get().forward == {"name": "Harbour"}
    assert MessageStats.objects.get().views == 2_380_000


def test_other_words_from_the_richer_source_keep_the_earlier_ones_as_a_revision(
    channel: Channel,
) -> None:
    bring(channel, "web_preview", PREVIEW)
    edited = replace(FULL, text="The bridge is closed", edit_date=WHEN + timedelta(days=1))
    outcome = bring(channel, "mtproto", edited)
    revision = MessageRevision.objects.get()
    assert Message.objects.get().text == "The bridge is closed"
    assert revision.text == PREVIEW.text
    assert revision.raw == PREVIEW.raw
    assert outcome.revisions == ChannelTotals.objects.get().revisions == 1


def test_an_old_export_brings_back_the_words_from_before_an_edit(channel: Channel) -> None:
    edited = replace(FULL, text="The bridge is closed", edit_date=WHEN + timedelta(days=1))
    bring(channel, "mtproto", edited)
    outcome = bring(channel, "desktop", FULL)
    revision = MessageRevision.objects.get()
    assert Message.objects.get().text == "The bridge is closed"
    assert (revision.text, revision.replaced_at) == (FULL.text, edited.edit_date)
    assert outcome.revisions == 1
    before = rows_written()
    assert bring(channel, "desktop", FULL).unchanged == 1
    assert rows_written() == before


def test_a_poorer_source_that_saw_a_later_edit_is_right_about_the_words(channel: Channel) -> None:
    bring(channel, "mtproto", FULL)
    later = replace(PREVIEW, text="The bridge is closed", edit_date=WHEN + timedelta(days=1))
    bring(channel, "web_preview", later)
    stored = Message.objects.get()
    assert (stored.text, stored.sender_id) == ("The bridge is closed", "77")
    assert MessageRevision.objects.get().text == FULL.text
    # MTProto tells the same edit in full: no second revision.
    full = replace(FULL, text="The bridge is closed", edit_date=later.edit_date)
    bring(channel, "mtproto", full)
    assert Message.objects.get().entities == FULL.entities
    assert MessageRevision.objects.count() == 1


def test_words_that_differ_without_any_edit_stay_as_the_richer_source_told_them(
    channel: Channel,
) -> None:
    bring(channel, "mtproto", FULL)
    bring(channel, "web_preview", replace(PREVIEW, text="The bridge is open (emoji)"))
    assert Message.objects.get().text == FULL.text
    assert not MessageRevision.objects.exists()


def test_an_old_export_does_not_bring_back_what_telegram_deleted(channel: Channel) -> None:
    bring(channel, "mtproto", FULL)
    batch = Batch(channel.pk, "mtproto")
    batch.add(Page([], [], 5, 5, proves_absence=True), [5])
    write(batch)
    bring(channel, "desktop", FULL)
    assert Message.objects.get().deleted_at is not None
    bring(channel, "web_preview", PREVIEW)
    assert Message.objects.get().deleted_at is None


def test_what_another_source_brought_is_no_coverage_and_no_absence(channel: Channel) -> None:
    bring(channel, "mtproto", FULL)
    bring(channel, "desktop", make_record(2), make_record(3), make_record(5, text=FULL.text))
    channel.refresh_from_db()
    report = coverage.report(channel)
    assert report.covered == IdRanges.span(5, 5)
    assert report.gaps == IdRanges.span(1, 4)
    assert (report.messages, report.outside, report.absent) == (1, 2, 0)
    (counted,) = coverage.counts([channel.pk]).values()
    assert (counted.messages, counted.covered, counted.gaps) == (3, 1, 4)

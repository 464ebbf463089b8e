"""What is let go on purpose is no gap, is not deleted on Telegram, and does not come back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from archive.models import ChannelDay
from archive.stats import rollup
from ingestion import coverage
from ingestion.letting_go import let_go
from ingestion.models import (
    Channel,
    ChannelTotals,
    Coverage,
    LetGo,
    Message,
    MessageRaw,
    MessageRevision,
    MessageStats,
)
from ingestion.records import MessageRecord, Page
from ingestion.writer import Batch, weigh, write
from tests.factories import make_channel, make_record
from tgadmin.lib.ranges import IdRanges

pytestmark = pytest.mark.django_db

START = datetime(2026, 1, 1, tzinfo=UTC)


def told(number: int, **more: Any) -> MessageRecord:
    return make_record(number, date=START + timedelta(days=number), **more)


def batch_of(
    channel: Channel, *records: MessageRecord, top: int, source: str = "mtproto", low: int = 1
) -> Batch:
    batch = Batch(channel.pk, source)
    batch.add(Page(records, (), low, top, proves_absence=source == "mtproto"))
    return batch


@pytest.fixture
def channel() -> Channel:
    """Messages 1 to 10 without 4 and 7; 11 to 20 were never asked for. 21 to 30 are there."""
    channel = make_channel()
    write(batch_of(channel, *(told(n) for n in range(1, 11) if n not in {4, 7}), top=10))
    write(batch_of(channel, *(told(n) for n in range(21, 31)), low=21, top=30))
    write(batch_of(channel, told(2, text="edited", edit_date=START), low=2, top=2))
    channel.refresh_from_db()
    return channel


def add_up(channel: Channel) -> coverage.CoverageReport:
    """The report, whose sums hold, and agrees with the counts that lists have."""
    report = coverage.report(channel)
    assert report.messages + report.absent + report.let_go == len(report.covered)
    assert len(report.covered) + len(report.hidden) + len(report.gaps) == report.top_id
    counts = coverage.counts([channel.pk])[channel.pk]
    assert (counts.covered, counts.gaps, counts.let_go) == (
        len(report.covered),
        len(report.gaps),
        report.let_go,
    )
    return report


def test_sums_hold_and_gaps_stay_gaps(channel: Channel) -> None:
    before = add_up(channel)
    gone = let_go(channel.pk, [1, 2, 3, 5, 6, 8], before=START + timedelta(days=9))
    assert (gone.messages, gone.revisions) == (6, 1)
    report = add_up(channel)
    assert (report.let_go, report.messages, report.absent) == (6, before.messages - 6, 2)
    assert report.gaps == before.gaps == IdRanges.span(11, 20)
    assert report.deleted == 0
    assert report.kept_since == START + timedelta(days=9)
    # Ids that never had a message are in the stretch, so that it stays one.
    assert LetGo.objects.get().ranges.pairs == ((1, 8),)
    for table in (Message, MessageRaw, MessageStats, MessageRevision):
        assert not table.objects.filter(message_id__lt=9).exists()
    totals = ChannelTotals.objects.get()
    assert (totals.messages, totals.revisions) == (12, 0)
    assert totals.first_date == START + timedelta(days=9)


def test_days_count_what_is_kept(channel: Channel) -> None:
    let_go(channel.pk, [1, 2, 3])
    assert not ChannelDay.objects.filter(day__lte=(START + timedelta(days=3)).date()).exists()
    assert rollup.check(channel.pk) == []


@pytest.mark.parametrize("source", ["mtproto", "desktop", "web_preview", "jsonl"])
def test_no_source_brings_it_back(channel: Channel, source: str) -> None:
    let_go(channel.pk, [1, 2, 3])
    again = [told(n, text="again") for n in (1, 2, 3, 5)]
    assert weigh(batch_of(channel, *again, top=5, source=source)).new == []
    outcome = write(batch_of(channel, *again, top=5, source=source))
    assert (outcome.new, outcome.let_go) == ([], 3)
    assert sorted(Message.objects.values_list("message_id", flat=True))[:2] == [5, 6]
    assert add_up(channel).let_go == 3


def test_it_is_not_asked_for_again(channel: Channel) -> None:
    let_go(channel.pk, [1, 2, 3])
    assert coverage.plan_backfill(channel) == IdRanges.span(11, 20)
    for plan in (
        coverage.plan_everything(channel),
        coverage.plan_refresh(channel, START - timedelta(days=1)),
    ):
        assert not plan & IdRanges.span(1, 3)
    assert (1, 3) not in coverage.absent_ranges(channel)


def test_what_no_other_source_was_asked_for_counts_once(channel: Channel) -> None:
    write(batch_of(channel, *(told(n) for n in (12, 13)), top=13, low=12, source="desktop"))
    assert add_up(channel).outside == 2
    let_go(channel.pk, [12, 13])
    report = add_up(channel)
    assert (report.outside, report.let_go) == (0, 2)
    assert report.gaps.pairs == ((11, 11), (14, 20))


def test_scattered_ids_are_remembered_one_by_one(channel: Channel) -> None:
    let_go(channel.pk, [1, 30])
    assert LetGo.objects.get().ranges.pairs == ((1, 1), (30, 30))
    assert add_up(channel).let_go == 2


def test_nothing_is_let_go_twice(channel: Channel) -> None:
    let_go(channel.pk, [1, 2])
    assert let_go(channel.pk, [1, 2]).messages == 0
    assert LetGo.objects.get().messages == 2
    assert Coverage.objects.get().ranges.pairs == ((1, 10), (21, 30))

"""Counters over time: read again at growing ages, and kept as a handful of rows a message."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from ingestion import counters, coverage
from ingestion.models import Channel, ChannelReading, CounterSnapshot, Message
from tests.factories import archive_messages, make_channel, make_record
from tests.ingestion.test_writer import rows_written
from tgadmin.lib.ranges import IdRanges

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def channel(transactional_db: None) -> Channel:
    return make_channel()


@contextmanager
def aged(channel: Channel, by: timedelta) -> Iterator[None]:
    """As if so much time had passed: everything that is known lies so much further back."""
    for table, columns in (
        (Message, ("date", "first_seen_at")),
        (CounterSnapshot, ("at",)),
        (ChannelReading, ("counters_at",)),
    ):
        table.objects.update(**{name: F(name) - by for name in columns})
    yield


def posted(channel: Channel, number: int, ago: timedelta = timedelta(), **more: Any) -> Any:
    date = Message.objects.filter(channel=channel, message_id=number).values_list("date")
    found = date.first()
    return make_record(number, date=found[0] if found else timezone.now() - ago, **more)


def curve(number: int = 1) -> list[tuple[int | None, dict[str, int] | None]]:
    rows = CounterSnapshot.objects.filter(message_id=number).order_by("step")
    return [(row.views, row.reactions) for row in rows]


def test_the_first_counters_after_each_age_are_kept(channel: Channel) -> None:
    archive_messages(channel, [posted(channel, 1, views=5)])
    for passed, views in ((HOUR, 70), (HOUR, 90), (5 * HOUR, 200), (HOUR, 210), (20 * HOUR, 400)):
        with aged(channel, passed):
            archive_messages(channel, [posted(channel, 1, views=views, reactions={"👍": views})])
    # At 0 h, 1 h, 7 h (past six) and 28 h (past a day); at 2 h and 8 h nothing was due.
    assert curve() == [
        (5, None),
        (70, {"👍": 70}),
        (200, {"👍": 200}),
        (400, {"👍": 400}),
    ]


def test_what_did_not_change_is_not_kept_again(channel: Channel) -> None:
    archive_messages(channel, [posted(channel, 1, views=5)])
    with aged(channel, 2 * HOUR):
        again = posted(channel, 1, views=5)
        before = rows_written()
        archive_messages(channel, [again])
        assert rows_written() == before
    assert curve() == []


def test_steps_go_on_doubling_after_the_last_age() -> None:
    seconds = counters.steps()
    assert seconds[:5] == [HOUR.total_seconds() * n for n in (1, 6, 24, 168, 720)]
    assert seconds[5] == 2 * seconds[4]
    assert seconds[6] == 4 * seconds[4]


def test_a_refresh_asks_for_what_became_old_enough_since_the_last_one(channel: Channel) -> None:
    archive_messages(channel, [posted(channel, n, (40 - n) * DAY) for n in range(1, 40)])
    coverage.REFRESH_WINDOW, window = 1, coverage.REFRESH_WINDOW
    try:
        channel.refresh_from_db()
        now = timezone.now()
        assert coverage.plan_refresh(channel, now) == IdRanges.single([39]), "nothing was due yet"
        counters.were_read(channel.pk, now)
        later = now + 2 * DAY
        due = counters.due(channel, later)
        assert due == IdRanges.of([(11, 12), (34, 35)]), "a month old by now, or a week"
        assert coverage.plan_refresh(channel, later) == due | IdRanges.single([39])
    finally:
        coverage.REFRESH_WINDOW = window


def test_deleted_messages_are_not_due(channel: Channel) -> None:
    archive_messages(channel, [posted(channel, n, HOUR / 2) for n in (1, 2)])
    archive_messages(channel, [], gone=[2])
    now = timezone.now()
    counters.were_read(channel.pk, now)
    assert counters.due(channel, now + HOUR) == IdRanges.single([1])


def test_ages_can_be_switched_off(channel: Channel, settings: Any) -> None:
    settings.COUNTER_AGES = ()
    archive_messages(channel, [posted(channel, 1, views=5)])
    with aged(channel, 2 * HOUR):
        archive_messages(channel, [posted(channel, 1, views=9)])
    assert curve() == []
    assert counters.due(channel, timezone.now()) == IdRanges()


def test_reading_is_noted_when_a_refresh_is_done(channel: Channel) -> None:
    counters.were_read(channel.pk, timezone.now())
    counters.were_read(channel.pk, timezone.now())
    assert ChannelReading.objects.count() == 1

"""How far so many messages go, without reading them."""

from datetime import UTC, datetime, time, timedelta
from random import Random

import pytest
from django.db import connection

from archive.search._reach import reach_of
from ingestion.models import Channel
from tests.factories import WHEN, archive_messages, make_channel, make_record

pytestmark = pytest.mark.django_db

NUMBERS = range(1, 1001)


@pytest.fixture
def dates(channel: Channel) -> list[datetime]:
    """Dense to begin with, then ever thinner: 1,000 messages of a channel, and one of another."""
    dice = Random(1)
    moments = sorted(WHEN - timedelta(days=100 * dice.random() ** 0.3) for _ in NUMBERS)
    records = [make_record(n, date=when) for n, when in zip(NUMBERS, moments, strict=True)]
    archive_messages(channel, records)
    archive_messages(make_channel(), [make_record(1, date=moments[0])])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE ingestion_message")
    return moments


PLACES = [(begin, rows) for begin in (0, 300, 600) for rows in (10, 100, 350)]


def between(one: datetime, other: datetime, dates: list[datetime]) -> int:
    low, high = sorted((one, other))
    return sum(low < date < high for date in dates)


@pytest.mark.parametrize("older", [True, False])
def test_of_all_channels_it_is_right_but_for_a_hundredth(
    dates: list[datetime], *, older: bool
) -> None:
    for begin, rows in PLACES:
        place = dates[-1 - begin] if older else dates[begin]
        moment = reach_of(rows, channel=None, place=place, older=older)
        assert moment is not None
        assert rows - 12 <= between(moment, place, dates) <= rows + 12


@pytest.mark.parametrize("older", [True, False])
def test_of_one_channel_it_is_the_end_of_the_day(
    channel: Channel, dates: list[datetime], *, older: bool
) -> None:
    day = timedelta(days=1)
    for begin, rows in PLACES:
        place = dates[-1 - begin] if older else dates[begin]
        moment = reach_of(rows, channel=channel.pk, place=place, older=older)
        assert moment is not None
        assert between(moment, place, dates) >= rows
        today = datetime.combine(place, time(), UTC)
        nearer = (moment + day, today) if older else (today + day, moment - day)
        assert sum(nearer[0] <= date < nearer[1] for date in dates) < rows


@pytest.mark.parametrize("older", [True, False])
def test_where_there_are_not_so_many_it_does_not_end(
    channel: Channel, dates: list[datetime], *, older: bool
) -> None:
    for one in (None, channel.pk):
        assert reach_of(900, channel=one, place=dates[500], older=older) is None


def test_beyond_what_statistics_know_there_is_next_to_nothing(dates: list[datetime]) -> None:
    later = dates[-1] + timedelta(days=50)
    moment = reach_of(100, channel=None, place=later, older=True)
    assert moment is not None
    assert 88 <= sum(moment < date for date in dates) <= 112


@pytest.mark.usefixtures("channel")
def test_of_a_table_that_nobody_has_looked_at_nothing_is_known() -> None:
    assert reach_of(1, channel=None, place=WHEN, older=True) is None

"""Reading the days: in any time zone, for many channels, in few statements."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from archive import stats
from ingestion.models import Channel, MemberCount
from tests.factories import archive_messages, make_channel, make_record

pytestmark = pytest.mark.django_db

#: Clocks go forward on 29 March 2026 in London and back on 1 November in New York.
ZONES = ("UTC", "Europe/London", "America/New_York", "Asia/Tokyo", "Pacific/Auckland")
SPRING = datetime(2026, 3, 25, tzinfo=UTC)
AUTUMN = datetime(2026, 10, 28, tzinfo=UTC)


def moments(start: datetime) -> Iterator[datetime]:
    """Some nine days, at every minute of the hour."""
    for number in range(500):
        yield start + timedelta(minutes=26 * number + number % 11)


def fill(channel: Channel, start: datetime = SPRING, **changes: Any) -> list[datetime]:
    dates = list(moments(start))
    archive_messages(
        channel, [make_record(n, date=day, **changes) for n, day in enumerate(dates, 1)]
    )
    return dates


@pytest.mark.parametrize("start", [SPRING, AUTUMN], ids=["spring", "autumn"])
@pytest.mark.parametrize("name", ZONES)
def test_a_local_day_has_the_messages_of_that_day(
    channel: Channel, name: str, start: datetime
) -> None:
    zone = ZoneInfo(name)
    local = Counter(moment.astimezone(zone).date() for moment in fill(channel, start))
    since, until = min(local), max(local)
    series = stats.days(channels=[channel.pk], since=since, until=until, zone=zone)[channel.pk]
    assert dict(zip(series.days, series.messages, strict=True)) == local
    stacked = stats.stacked_days(channels=[channel.pk], since=since, until=until, zone=zone)
    assert stacked.starts == series.days
    assert stacked.series == ((channel.pk, series.messages),)


def test_where_midnight_is_within_an_hour_no_message_is_lost(channel: Channel) -> None:
    dates = fill(channel)
    zone = ZoneInfo("Asia/Kolkata")
    since, until = dates[0].date(), dates[-1].date() + timedelta(days=1)
    series = stats.days(channels=[channel.pk], since=since, until=until, zone=zone)[channel.pk]
    assert sum(series.messages) == len(dates)


def test_days_outside_of_the_range_do_not_count(channel: Channel) -> None:
    fill(channel)
    day = date(2026, 3, 27)
    zone = ZoneInfo("Asia/Tokyo")
    series = stats.days(channels=[channel.pk], since=day, until=day, zone=zone)[channel.pk]
    local = [moment.astimezone(zone).date() for moment in moments(SPRING)]
    assert series.messages == (local.count(day),)


def test_what_else_is_counted_by_day(channel: Channel) -> None:
    archive_messages(
        channel,
        [
            make_record(
                1, date=SPRING, views=5, forwards=2, replies=1, reactions={"👍": 3, "❤": 4}
            ),
            make_record(2, date=SPRING, views=None),
        ],
    )
    archive_messages(channel, [], gone=[2])
    day = SPRING.date()
    series = stats.days(
        channels=[channel.pk], since=day, until=day + timedelta(days=1), zone=ZoneInfo("UTC")
    )[channel.pk]
    assert series.messages == (2, 0)
    assert (series.views, series.forwards, series.replies) == ((5, 0), (2, 0), (1, 0))
    assert (series.reactions, series.deleted) == ((7, 0), (1, 0))


def test_sparklines_end_today(channel: Channel) -> None:
    now = datetime.now(tz=UTC)
    archive_messages(channel, [make_record(1, date=now), make_record(2, date=now)])
    empty = make_channel(channel.workspace)
    lines = stats.sparklines(channels=[channel.pk, empty.pk], days=30, zone=ZoneInfo("UTC"))
    assert lines[channel.pk] == [0] * 29 + [2]
    assert lines[empty.pk] == [0] * 30


def test_the_heatmap_is_53_whole_weeks(channel: Channel) -> None:
    dates = fill(channel)
    until = date(2026, 4, 1)  # a Wednesday
    found = stats.heatmap(channel=channel.pk, until=until, zone=ZoneInfo("UTC"))
    assert len(found.weeks) == 53
    assert all(len(week) == 7 for week in found.weeks)
    assert [cell and cell.day for cell in found.weeks[-1]] == [
        date(2026, 3, 30),
        date(2026, 3, 31),
        until,
        None,
        None,
        None,
        None,
    ]
    cells = {cell.day: cell for week in found.weeks for cell in week if cell}
    assert cells[date(2025, 3, 31)].level == 0
    assert cells[SPRING.date()].messages == sum(d.date() == SPRING.date() for d in dates)
    assert 1 <= cells[SPRING.date()].level <= 4
    assert found.messages == sum(d.date() <= until for d in dates)


def test_a_chart_names_the_busiest_and_adds_up_the_others() -> None:
    channels = [make_channel() for _ in range(5)]
    for number, channel in enumerate(channels, 1):
        archive_messages(channel, [make_record(n, date=SPRING) for n in range(1, number + 1)])
    day = SPRING.date()
    found = stats.stacked_days(
        channels=[channel.pk for channel in channels],
        since=day - timedelta(days=1),
        until=day,
        zone=ZoneInfo("UTC"),
        named=2,
    )
    assert found.series == (
        (channels[4].pk, (0, 5)),
        (channels[3].pk, (0, 4)),
        (None, (0, 3 + 2 + 1)),
    )


def test_wider_bars(channel: Channel) -> None:
    dates = fill(channel)
    asked: dict[str, Any] = {
        "channels": [channel.pk],
        "since": date(2026, 3, 1),
        "until": date(2026, 4, 5),
        "zone": ZoneInfo("UTC"),
    }
    weeks = stats.stacked_days(step=stats.Step.WEEK, **asked)
    assert weeks.starts[0] == date(2026, 2, 23)  # the Monday before
    assert all(start.isoweekday() == 1 for start in weeks.starts if isinstance(start, date))
    assert sum(weeks.series[0][1]) == len(dates)
    months = stats.stacked_days(step=stats.Step.MONTH, **asked)
    assert months.starts == (date(2026, 3, 1), date(2026, 4, 1))
    assert sum(months.series[0][1]) == len(dates)


def test_hours(channel: Channel) -> None:
    fill(channel)
    since, until = SPRING + timedelta(hours=6, minutes=20), SPRING + timedelta(hours=30)
    found = stats.stacked_hours(channels=[channel.pk], since=since, until=until)
    assert (len(found.starts), found.starts[0]) == (23, SPRING + timedelta(hours=7))
    hours = Counter(m.replace(minute=0) for m in moments(SPRING))
    assert found.series == (
        (channel.pk, tuple(hours[SPRING + timedelta(hours=n)] for n in range(7, 30))),
    )


def test_totals_know_the_period_before(channel: Channel) -> None:
    archive_messages(
        channel,
        [make_record(n, date=SPRING + timedelta(days=n), views=n) for n in range(1, 7)],
    )
    since = SPRING.date() + timedelta(days=4)
    found = stats.totals(channels=[channel.pk], since=since, until=since + timedelta(days=1))
    assert (found.now.messages, found.now.views) == (2, 4 + 5)
    assert (found.before.messages, found.before.views) == (2, 2 + 3)
    assert stats.totals(channels=[], since=since, until=since).now == stats.Sums()
    assert stats.first_day(channels=[channel.pk]) == SPRING.date() + timedelta(days=1)
    assert stats.first_day(channels=[]) is None


def test_members_are_those_last_seen(channel: Channel) -> None:
    day = SPRING.date()
    for days, count in ((-9, 10), (1, 12), (2, 11)):
        MemberCount.objects.create(channel=channel, day=day + timedelta(days=days), members=count)
    other = make_channel()
    found = stats.members(channels=[channel.pk, other.pk], since=day, until=day + timedelta(days=3))
    assert found == {channel.pk: (10, 12, 11, 11), other.pk: (None,) * 4}


def test_top_posts(channel: Channel) -> None:
    archive_messages(
        channel,
        [
            make_record(
                n,
                date=SPRING + timedelta(days=n),
                views=100 - n,
                forwards=n % 3,
                replies=None,
                reactions={"👍": n, "❤": 1} if n % 2 else {},
            )
            for n in range(1, 9)
        ],
    )
    asked: dict[str, Any] = {
        "channels": [channel.pk],
        "since": SPRING.date() + timedelta(days=2),
        "until": SPRING.date() + timedelta(days=7),
        "zone": ZoneInfo("UTC"),
        "limit": 3,
    }
    views = stats.top_posts(stats.ranks(**asked))
    assert views.is_whole
    assert [(p.message.message_id, p.value) for p in views.posts] == [(2, 98), (3, 97), (4, 96)]
    reactions = stats.top_posts(stats.ranks(by="reactions", **asked))
    assert [(p.message.message_id, p.value) for p in reactions.posts] == [(7, 8), (5, 6), (3, 4)]
    forwards = stats.top_posts(stats.ranks(by="forwards", **asked))
    assert [p.value for p in forwards.posts] == [2, 2, 1]
    assert stats.top_posts(stats.ranks(by="replies", **asked)).posts == ()


def test_top_posts_look_at_a_bounded_number(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.stats._top.WINDOW", 3)
    archive_messages(channel, [make_record(n, date=SPRING, views=100 - n) for n in range(1, 9)])
    ranks = stats.ranks(
        channels=[channel.pk], since=SPRING.date(), until=SPRING.date(), zone=ZoneInfo("UTC")
    )
    found = stats.top_posts(ranks)
    assert [post.message.message_id for post in found.posts] == [6, 7, 8]
    assert not found.is_whole


def test_many_channels_are_as_many_statements_as_two() -> None:
    channels = [make_channel() for _ in range(4)]
    for channel in channels:
        archive_messages(channel, [make_record(1, date=SPRING)])
    keys = [channel.pk for channel in channels]
    day, zone = SPRING.date(), ZoneInfo("Asia/Tokyo")

    def statements(some: list[int]) -> int:
        with CaptureQueriesContext(connection) as asked:
            stats.sparklines(channels=some, days=30, zone=zone)
            stats.days(channels=some, since=day, until=day, zone=zone)
            stats.stacked_days(channels=some, since=day, until=day, zone=zone)
            stats.totals(channels=some, since=day, until=day)
            stats.members(channels=some, since=day, until=day)
            stats.top_posts(stats.ranks(channels=some, since=day, until=day, zone=zone))
        return len(asked)

    assert statements(keys) == statements(keys[:2])
    # Of one alone it is known which is the busiest.
    assert statements(keys[:1]) == statements(keys) - 1

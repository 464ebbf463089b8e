"""A channel as a conversation, and as a table: where pages begin and end, and how they are found."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.http import Http404
from pytest_django import DjangoDbBlocker

from archive import ranking, timeline
from archive.ranking import Order, Place
from ingestion.models import Channel
from tests.factories import WHEN, archive_messages, make_channel, make_record
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db

IDS = list(range(10, 310, 10))
UNTIL = WHEN + timedelta(days=1)


@pytest.fixture(scope="module")
def channel(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Channel]:
    """Thirty messages; every third in a topic, and counters that repeat."""
    with django_db_blocker.unblock():
        made = make_channel()
        archive_messages(
            made,
            [
                make_record(
                    number,
                    topic_id=7 if number % 30 == 0 else None,
                    views=number % 70,
                    reactions={"👍": number % 40, "❤": 1} if number % 20 else {},
                )
                for number in IDS
            ],
        )
    yield made
    with django_db_blocker.unblock():
        Workspace.objects.filter(pk=made.workspace_id).delete()
        made.messages.all().delete()
        made.message_stats.all().delete()
        made.raw_messages.all().delete()


def ids(found: timeline.Stretch | ranking.Ranked) -> list[int]:
    return [message.message_id for message in found.messages]


def test_a_conversation_goes_on_both_ways_from_any_place(channel: Channel) -> None:
    end = timeline.newest(channel=channel, limit=4)
    assert (ids(end), end.older, end.newer) == ([270, 280, 290, 300], True, False)
    above = timeline.before(channel=channel, message_id=end.low, limit=4)
    assert (ids(above), above.older, above.newer) == ([230, 240, 250, 260], True, True)
    below = timeline.after(channel=channel, message_id=above.high, limit=9)
    assert (ids(below), below.newer) == (ids(end), False)
    begin = timeline.first(channel=channel, limit=2)
    assert (ids(begin), begin.older, begin.newer) == ([10, 20], False, True)
    assert end.stats[channel.pk, 300].views == 300 % 70


def test_an_id_stands_amid_its_neighbours_whether_it_is_archived_or_not(channel: Channel) -> None:
    assert ids(timeline.around(channel=channel, message_id=100, limit=4)) == [80, 90, 100, 110, 120]
    assert ids(timeline.around(channel=channel, message_id=105, limit=4)) == [80, 90, 100, 110, 120]
    assert ids(timeline.around(channel=channel, message_id=9_999, limit=2)) == [290, 300]


def test_a_topic_is_a_conversation_of_its_own(channel: Channel) -> None:
    end = timeline.newest(channel=channel, topic=7, limit=3)
    assert ids(end) == [240, 270, 300]
    above = timeline.before(channel=channel, message_id=end.low, topic=7, limit=3)
    assert ids(above) == [150, 180, 210]
    assert ids(timeline.after(channel=channel, message_id=180, topic=7, limit=2)) == [210, 240]
    assert ids(timeline.around(channel=channel, message_id=150, topic=7, limit=2)) == [
        120,
        150,
        180,
    ]
    general = timeline.newest(channel=channel, topic=timeline.GENERAL, limit=3)
    assert ids(general) == [260, 280, 290]


def test_a_day_begins_with_its_first_message(channel: Channel) -> None:
    moment = WHEN + timedelta(minutes=95)
    assert timeline.first_since(channel=channel, moment=moment) == 100
    assert timeline.first_since(channel=channel, moment=moment, topic=7) == 120
    assert timeline.first_since(channel=channel, moment=UNTIL) is None


def value(number: int, by: Order) -> int:
    reactions = number % 40 + 1 if number % 20 else 0
    return {"views": number % 70, "reactions": reactions, "date": number}[by]


@pytest.mark.parametrize("by", ["date", "views", "reactions"])
@pytest.mark.parametrize("descending", [True, False])
def test_a_table_is_walked_to_its_end_and_back(
    channel: Channel, by: Order, descending: bool
) -> None:
    wanted = sorted(IDS, key=lambda number: (value(number, by), number), reverse=descending)
    place, seen, pages = None, [], []
    while True:
        page = ranking.ranked(
            channel=channel,
            since=WHEN,
            until=UNTIL,
            by=by,
            descending=descending,
            place=place,
            limit=8,
        )
        seen += ids(page)
        pages.append(ids(page))
        if page.next is None:
            break
        place = Place.parse(str(page.next))
    assert seen == wanted
    assert [len(one) for one in pages] == [8, 8, 8, 6]
    back = ranking.ranked(
        channel=channel,
        since=WHEN,
        until=UNTIL,
        by=by,
        descending=descending,
        place=page.previous,
        limit=8,
    )
    assert (ids(back), back.next is not None) == (pages[2], True)


def test_a_table_has_the_messages_of_its_time_and_says_where_it_did_not_look(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = ranking.ranked(
        channel=channel, since=WHEN + timedelta(minutes=95), until=WHEN + timedelta(minutes=130)
    )
    assert (ids(part), part.is_whole) == ([120, 110, 100], True)
    monkeypatch.setattr(ranking, "WINDOW", 40)
    cut = ranking.ranked(channel=channel, since=WHEN, until=UNTIL, by="views")
    assert (sorted(ids(cut)), cut.is_whole) == ([270, 280, 290, 300], False)
    assert ranking.ranked(channel=channel, since=UNTIL, until=UNTIL).messages == []
    with pytest.raises(Http404):
        Place.parse("on.1.x")

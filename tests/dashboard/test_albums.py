"""An album is one post in every list, on one page only, whichever way the list is walked."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from archive import search
from archive.filters import Filters
from dashboard.cards import Card, cards
from ingestion.models import Channel
from tests.factories import WHEN, archive_messages, make_channel, make_record

pytestmark = pytest.mark.django_db

#: Ids of messages 1–40; those of an album were posted in the same second.
ALBUMS = {5: (5, 6, 7), 18: (18, 19, 20, 21), 33: tuple(range(33, 41))}


@pytest.fixture
def channel(db: None) -> Channel:
    made = make_channel()
    of = {number: album for album, ids in ALBUMS.items() for number in ids}
    archive_messages(
        made,
        (
            make_record(
                number,
                grouped_id=of.get(number),
                kind="video" if number in {7, 19} else "photo" if number in of else "text",
                media_meta={"type": "photo", "id": str(number)} if number in of else None,
                text=f"Words of {number}" if of.get(number, number) == number else "",
            )
            for number in range(1, 41)
        ),
    )
    return made


Listed = Callable[[str | None], tuple[list[Card], search.Results]]


def lister(channel: Channel, limit: int, filters: Filters | None = None) -> Listed:
    def listed(cursor: str | None) -> tuple[list[Card], search.Results]:
        results = search.find(
            workspace=channel.workspace, cursor=cursor, limit=limit, filters=filters
        )
        words = filters.words if filters else ""
        return cards(channel.workspace, results, words, filters), results

    return listed


def walk(listed: Listed) -> tuple[list[Card], list[Card]]:
    """The whole list going older, and again going newer, each newest first."""
    older: list[Card] = []
    newer: list[Card] = []
    cursor: str | None = None
    while True:
        shown, results = listed(cursor)
        older += shown
        if results.next_cursor is None:
            break
        cursor = results.next_cursor
    newer = shown
    while results.previous_cursor is not None:
        shown, results = listed(results.previous_cursor)
        newer = shown + newer
    return older, newer


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
def test_each_stands_once_and_whole_however_pages_are_cut(channel: Channel, limit: int) -> None:
    alone = [n for n in range(1, 41) if not any(n in ids for ids in ALBUMS.values())]
    expected = sorted([*alone, *ALBUMS], reverse=True)
    for found in walk(lister(channel, limit)):
        assert [card.message.message_id for card in found] == expected
        for card in found:
            ids = tuple(item.message_id for item in card.items)
            assert ids == ALBUMS.get(card.message.message_id, ())
            assert card.stats is not None
            assert card.stats.views == card.message.message_id


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_filters_find_an_album_by_any_of_its_messages(channel: Channel, limit: int) -> None:
    for filters in (Filters(kinds=("video",)), Filters(kinds=("photo",)), Filters(words="words")):
        older, newer = walk(lister(channel, limit, filters))
        assert [c.message.message_id for c in older] == [c.message.message_id for c in newer]
        found = [c.message.message_id for c in older if c.items]
        assert found == ([18, 5] if filters.kinds == ("video",) else [33, 18, 5])
        assert all(
            len(card.items) == len(ALBUMS[card.message.message_id]) for card in older if card.items
        )


def test_another_channels_album_of_that_number_is_another(channel: Channel) -> None:
    other = make_channel(channel.workspace)
    archive_messages(other, [make_record(6, grouped_id=5, date=WHEN)])
    older, _ = walk(lister(channel, 50))
    mine = [card for card in older if card.channel == channel and card.message.message_id == 5]
    assert [len(card.items) for card in mine] == [3]
    assert [len(card.items) for card in older if card.channel == other] == [0]


def test_more_albums_take_no_more_queries(channel: Channel) -> None:
    def queries(filters: Filters) -> int:
        results = search.find(workspace=channel.workspace, limit=50, filters=filters)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert any(card.items for card in cards(channel.workspace, results, "", filters))
        return len(asked)

    one = queries(Filters(since=WHEN.date(), words='"Words of 5"'))
    assert queries(Filters(words="words")) <= one
    assert queries(Filters()) <= one


def test_the_caption_stands_for_the_album(channel: Channel) -> None:
    older, _ = walk(lister(channel, 50))
    album = next(card for card in older if card.items)
    assert album.message.text == "Words of 33"
    assert album.medium == ("image", "Album, 8 items")
    assert album.carried is None

"""Finding messages: what is found, in which order, and how one goes on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.http import Http404
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from archive.exports import Options
from archive.exports.scope import channels_of
from archive.filters import Filters
from archive.search import Results, _find, find, newest
from ingestion.models import Channel
from tests.factories import WHEN, archive_messages, make_channel, make_record, make_workspace

pytestmark = pytest.mark.django_db


def ids(results: Results) -> list[int]:
    return [message.message_id for message in results.messages]


def keys(results: Results) -> list[tuple[int, int]]:
    return [(message.channel_id, message.message_id) for message in results.messages]


def archive_texts(channel: Channel, *texts: str) -> None:
    """Messages 1, 2, 3 … with these texts, each newer than the one before."""
    archive_messages(channel, [make_record(n, text=text) for n, text in enumerate(texts, 1)])


def test_the_newest_come_first(channel: Channel) -> None:
    archive_messages(channel, [make_record(n) for n in range(1, 6)])
    assert ids(newest(workspace=channel.workspace)) == [5, 4, 3, 2, 1]
    assert ids(newest(workspace=channel.workspace, channel=channel, limit=2)) == [5, 4]


def test_messages_of_one_second_have_an_order_too(channel: Channel) -> None:
    second = make_channel(channel.workspace)
    for one in (second, channel):
        archive_messages(one, [make_record(n, date=WHEN) for n in (3, 1, 2)])
    expected = [(second.pk, n) for n in (3, 2, 1)] + [(channel.pk, n) for n in (3, 2, 1)]
    assert keys(newest(workspace=channel.workspace)) == expected
    assert keys(find(workspace=channel.workspace, query="message")) == expected


QUESTIONS = [
    ("apples", [1, 2, 4]),
    ("APPLES", [1, 2, 4]),
    ("green apples", [1, 4]),
    ('"green apples"', [1]),
    ("pears or plums", [3, 5]),
    ("apples -green", [2]),
    ("-apples", [3, 5, 6]),
    ("яблука", [6]),
    ("ЯБЛУКА", [6]),
    ("#яблука", []),
    ("#fruit", [3]),
    ("@plums", []),
    ("@orchard", [3]),
    ("apple", [4]),
    ('"apple"', []),
    ("app*", [1, 2, 4]),
    ("orchard.example.com", [5]),
    ("example.com -plums", []),
    ("nothing", []),
]


@pytest.mark.parametrize(("query", "expected"), QUESTIONS)
@pytest.mark.parametrize("candidates", [0, 2, 5000])
def test_what_is_found_does_not_depend_on_the_way(
    channel: Channel,
    query: str,
    expected: list[int],
    candidates: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_find, "CANDIDATES", candidates)
    archive_texts(
        channel,
        "Green apples",
        "apples, red",
        "pears #fruit @orchard",
        "apples that are green",
        "plums https://orchard.example.com/plums",
        "Стиглі яблука",
    )
    expected = sorted(expected, reverse=True)
    assert ids(find(workspace=channel.workspace, query=query)) == expected
    assert ids(find(workspace=channel.workspace, query=query, channel=channel)) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("世界", [1, 2]),
        ("你好 世界", [1]),
        ('"你好世界"', [1]),
        ("界", [1, 2]),
        ("ภาษา", [3]),
        ("カタ", [4]),
        ("🔥", [5]),
        ("❤️", [6]),
        ("!!!", [7]),
        ("100%", [9]),
        ("%", [9]),
        ("_", []),
        ("?¿", []),
        ("\\", [8]),
    ],
)
def test_what_has_no_words_is_found_anywhere_in_the_text(
    channel: Channel, query: str, expected: list[int]
) -> None:
    archive_texts(
        channel,
        "你好世界。",
        "全世界的",
        "นี่คือภาษาไทย",
        "カタカナ",
        "so hot🔥",
        "with ❤",
        "what!!!",
        "back\\slash",
        "100% sure",
    )
    assert ids(find(workspace=channel.workspace, query=query)) == expected[::-1]
    assert ids(find(workspace=channel.workspace, query=query, channel=channel)) == expected[::-1]


@pytest.mark.parametrize(
    "query",
    ["a\0b", "\0", "'", '"', '""', "'); DROP TABLE x", "-", "--", "or", "(", "x" * 9999, "\ud83d"],
)
def test_nothing_that_can_be_typed_breaks_it(channel: Channel, query: str) -> None:
    archive_texts(channel, "text")
    find(workspace=channel.workspace, query=query)


def test_an_empty_question_finds_all(channel: Channel) -> None:
    archive_texts(channel, "one", "two")
    assert ids(find(workspace=channel.workspace, query="  ")) == [2, 1]


def test_other_workspaces_are_not_searched(channel: Channel) -> None:
    archive_messages(channel, [make_record(1)])
    other = make_channel(make_workspace())
    archive_messages(other, [make_record(7)])
    for query in ("", "message", "-nothing"):
        assert ids(find(workspace=channel.workspace, query=query)) == [1]
        assert ids(find(workspace=other.workspace, query=query)) == [7]
        assert ids(find(workspace=other.workspace, query=query, channel=channel)) == []
    assert ids(newest(workspace=make_workspace())) == []


def test_removed_channels_are_searched_only_when_they_are_chosen(channel: Channel) -> None:
    """As an export of them has it: their messages are kept."""
    removed = make_channel(channel.workspace, removed_at=timezone.now())
    for one in (channel, removed):
        archive_messages(one, [make_record(1)])
    for query in ("", "message"):
        assert keys(find(workspace=channel.workspace, query=query)) == [(channel.pk, 1)]
        assert keys(find(workspace=channel.workspace, query=query, channel=removed)) == [
            (removed.pk, 1)
        ]
        chosen = Filters(channels=(removed.pk, channel.pk))
        found = find(workspace=channel.workspace, query=query, filters=chosen)
        assert set(keys(found)) == {(removed.pk, 1), (channel.pk, 1)}
        assert {one.pk for one in channels_of(channel.workspace, Options(filters=chosen))} == {
            removed.pk,
            channel.pk,
        }


def test_a_small_workspace_beside_a_big_one_sees_all_of_its_own(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest rows of the table are all somebody else's."""
    monkeypatch.setattr(_find, "CANDIDATES", 5)
    second = make_channel(channel.workspace)
    archive_messages(channel, [make_record(n) for n in (1, 4)])
    archive_messages(second, [make_record(n) for n in (2, 3)])
    later = WHEN + timedelta(days=9)
    archive_messages(make_channel(), [make_record(n, date=later) for n in range(1, 30)])
    assert ids(newest(workspace=channel.workspace)) == [4, 3, 2, 1]
    assert ids(newest(workspace=channel.workspace, limit=3)) == [4, 3, 2]
    assert ids(find(workspace=channel.workspace, query="message")) == [4, 3, 2, 1]


@pytest.mark.parametrize("size", [2, 3, 7])
@pytest.mark.parametrize("query", ["", "message", "-nothing", "世界"])
@pytest.mark.parametrize("single", [False, True])
def test_pages_lead_on_and_back(channel: Channel, size: int, query: str, single: bool) -> None:
    second = make_channel(channel.workspace)
    for one in (channel, second):
        texts = {n: f"Message 世界 {n}" for n in range(1, 11)}
        archive_messages(one, [make_record(n, text=text) for n, text in texts.items()])
    only = channel if single else None
    whole = keys(newest(workspace=channel.workspace, channel=only))
    look = partial(find, workspace=channel.workspace, channel=only, query=query, limit=size)
    assert len(whole) == (10 if single else 20)
    page = look()
    assert page.previous_cursor is None
    pages = [keys(page)]
    while page.next_cursor:
        page = look(cursor=page.next_cursor)
        pages.append(keys(page))
    assert [key for listed in pages for key in listed] == whole
    for expected in reversed(pages[:-1]):
        assert page.previous_cursor
        page = look(cursor=page.previous_cursor)
        assert keys(page) == expected
    assert page.previous_cursor is None
    assert page.next_cursor


def test_a_search_without_an_index_stops_and_goes_on(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_find, "WINDOW", 4)
    archive_texts(channel, "?!", *["nothing"] * 9, "what?!", "nothing")
    look = partial(find, workspace=channel.workspace, query="?!")
    page = look()
    assert ids(page) == [11]
    assert page.looked_back_to == WHEN + timedelta(minutes=9)
    page = look(cursor=page.next_cursor)
    assert ids(page) == []
    assert page.looked_back_to == WHEN + timedelta(minutes=5)
    assert page.previous_cursor
    page = look(cursor=page.next_cursor)
    assert ids(page) == [1]
    assert (page.next_cursor, page.looked_back_to) == (None, None)


def test_new_messages_do_not_shift_the_pages(channel: Channel) -> None:
    archive_messages(channel, [make_record(n) for n in range(1, 7)])
    first = newest(workspace=channel.workspace, limit=3)
    archive_messages(channel, [make_record(n) for n in range(7, 10)])
    second = newest(workspace=channel.workspace, cursor=first.next_cursor, limit=3)
    assert ids(second) == [3, 2, 1]
    back = newest(workspace=channel.workspace, cursor=second.previous_cursor, limit=3)
    assert ids(back) == [6, 5, 4]
    assert back.previous_cursor


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "older",
        "older.1.2",
        "older.1.2.3.4",
        "sideways.1.2.3",
        "older.a.b.c",
        "older.٣.1.1",
        "newer.-99999999999999999.1.1",
    ],
)
def test_a_made_up_cursor_is_nowhere(channel: Channel, cursor: str) -> None:
    with pytest.raises(Http404):
        newest(workspace=channel.workspace, cursor=cursor)


def test_counters_and_channels_come_along_without_further_queries(
    channel: Channel, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    second = make_channel(channel.workspace)
    for one in (channel, second):
        records = [make_record(n, views=100 + n, reactions={"👍": n}) for n in range(1, 31)]
        archive_messages(one, records)
    with django_assert_num_queries(5):
        results = newest(workspace=channel.workspace)
        for message in results.messages:
            stats = results.stats[message.channel_id, message.message_id]
            assert stats.views == 100 + message.message_id
            assert stats.reactions == {"👍": message.message_id}
            assert message.stats is stats  # type: ignore[attr-defined]
            assert message.channel.title
            assert message.text


def test_an_edited_message_is_found_by_its_new_words_in_its_new_language(channel: Channel) -> None:
    archive_texts(channel, "The bridges of the old town are closed for the winter")
    edit = make_record(1, text="Мосты старого города закрыты на зиму", edit_date=WHEN)
    archive_messages(channel, [edit])
    look = partial(find, workspace=channel.workspace)
    assert ids(look(query="bridge")) == []
    assert ids(look(query="мост")) == [1]
    assert [message.language for message in look().messages] == ["ru"]


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is asked of PostgreSQL meanwhile, before values are filled in."""
    asked: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield asked


def archive_hourly(
    channel: Channel, word: str, has_it: Callable[[int], bool]
) -> dict[int, datetime]:
    """Three hundred messages, some with a word; when each was posted."""
    hourly = {n: WHEN + timedelta(hours=n) for n in range(1, 301)}
    texts = {n: word if has_it(n) else "bridge" for n in hourly}
    archive_messages(channel, [make_record(n, text=texts[n], date=hourly[n]) for n in hourly])
    return hourly


@pytest.mark.parametrize("in_bursts", [False, True])
def test_a_word_that_is_met_now_and_then_is_looked_for_as_far_as_it_should_be(
    channel: Channel, monkeypatch: pytest.MonkeyPatch, *, in_bursts: bool
) -> None:
    monkeypatch.setattr(_find, "CANDIDATES", 60)

    def has_it(n: int) -> bool:
        return n % 50 < 5 if in_bursts else n % 10 == 0

    archive_hourly(channel, "ferry", has_it)
    expected = [n for n in range(300, 0, -1) if has_it(n)]
    look = partial(find, workspace=channel.workspace, query="ferry", limit=9)
    with statements() as asked:
        page = look()
    assert any("%(reach)s" in sql for sql in asked)
    pages = [page]
    while pages[-1].next_cursor:
        pages.append(look(cursor=pages[-1].next_cursor))
    assert [one for page in pages for one in ids(page)] == expected
    back = look(cursor=pages[2].previous_cursor)
    assert ids(back) == ids(pages[1])
    # As far as the first page needs, and not through the others.
    assert in_bursts or not any("MATERIALIZED" in sql and "reach" not in sql for sql in asked)


def test_between_two_days_it_is_looked_through_once(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_find, "CANDIDATES", 60)
    hourly = archive_hourly(channel, "ferry", lambda n: n % 10 == 0)
    first, last = hourly[132].date(), hourly[250].date()
    week = Filters(since=first, until=last)
    there = [n for n in reversed(hourly) if n % 10 == 0 and first <= hourly[n].date() <= last]
    with statements() as asked:
        page = find(workspace=channel.workspace, channel=channel, query="ferry", filters=week)
    assert ids(page) == there
    assert sum("MATERIALIZED" in sql for sql in asked) == 1

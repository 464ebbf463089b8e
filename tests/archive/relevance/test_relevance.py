"""What is found, in which language; how it is marked; the best first."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from archive.search import around, find, pieces
from ingestion.languages import detect
from ingestion.models import Channel, Message
from tests.archive.relevance.corpus import MESSAGES, QUESTIONS, RANKED
from tests.factories import archive_messages, make_channel, make_record

pytestmark = pytest.mark.django_db

NAMES = list(MESSAGES)


@pytest.fixture(scope="module")
def corpus(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Channel]:
    """Every message, in a transaction around the tests."""
    with ExitStack() as around:
        with django_db_blocker.unblock():
            around.enter_context(transaction.atomic())
            channel = make_channel()
            records = [make_record(n, text=text) for n, text in enumerate(MESSAGES.values(), 1)]
            archive_messages(channel, records)
        yield channel
        with django_db_blocker.unblock():
            transaction.set_rollback(True)
            around.close()


def names(messages: list[Message]) -> list[str]:
    return [NAMES[message.message_id - 1] for message in messages]


@pytest.mark.parametrize("language", QUESTIONS)
def test_what_is_found(corpus: Channel, language: str) -> None:
    found = {
        question.query: tuple(
            sorted(names(find(workspace=corpus.workspace, query=question.query).messages))
        )
        for question in QUESTIONS[language]
    }
    assert found == {question.query: question.expected for question in QUESTIONS[language]}


def test_the_language_of_each_is_told(corpus: Channel) -> None:
    told = dict(Message.objects.filter(channel=corpus).values_list("message_id", "language"))
    expected = {name: "" if name[:2] == "xx" else name[:2] for name in NAMES}
    assert {NAMES[number - 1]: code for number, code in told.items()} == expected
    assert detect("ok") == ""
    assert detect("https://example.com/the/of/and") == ""


@pytest.mark.parametrize(
    ("name", "query", "hits"),
    [
        ("en1", "report bridge", ["reports", "bridges"]),
        ("en1", '"report"', []),
        ("en2", "walking", ["walk"]),
        ("en3", "gener*", ["general", "generally"]),
        ("en4", "c++", ["C++"]),
        ("en6", "cafe naive", ["naïve", "café"]),
        ("ru2", "ЕЛКИ", ["Ёлка"]),
        ("uk2", "їжак", ["Їжак"]),
        ("de1", "brücke", ["Brücken"]),
        ("de2", "strasse", ["Straße"]),
        ("fr1", "election", ["élections"]),
        ("zh2", "图书", ["图书"]),
        ("zh2", "iphone手机", ["iPhone", "手机"]),
        ("th2", "สะพาน 👍", ["สะพาน", "👍"]),
        ("ko2", "서울 #여행", ["서울", "#여행"]),
    ],
)
def test_what_is_marked(corpus: Channel, name: str, query: str, hits: list[str]) -> None:
    find(workspace=corpus.workspace, query=query)
    message = Message.objects.get(channel=corpus, message_id=NAMES.index(name) + 1)
    found = pieces(message.text, query)
    assert [piece.text for piece in found if piece.is_hit] == hits
    assert "".join(piece.text for piece in found) == message.text


def test_the_best_first_and_pages_of_them(channel: Channel) -> None:
    texts = [RANKED["short"], *[RANKED["long"]] * 3, RANKED["none"]]
    archive_messages(channel, [make_record(n, text=text) for n, text in enumerate(texts, 1)])
    look = {"workspace": channel.workspace, "query": "bridge", "order": "relevance", "limit": 2}
    first = find(**look)  # type: ignore[arg-type]
    assert [message.message_id for message in first.messages] == [1, 4]
    assert (first.order, first.ranked_of, first.previous_cursor) == ("relevance", None, None)
    archive_messages(channel, [make_record(9, text="bridge bridge bridge")])
    second = find(**look, cursor=first.next_cursor)  # type: ignore[arg-type]
    assert [message.message_id for message in second.messages] == [3, 2]
    assert second.next_cursor is None
    back = find(**look, cursor=second.previous_cursor)  # type: ignore[arg-type]
    assert [message.message_id for message in back.messages] == [1, 4]
    by_date = find(workspace=channel.workspace, order="relevance")
    assert (by_date.order, len(by_date.messages)) == ("date", 6)


def test_what_stands_around_a_message(channel: Channel) -> None:
    archive_messages(channel, [make_record(n) for n in (1, 2, 3, 5, 6, 7)])

    def ids(message_id: int) -> list[int]:
        found = around(
            workspace=channel.workspace, channel=channel, message_id=message_id, before=2, after=1
        )
        return [message.message_id for message in found]

    assert ids(3) == [1, 2, 3, 5]
    assert ids(4) == [2, 3, 5]
    assert ids(7) == [5, 6, 7]
    other = make_channel()
    assert not around(workspace=other.workspace, channel=channel, message_id=3)

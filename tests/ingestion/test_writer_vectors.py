"""The vectors of many new rows are made by a second connection, and are those of the trigger."""

from typing import Final

import psycopg
import pytest
from django.db import connection

from ingestion.models import Channel, Message
from ingestion.records import MessageRecord
from ingestion.writer import vectors
from tests.factories import archive_messages, make_record

pytestmark = pytest.mark.django_db

TEXTS: Final = (
    "The bridges are closed, see www.example.org/new #news @port",
    "Мосты закрыты на зиму, а ёлка горит 🔥🔥",
    "Les élections de l'été à l'école",
    "图书馆在北京 iPhone",
    "",
)
LINKS: Final[tuple[list[str], ...]] = ([], ["https://docs.example.org/a.html"], ["", "t.me/x", "é"])

WRONG: Final = """
SELECT count(*) FROM ingestion_message
WHERE tsv IS DISTINCT FROM search_vector(text, links, language)
"""


def records(count: int) -> list[MessageRecord]:
    return [
        make_record(number, text=TEXTS[number % len(TEXTS)], links=LINKS[number % len(LINKS)])
        for number in range(1, count + 1)
    ]


def test_they_are_made_beside_the_writer_and_the_trigger_has_nothing_to_do(
    channel: Channel,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ingestion_message DISABLE TRIGGER search_vector_of_new")
        archive_messages(channel, records(vectors.FEWEST + vectors.STRETCH))
        cursor.execute(WRONG)
        assert cursor.fetchone() == (0,)
        cursor.execute("ALTER TABLE ingestion_message ENABLE TRIGGER search_vector_of_new")
    assert Message.objects.filter(channel=channel, tsv__isnull=True).count() == 0


def test_few_rows_and_what_cannot_be_sent_are_left_to_the_trigger(channel: Channel) -> None:
    with connection.cursor() as cursor:
        archive_messages(channel, records(10))
        odd = make_record(vectors.FEWEST + 1, text="odd", links=["https://example.org/\x1f"])
        archive_messages(channel, [*records(vectors.FEWEST), odd])
        cursor.execute(WRONG)
        assert cursor.fetchone() == (0,)


def test_without_the_second_connection_rows_go_without(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = psycopg.connect(**connection.get_connection_params())
    gone.close()
    assert vectors._stretch(gone, records(3)) == [("ru", None), ("fr", None), ("zh", None)]
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    with vectors.with_vectors(records(vectors.FEWEST)) as rows_behind_a_pooler:
        assert {vector for _row, vector in rows_behind_a_pooler} == {None}

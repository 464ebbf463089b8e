"""Our own migrations on loaded tables, while they are written to."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from ingestion.models import Backfill, Channel, Medium, Message, Sender
from tests.ingestion.test_large_tables import ROWS, loaded  # noqa: F401, a fixture
from tests.project.large_tables import LARGE

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

#: Where a database begins. The archive's own stands on later ones of ingestion, and is made again.
INITIAL = [("ingestion", "0001_initial"), ("workspaces", "0001_initial")]

#: A row of each table that our migrations change, right in every state of the schema.
ROW = """
INSERT INTO ingestion_message (channel_id, message_id, date, sender_id, author, text, entities, kind,
    links, hashtags, first_seen_at)
VALUES (%(channel)s, %(id)s, now(), '', '', 'Ferries again', '[]', 'text', '{}', '{}', now())
;
INSERT INTO ingestion_messagestats (channel_id, message_id, reactions, content_hash, hash_version,
    counters_hash)
VALUES (%(channel)s, %(id)s, '{}', '\\x00', 2, '\\x00')
;
UPDATE ingestion_messagestats SET views = %(id)s
WHERE channel_id = %(channel)s AND message_id = %(id)s - 20000
;
INSERT INTO ingestion_medium (channel_id, message_id, slot, kind, remote_id, date, error)
VALUES (%(channel)s, %(id)s, 0, 'photo', %(id)s, now(), '{}')
;
INSERT INTO ingestion_sender (workspace_id, peer_id, kind, name, usernames, flags, first_seen_at)
VALUES (%(workspace)s, %(id)s, 'user', 'Ada', ARRAY['Ada', 'ada_' || %(id)s], '{}', now())
"""
MORE = """
INSERT INTO ingestion_medium (channel_id, message_id, slot, kind, remote_id, date, error)
SELECT channel_id, message_id, 0, 'photo', message_id, date, '{}' FROM ingestion_message;
INSERT INTO ingestion_sender (workspace_id, peer_id, kind, name, usernames, flags, first_seen_at)
SELECT %(workspace)s, message_id, 'user', 'Ada', ARRAY['ada_' || message_id], '{}', now()
FROM ingestion_message
"""

#: Where PostgreSQL has the rows of each: elsewhere once a table was written anew.
FILES = """
SELECT name, pg_relation_filenode(to_regclass(name)) FROM unnest(%s::text[]) AS name
WHERE to_regclass(name) IS NOT NULL
"""


@contextmanager
def writer(channel: Channel) -> Iterator[list[float]]:
    """Writes rows all the time, one statement after the other; yields how long each took (seconds).
    It ends with the first that fails, and says so.
    """
    took: list[float] = []
    failed: list[psycopg.Error] = []
    over = threading.Event()
    given = connection.get_connection_params()

    def write() -> None:
        values = {"channel": channel.pk, "workspace": channel.workspace_id, "id": ROWS}
        try:
            with psycopg.connect(**given, autocommit=True) as own:
                while not over.wait(0.005):
                    values["id"] += 1
                    for statement in ROW.split(";"):
                        began = time.monotonic()
                        own.execute(statement, values)
                        took.append(time.monotonic() - began)
        except psycopg.Error as error:
            failed.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield took
    finally:
        over.set()
        thread.join()
    assert failed == []


def where_rows_are() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(FILES, [list(LARGE)])
        return dict(cursor.fetchall())


def test_our_own_migrations_keep_no_writer_waiting(loaded: Channel) -> None:  # noqa: F811, the fixture
    with connection.cursor() as cursor:
        cursor.execute(MORE, {"workspace": loaded.workspace_id})
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        MigrationExecutor(connection).migrate(INITIAL)
        before = where_rows_are()
        with writer(loaded) as took:
            MigrationExecutor(connection).migrate(newest)
            written = len(took)
    finally:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(newest):
            executor.migrate(newest)
    assert before.items() <= where_rows_are().items(), "a table was written anew"
    assert max(took) < 5
    assert written > 100
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")
        assert cursor.fetchall() == []
    assert Message.objects.count() == Medium.objects.count() == Sender.objects.count() > ROWS
    # What was there is for the backfill; what came behind the trigger is searched for at once.
    assert Backfill.objects.get().name == "vectors"
    newest_row = Message.objects.latest("message_id")
    assert "ferries" in str(newest_row.tsv)

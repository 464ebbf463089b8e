"""An index and a backfill on a loaded table, while it is written to, killed in the middle."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from django.db.migrations.state import ProjectState
from psycopg import sql

from archive.models import ChannelDay
from archive.stats import rollup
from ingestion import backfills
from ingestion.models import Backfill, Channel, Message, MessageRaw, MessageStats
from ingestion.records import HASH_VERSION, SOURCE_RANKS, dump_raw
from ingestion.sources.mtproto.mapping import map_message
from tests.archive import programs
from tests.factories import archive_messages, make_channel, make_record
from tests.ingestion.sources.mtproto import samples
from tgadmin.lib.migrating import BuildIndexSQL

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ROWS = 20_000
#: Rows that a backfill does at a time here, so that there are several.
BATCH = 2_000
NAME = "msg_test_of_building"
STATE = ProjectState()

#: With vectors of nothing: what is searched by is made by those tests that need it.
FILL = """
INSERT INTO ingestion_message (channel_id, message_id, date, sender_id, author, text, entities, kind,
    links, hashtags, first_seen_at, tsv)
SELECT %(channel)s, n, timestamptz '2020-01-01 00:00+00' + n * interval '11 minutes', '', '',
       repeat(md5(n::text) || ' ', 8), '[]', 'text', '{}', '{}', now(), ''
FROM generate_series(1, %(rows)s) AS n;
INSERT INTO ingestion_messagestats (channel_id, message_id, reactions, content_hash, hash_version,
    counters_hash)
SELECT %(channel)s, n, '{}', sha256(n::text::bytea), 2, '\\x00'
FROM generate_series(1, %(rows)s) AS n
"""


@pytest.fixture
def small_batches() -> Iterator[None]:
    kinds = backfills.known().values()
    for kind in kinds:
        backfills.register(replace(kind, batch=BATCH))
    yield
    for kind in kinds:
        backfills.register(kind)


@pytest.fixture
def loaded() -> Channel:
    channel = make_channel()
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"channel": channel.pk, "rows": ROWS})
    analyze("ingestion_message, ingestion_messagestats")
    return channel


def analyze(tables: str) -> None:
    """What is large has been looked at for long. These were empty a moment ago; a plan for empty
    tables goes through all of one for each row of the other.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {tables}")


@contextmanager
def writer(channel: Channel) -> Iterator[list[float]]:
    """Writes small batches all the time; yields how long each took (seconds)."""
    took: list[float] = []
    over = threading.Event()

    def write() -> None:
        number = ROWS
        try:
            while not over.is_set():
                number += 5
                began = time.monotonic()
                archive_messages(channel, [make_record(number + more) for more in range(5)])
                took.append(time.monotonic() - began)
        finally:
            connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield took
    finally:
        over.set()
        thread.join()


def build() -> BuildIndexSQL:
    return BuildIndexSQL(
        name=NAME,
        table="ingestion_message",
        definition="ON ingestion_message USING gin (text gin_trgm_ops)",
    )


def state_of_index() -> bool | None:
    """Whether it is whole; None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [NAME])
        found = cursor.fetchone()
    return found and bool(found[0])


def forwards() -> None:
    with connection.schema_editor(atomic=False) as editor:
        build().database_forwards("ingestion", editor, STATE, STATE)


def backwards() -> None:
    with connection.schema_editor(atomic=False) as editor:
        build().database_backwards("ingestion", editor, STATE, STATE)


def kill_once_it_builds() -> None:
    """End the server's process that builds an index, as soon as it is past its first phase."""
    given = connection.get_connection_params()
    with psycopg.connect(**given, autocommit=True) as other:
        while not other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_progress_create_index "
            "WHERE phase LIKE 'building%%'"
        ).fetchall():
            time.sleep(0.005)


def test_an_index_whose_build_was_killed_is_built_again_while_rows_come(loaded: Channel) -> None:
    killer = threading.Thread(target=kill_once_it_builds)
    with writer(loaded) as took:
        killer.start()
        with pytest.raises(OperationalError):
            forwards()
        killer.join()
        connection.close()
        assert state_of_index() is False
        written = len(took)
        forwards()
        assert state_of_index() is True
        assert len(took) > written, "rows came in while it was built"
        forwards()  # the migration was interrupted behind it, before Django had noted it
    assert max(took) < 5
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("SELECT count(*) FROM ingestion_message WHERE text LIKE 'Message %%'")
        assert cursor.fetchone()[0] == 5 * len(took)
        cursor.execute("RESET enable_seqscan")
    backwards()
    backwards()
    assert state_of_index() is None


#: Every message has a record of Telegram's own, and a hash that was made in another way.
OLD_HASHES = """
INSERT INTO ingestion_messageraw (channel_id, message_id, source, raw)
SELECT %(channel)s, n, 'mtproto',
       jsonb_set(%(raw)s::jsonb, '{message}', to_jsonb('message ' || n))
FROM generate_series(1, %(rows)s) AS n;
UPDATE ingestion_messagestats SET hash_version = 1, source_rank = %(rank)s
WHERE channel_id = %(channel)s
"""

#: As messages are that came before there were vectors.
NO_VECTORS = """
ALTER TABLE ingestion_message DISABLE TRIGGER USER;
UPDATE ingestion_message SET language = NULL, tsv = NULL WHERE channel_id = %(channel)s;
ALTER TABLE ingestion_message ENABLE TRIGGER USER
"""

NOT_RENEWED = """
SELECT count(*) FROM ingestion_message
WHERE tsv IS NULL OR language IS NULL OR tsv IS DISTINCT FROM search_vector(text, links, language)
"""


class Days:
    """Nothing to make wrong: what is filled in by SQL alone is in no day."""

    def spoil(self, channel: Channel) -> None: ...

    def assert_right(self, channel: Channel, row: Backfill) -> None:
        assert rollup.check(channel.pk) == []
        days: Any = ChannelDay.objects.filter(channel=channel)
        assert sum(days.values_list("messages", flat=True)) == Message.objects.count()


class Hashes:
    def spoil(self, channel: Channel) -> None:
        raw = dump_raw(samples.message(id=1)).decode()
        rank = SOURCE_RANKS["mtproto"]
        with connection.cursor() as cursor:
            given: dict[str, Any] = {"channel": channel.pk, "rows": ROWS, "raw": raw, "rank": rank}
            cursor.execute(OLD_HASHES, given)
        analyze("ingestion_messageraw, ingestion_messagestats")

    def assert_right(self, channel: Channel, row: Backfill) -> None:
        assert row.changed == ROWS
        stats = MessageStats.objects.filter(channel=channel)
        assert not stats.exclude(hash_version=HASH_VERSION).exists()
        made = stats.filter(message_id__in=(1, ROWS // 2, ROWS)).order_by("message_id")
        raws = MessageRaw.objects.filter(channel=channel).in_bulk(
            [(channel.pk, one.message_id, "mtproto") for one in made]
        )
        assert [bytes(one.content_hash) for one in made] == [
            map_message(raws[channel.pk, one.message_id, "mtproto"].raw).content_hash()
            for one in made
        ]


class Vectors:
    def spoil(self, channel: Channel) -> None:
        with connection.cursor() as cursor:
            cursor.execute(NO_VECTORS, {"channel": channel.pk})

    def assert_right(self, channel: Channel, row: Backfill) -> None:
        assert row.changed == ROWS
        with connection.cursor() as cursor:
            cursor.execute(NOT_RENEWED)
            assert cursor.fetchone() == (0,)


#: The command, in a process of its own that is killed.
SMALL_BATCHES = """
from dataclasses import replace
from django.core.management import call_command
from ingestion import backfills
backfills.register(replace(backfills.known()["{name}"], batch={batch}))
call_command("backfill", "{name}")
"""

CASES: dict[str, Days | Hashes | Vectors] = {
    "days": Days(),
    "hashes": Hashes(),
    "vectors": Vectors(),
}


def test_every_backfill_there_is_gets_killed_below() -> None:
    assert set(CASES) == set(backfills.known())


@pytest.mark.parametrize("name", list(CASES))
def test_a_backfill_that_is_killed_goes_on_while_rows_come(
    name: str, loaded: Channel, tmp_path: Path
) -> None:
    (tmp_path / "exports").mkdir()
    command = SMALL_BATCHES.format(name=name, batch=BATCH // 2)
    CASES[name].spoil(loaded)
    backfills.start(name)
    with writer(loaded) as took:
        with programs.started(command, tmp_path / "exports") as process:
            while not (before := Backfill.objects.get()).rows:
                assert process.poll() is None, process.stderr and process.stderr.read()
                time.sleep(0.01)
            process.kill()
            process.wait()
        row = Backfill.objects.get()
        assert 0 < before.rows <= row.rows < ROWS
        assert row.state == Backfill.State.RUNNING
        Backfill.objects.update(heartbeat_at=None, state=Backfill.State.QUEUED)
        while row.state != Backfill.State.DONE:
            backfills.work_slice(name, row.slice)
            row.refresh_from_db()
    assert ROWS <= row.rows <= ROWS + 5 * len(took)
    assert max(took) < 5
    CASES[name].assert_right(loaded, row)


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("name", list(CASES))
def test_a_killed_server_process_leaves_the_backfill_where_it_was(
    name: str, loaded: Channel
) -> None:
    CASES[name].spoil(loaded)
    backfills.start(name)
    given = connection.get_connection_params()
    done: list[int] = []

    def end(row: Backfill) -> None:
        """After half of the rows the server drops the worker's connection."""
        if row.rows < ROWS // 2 or done:
            return
        done.append(row.rows)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()[0]
        with psycopg.connect(**given, autocommit=True) as other:
            other.execute(sql.SQL("SELECT pg_terminate_backend({})").format(sql.Literal(pid)))

    with suppress(OperationalError):
        backfills.work_slice(name, 0, seconds=300, tell_of=end)
    connection.close()
    row = Backfill.objects.get()
    assert [row.rows] == done
    assert row.rows < ROWS
    assert row.cursor is not None

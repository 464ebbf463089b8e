"""Everything works where each transaction gets another connection: PgBouncer, pooling transactions."""

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest
from django.db import connection, connections
from django.test import Client

from archive.exports import FORMATS, stream
from ingestion import backfills, scheduler
from ingestion.models import Backfill, Channel, Message, MessageRevision, Quarantine
from tests.archive.test_formats import Memory
from tests.factories import archive_messages, make_channel, make_member, make_record
from tgadmin.embedded import PostgresServer, processes
from tgadmin.embedded.identity import choose_identity
from tgadmin.embedded.paths import POSTGRES_PORT
from tgadmin.management.commands.setup import one_at_a_time
from workspaces.roles import Role

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not PGBOUNCER, reason="pgbouncer is not installed: apt-get install pgbouncer"
    ),
]

PORT = 6432
#: Fewer than those who ask at a time, so that they take turns on the same connections.
POOL = 3

CONFIG = """
[databases]
* = host={postgres} port={port} user={user}
[pgbouncer]
listen_addr =
listen_port = {listen}
unix_socket_dir = {sockets}
auth_type = any
pool_mode = transaction
default_pool_size = {pool}
max_client_conn = 100
ignore_startup_parameters = extra_float_digits
logfile = {sockets}/pgbouncer.log
"""


@pytest.fixture(scope="module")
def pooler(postgres_server: PostgresServer) -> Iterator[Path]:
    """The folder of its socket."""
    sockets = Path(f"/tmp/tgadmin-pooler-{os.getpid()}")
    sockets.mkdir(mode=0o700)
    config = sockets / "pgbouncer.ini"
    config.write_text(
        CONFIG.format(
            postgres=postgres_server.sockets,
            port=POSTGRES_PORT,
            user="app",
            listen=PORT,
            sockets=sockets,
            pool=POOL,
        )
    )
    with (sockets / "output").open("wb") as output:
        process = processes.spawn(
            [str(PGBOUNCER), config],
            die_with=signal.SIGINT,
            output=output,
            env=dict(os.environ),
            identity=choose_identity(postgres_server.cluster),
        )
    try:
        ends = time.monotonic() + 20
        while not (sockets / f".s.PGSQL.{PORT}").exists():
            assert process.poll() is None, (sockets / "output").read_text()
            assert time.monotonic() < ends
            time.sleep(0.05)
        yield sockets
    finally:
        processes.stop(process, with_signal=signal.SIGINT, seconds=10)
        shutil.rmtree(sockets, ignore_errors=True)


@pytest.fixture
def pooled(transactional_db: None, pooler: Path) -> Iterator[None]:
    """Everything that asks the database goes through the pooler."""
    given = connections.settings["default"]
    before = {name: given[name] for name in ("HOST", "PORT", "DISABLE_SERVER_SIDE_CURSORS")}
    changed = {"HOST": str(pooler), "PORT": str(PORT), "DISABLE_SERVER_SIDE_CURSORS": True}
    connection.close()
    given.update(changed)
    connection.settings_dict.update(changed)
    yield
    connection.close()
    given.update(before)
    connection.settings_dict.update(before)


def at_once(*work: Callable[[], None]) -> None:
    """Each in a thread with a connection of its own; what one raises is raised."""
    errors: list[BaseException] = []

    def run(one: Callable[[], None]) -> None:
        try:
            one()
        except BaseException as error:  # noqa: BLE001, raised below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[one]) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def writes(channel: Channel) -> None:
    """New messages, then edits of half of them: temporary tables, COPY, revisions."""
    for number in range(1, 60, 20):
        ids = range(number, number + 20)
        archive_messages(channel, [make_record(one) for one in ids])
        edited = [make_record(one, text=f"Edited {one}") for one in ids if one % 2]
        archive_messages(channel, edited)


def test_writers_readers_the_tick_and_a_backfill_take_turns(
    pooled: None, postgres_server: PostgresServer
) -> None:
    viewer = make_member(Role.VIEWER)
    workspace = viewer.seats[0].workspace
    channels = [make_channel(workspace) for _ in range(4)]
    client = Client()
    client.force_login(viewer)

    def reads() -> None:
        for address in (
            "/",
            "/channels/",
            "/messages/?q=edited",
            f"/channels/{channels[0].pk}/",
        ) * 2:
            assert client.get(address).status_code == 200

    def ticks() -> None:
        for _ in range(10):
            scheduler.claim_due()

    at_once(*(partial(writes, one) for one in channels), reads, ticks)
    assert Message.objects.count() == 240
    assert Message.objects.filter(text__startswith="Edited").count() == 120
    assert MessageRevision.objects.count() == 120
    assert not Quarantine.objects.exists()
    backfills.start("days")
    backfills.work_slice("days", 0)
    row = Backfill.objects.get()
    assert (row.state, row.rows, row.changed) == (Backfill.State.DONE, 240, 0)
    assert left_behind(postgres_server) == []


def test_exports_of_every_format_are_of_one_state_while_others_write(
    pooled: None, postgres_server: PostgresServer
) -> None:
    """COPY out of a snapshot, which is one transaction however long it takes."""
    workspace = make_channel().workspace
    channels = [make_channel(workspace) for _ in range(2)]
    for channel in channels:
        archive_messages(channel, [make_record(number) for number in range(1, 51)])
    written: dict[str, int] = {}

    def export(name: str) -> None:
        written[name] = stream(channels, format=FORMATS[name], sink=Memory())

    others = [make_channel(workspace) for _ in range(2)]
    at_once(*(partial(export, name) for name in FORMATS), *(partial(writes, one) for one in others))
    assert written == dict.fromkeys(FORMATS, 100)
    assert Message.objects.count() == 220
    assert left_behind(postgres_server) == []


def left_behind(server: PostgresServer) -> list[tuple[str, int]]:
    """Locks of sessions and prepared statements that would be somebody else's next."""
    name = str(connection.settings_dict["NAME"])
    with psycopg.connect(
        host=str(server.sockets), port=POSTGRES_PORT, user="postgres", dbname=name
    ) as direct:
        return direct.execute(
            "SELECT locktype, count(*) FROM pg_locks WHERE locktype = 'advisory' GROUP BY 1"
        ).fetchall()


def test_the_set_up_is_for_one_at_a_time(pooled: None, postgres_server: PostgresServer) -> None:
    order: list[str] = []

    def sets_up() -> None:
        with one_at_a_time():
            order.append("in")
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            order.append("out")

    at_once(sets_up, sets_up)
    assert order == ["in", "out"] * 2
    assert left_behind(postgres_server) == []

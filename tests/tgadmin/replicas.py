"""A streaming replica of the tests' PostgreSQL, made with pg_basebackup."""

import shutil
import subprocess
import time
from pathlib import Path

import psycopg
from django.db import connection

from tgadmin.embedded import PostgresServer
from tgadmin.embedded.binaries import postgres_bin
from tgadmin.embedded.paths import POSTGRES_PORT


def copy_of(server: PostgresServer, data: Path) -> PostgresServer:
    """A running replica with its data below `data`, whose path is short enough for a socket."""
    data.mkdir(parents=True)
    subprocess.run(
        [
            *(postgres_bin() / "pg_basebackup", "--host", server.sockets),
            *("--port", str(POSTGRES_PORT), "--username", "postgres", "--checkpoint", "fast"),
            *("--no-sync", "--write-recovery-conf", "--pgdata", data / "postgres"),
        ],
        check=True,
        capture_output=True,
        timeout=100,
    )
    made = PostgresServer(data, durable=False)
    made.prepare()
    made.spawn()
    wait_for(made)
    return made


def end(server: PostgresServer) -> None:
    server.stop()
    shutil.rmtree(server.data, ignore_errors=True)


def connect(server: PostgresServer, database: str = "postgres") -> psycopg.Connection:
    return psycopg.connect(
        host=str(server.sockets),
        port=POSTGRES_PORT,
        user="postgres",
        dbname=database,
        autocommit=True,
    )


def wait_for(server: PostgresServer) -> None:
    """Until it answers."""
    ends = time.monotonic() + 60
    while True:
        try:
            connect(server).close()
        except psycopg.OperationalError:
            assert time.monotonic() < ends, server.log.read_text()
            wait(0.05)
        else:
            return


def catch_up(control: psycopg.Connection) -> None:
    """Until the replica has what was committed before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn()::text")
        (position,) = cursor.fetchone()
    ends = time.monotonic() + 30
    while True:
        found = control.execute(
            "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [position]
        ).fetchone()
        if found and found[0]:
            return
        assert time.monotonic() < ends, "the replica does not follow"
        # A position at the beginning of a page of the log is reached with the next record.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_logical_emit_message(false, 'test', '')")
        wait(0.02)


def wait(seconds: float) -> None:
    """Between two looks at another process."""
    time.sleep(seconds)

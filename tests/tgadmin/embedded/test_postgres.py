"""PostgreSQL as `up` runs it: who it is, what it refuses, what it survives."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.tgadmin.running import BASE, wait_for_none
from tgadmin.embedded import PostgresServer, ServerError, binaries, identity, postgres_url

pytestmark = pytest.mark.slow

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has these ways")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory whose cluster was made and stopped once, to be copied."""
    data = tmp_path_factory.mktemp("pg") / "data"
    server = PostgresServer(data, durable=False)
    server.start()
    server.stop()
    return data


@pytest.fixture
def server(template: Path, tmp_path: Path) -> Iterator[PostgresServer]:
    data = tmp_path / "data"
    shutil.copytree(template, data, ignore=shutil.ignore_patterns("run", "logs"))
    made = PostgresServer(data, durable=False)
    yield made
    made.stop(2)
    assert not wait_for_none(data, seconds=5)


def ask(server: PostgresServer, question: str) -> object:
    with psycopg.connect(postgres_url(server.data)) as connection:
        row = connection.execute(question).fetchone()
        return row and row[0]


def test_it_has_what_the_product_needs(server: PostgresServer) -> None:
    server.start()
    assert ask(server, "SELECT current_user::text") == "app"
    assert not ask(server, "SELECT rolsuper FROM pg_roles WHERE rolname = 'app'")
    assert (
        ask(server, "SELECT count(*) FROM pg_extension WHERE extname ~ '^(pg_trgm|btree_gin)$'")
        == 2
    )
    assert (
        ask(
            server,
            "SELECT datlocprovider::text || datcollate FROM pg_database WHERE datname = 'app'",
        )
        == "bC"
    )
    assert ask(server, "SELECT 'ПРИВЕТ' ILIKE 'привет'")
    assert not ask(server, "SELECT setting FROM pg_settings WHERE name = 'listen_addresses'")


def test_nobody_else_can_reach_it(server: PostgresServer) -> None:
    server.start()
    assert server.sockets.stat().st_mode & 0o777 == 0o700
    (socket,) = (file for file in server.sockets.iterdir() if file.is_socket())
    assert socket.stat().st_mode & 0o777 == 0o700


def test_another_major_version_is_refused(server: PostgresServer) -> None:
    version = server.cluster / "PG_VERSION"
    version.write_text("17\n", encoding="ascii")
    with pytest.raises(ServerError, match="was made by PostgreSQL 17"):
        server.start()


def test_a_folder_that_is_no_cluster_is_refused(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    with pytest.raises(ServerError, match="is no PostgreSQL data directory"):
        PostgresServer(tmp_path).start()


def test_a_process_number_that_another_program_has_now_does_not_stop_it(
    server: PostgresServer,
) -> None:
    """After a restart of a container, the number in postmaster.pid may be anybody's."""
    with subprocess.Popen(["/bin/sleep", "60"]) as other:
        (server.cluster / "postmaster.pid").write_text(f"{other.pid}\n/x\n", encoding="ascii")
        server.start()
        other.kill()


def test_a_zombie_does_not_stop_it(server: PostgresServer) -> None:
    with subprocess.Popen(["/bin/true"]) as ended:
        (server.cluster / "postmaster.pid").write_text(f"{ended.pid}\n/x\n", encoding="ascii")
        server.start()


def test_the_one_of_an_earlier_start_is_waited_for(server: PostgresServer) -> None:
    first = PostgresServer(server.data, durable=False)
    first.start()
    said: list[str] = []
    server.start(said.append)
    assert any("earlier start" in line for line in said)
    assert first.process
    assert first.process.wait(5) == 0


def test_after_a_kill_it_recovers(server: PostgresServer) -> None:
    server.durable = True
    server.start()
    with psycopg.connect(postgres_url(server.data)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    assert server.process
    server.process.kill()
    server.process.wait()
    server.start()
    assert ask(server, "SELECT one FROM kept") == 1


def test_an_initdb_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tgadmin.embedded.postgres._locale", lambda _: ["--no-such-option"])
    with pytest.raises(ServerError, match="initdb failed"):
        PostgresServer(tmp_path).start()
    assert not list(tmp_path.glob("postgres*"))


def test_no_space_is_put_in_words(tmp_path: Path) -> None:
    from tgadmin.embedded.postgres import _explain

    assert _explain("FATAL: could not write: No space left on device").startswith(
        "no space is left"
    )


@as_root
class TestAsRoot:
    def test_a_user_namespace_is_entered(self, server: PostgresServer) -> None:
        if not identity.namespaces_work():
            pytest.skip("this system forbids user namespaces")
        server.start()
        assert server.process
        status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
        assert "CapEff:\t0000000000000000" in status, "it has no more rights than any user"
        mapping = Path(f"/proc/{server.process.pid}/uid_map").read_text(encoding="ascii").split()
        assert mapping == ["1000", "0", "1"]

    def test_without_namespaces_the_owner_of_the_folder_runs_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(identity, "namespaces_work", lambda: False)
        os.chown(tmp_path, 1234, 1234)
        assert identity.choose_identity(tmp_path / "postgres") == identity.Identity(
            uid=1234, gid=1234
        )

    def test_without_namespaces_roots_folder_is_run_by_a_user_without_rights(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import tempfile

        monkeypatch.setattr(identity, "namespaces_work", lambda: False)
        # Not pytest's own folder, which is closed to others on the way there.
        with tempfile.TemporaryDirectory(dir="/tmp") as folder:
            Path(folder).chmod(0o700)
            server = PostgresServer(Path(folder), durable=False)
            server.start()
            assert server.process
            owner = Path(f"/proc/{server.process.pid}").stat().st_uid
            assert owner != 0
            assert server.cluster.stat().st_uid == owner
            assert ask(server, "SELECT 1") == 1
            server.stop()

    def test_a_cluster_that_a_user_made_is_run_as_that_user(self, tmp_path: Path) -> None:
        (tmp_path / "postgres").mkdir()
        os.chown(tmp_path / "postgres", 1234, 1234)
        assert identity.choose_identity(tmp_path / "postgres").uid == 1234


def test_versions_are_read_from_what_the_programs_say(tmp_path: Path) -> None:
    for said, major in {
        "postgres (PostgreSQL) 18.6": 18,
        "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)": 15,
        "postgres (PostgreSQL) 19beta1": 19,
    }.items():
        program = tmp_path / "postgres"
        program.write_text(f"#!/bin/sh\necho '{said}'\n", encoding="utf-8")
        program.chmod(0o755)
        assert binaries.postgres_major(tmp_path) == major
    assert binaries.postgres_major(tmp_path / "nothing") == 0


def test_without_any_server_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_in_wheel", lambda *_: None)
    monkeypatch.setattr(binaries, "_system_postgres", lambda: iter(()))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(ServerError, match="DATABASE_URL"):
        binaries.postgres_bin()
    with pytest.raises(ServerError, match="REDIS_URL"):
        binaries.valkey_server()


@pytest.mark.skipif(
    not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")), reason="no PostgreSQL of the system"
)
def test_the_systems_own_server_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_in_wheel", lambda *_: None)
    server = PostgresServer(tmp_path, durable=False)
    server.start()
    assert ask(server, "SELECT show_trgm('Привет') <> '{}'")
    server.stop()


def test_it_ends_with_the_one_that_started_it(server: PostgresServer) -> None:
    code = (
        "import os, sys; from pathlib import Path; from tgadmin.embedded import PostgresServer\n"
        f"PostgresServer(Path({str(server.data)!r}), durable=False).start()\n"
        "os.kill(os.getpid(), 9)"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=BASE, check=False)
    assert answer.returncode == -signal.SIGKILL
    assert not wait_for_none(server.data, seconds=5)

"""What `manage.py up` promises, on the real thing."""

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.tgadmin.management.conftest import Starter
from tests.tgadmin.running import Up, free_port, manage, processes_of, wait_for_none
from tgadmin.embedded.paths import socket_directory, valkey_socket


@pytest.mark.slow
class TestWhileItRuns:
    def test_it_tells_where_and_the_first_password(self, running: Up) -> None:
        assert f"tgadmin is ready: http://127.0.0.1:{running.port}/\n" in running.text
        running.wait_for("user name: admin")
        assert re.search(r"password:  \S{16}", running.wait_for("password:"))
        shown = running.data / "secrets" / "first-password"
        deadline = time.monotonic() + 10
        while shown.exists():  # it goes when all was printed
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def test_it_is_alive_and_ready(self, running: Up) -> None:
        assert running.get("/healthz")[0] == 200
        status, body = running.get("/readyz")
        assert (status, set(json.loads(body)["checks"].values())) == (200, {"ok"})

    def test_keys_are_for_their_owner_alone(self, running: Up) -> None:
        secrets = running.data / "secrets"
        assert secrets.stat().st_mode & 0o777 == 0o700
        assert {file.name for file in secrets.iterdir()} == {"encryption.keys", "secret.key"}
        assert {file.stat().st_mode & 0o777 for file in secrets.iterdir()} == {0o600}
        assert running.data.stat().st_mode & 0o077 == 0

    def test_no_server_listens_on_the_network(self, running: Up) -> None:
        listening = {
            line.split()[1]
            for table in ("tcp", "tcp6")
            for line in Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:]
            if line.split()[3] == "0A" and line.split()[9] in _socket_inodes(running.data)
        }
        assert listening == {f"0100007F:{running.port:04X}"}

    def test_a_second_one_says_where_the_first_is(self, running: Up) -> None:
        answer = manage("up", "--data", running.data)
        assert answer.returncode == 1
        assert f"already running with the data in {running.data}" in answer.stdout
        assert f"http://127.0.0.1:{running.port}/ (process {running.process.pid})" in answer.stdout

    def test_a_taken_port_is_told_before_anything_is_made(
        self, running: Up, tmp_path: Path
    ) -> None:
        answer = manage("up", "--data", tmp_path / "other", "--port", str(running.port))
        assert answer.returncode == 1
        assert f"Port {running.port} is in use" in answer.stdout
        assert f"--port {running.port + 1}" in answer.stdout
        assert not (tmp_path / "other").exists()

    def test_whoever_reads_pages_comes_first(self, running: Up) -> None:
        steps = {}
        for pid, command in processes_of(running.data).items():
            for program in ("gunicorn", "worker calls", "worker slices", "worker exports"):
                if program in command:
                    steps[program] = os.getpriority(os.PRIO_PROCESS, pid)
        here = os.getpriority(os.PRIO_PROCESS, 0)
        assert steps == {
            "gunicorn": here,
            "worker calls": here,
            "worker slices": here + 5,
            "worker exports": here + 10,
        }

    def test_commands_find_its_servers(self, running: Up) -> None:
        answer = manage("migrate", "--check", "--data", running.data)
        assert (answer.returncode, answer.stderr) == (0, "")

    def test_a_page_has_its_static_files(self, running: Up) -> None:
        status, body = running.get("/admin/login/")
        assert status == 200
        sheet = re.search(r'href="(/static/admin/css/base\.[0-9a-f]+\.css)"', body)
        assert sheet
        assert running.get(sheet[1])[0] == 200


def _socket_inodes(data: Path) -> set[str]:
    """Return the inodes of all sockets that the processes of a data directory hold."""
    found = set()
    for pid in processes_of(data):
        for target in _open_files(pid):
            if target.startswith("socket:["):
                found.add(target[8:-1])
    return found


def _open_files(pid: int) -> Iterator[str]:
    """What a process holds open; a process may end meanwhile, and close things."""
    with suppress(OSError):
        for file in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                yield str(file.readlink())


class TestBeforeItStarts:
    def test_another_major_version_is_refused_and_left_alone(self, tmp_path: Path) -> None:
        cluster = tmp_path / "postgres"
        cluster.mkdir(mode=0o700)
        (cluster / "PG_VERSION").write_text("16\n", encoding="ascii")
        answer = manage("up", "--data", tmp_path, "--port", str(free_port()))
        assert answer.returncode == 1
        assert "was made by PostgreSQL 16" in answer.stdout
        assert "pg_dump" in answer.stdout
        assert [file.name for file in cluster.iterdir()] == ["PG_VERSION"]
        assert not processes_of(tmp_path)

    def test_a_database_that_does_not_answer_is_named(self, tmp_path: Path) -> None:
        answer = manage(
            *("up", "--data", tmp_path / "data", "--port", str(free_port())),
            DATABASE_URL=f"postgresql://app@127.0.0.1:{free_port()}/app",
        )
        assert answer.returncode == 1
        assert "The PostgreSQL of DATABASE_URL cannot be used" in answer.stdout
        assert "Traceback" not in answer.stdout + answer.stderr


@pytest.mark.slow
class TestItsEnd:
    def test_ctrl_c_ends_everything(self, start_up: Starter) -> None:
        up = start_up().wait_until_ready()
        assert len(processes_of(up.data)) > 5
        assert up.end(signal.SIGINT) < 10
        assert up.process.returncode == 0
        assert not processes_of(up.data)

    def test_programs_that_hang_are_killed_in_time(self, start_up: Starter) -> None:
        up = start_up().wait_until_ready()
        for pid, command in processes_of(up.data).items():
            if "gunicorn" in command or "manage.py worker" in command:
                os.kill(pid, signal.SIGSTOP)
        assert up.end(signal.SIGTERM) < 10
        assert not wait_for_none(up.data, seconds=0.5)

    def test_a_signal_in_the_middle_of_the_first_start_leaves_nothing(
        self, start_up: Starter, tmp_path: Path
    ) -> None:
        for seconds in (0.7, 1.5, 3.0):
            up = start_up(data=tmp_path / "first")
            time.sleep(seconds)
            assert up.end(signal.SIGTERM) < 10
            assert not wait_for_none(up.data, seconds=0.5)
        again = start_up(data=tmp_path / "first").wait_until_ready()
        again.wait_for("password:", seconds=5)  # it was never shown, so it still is

    def test_kill_9_leaves_nothing_and_the_next_goes_on(self, start_up: Starter) -> None:
        first = start_up().wait_until_ready()
        first.end(signal.SIGKILL)
        assert not wait_for_none(first.data, seconds=5)
        second = start_up(port=first.port).wait_until_ready()
        second.wait_for("user name: admin")
        second.end()
        assert "password" not in second.text

    def test_the_next_may_start_while_a_killed_one_is_still_ending(self, start_up: Starter) -> None:
        first = start_up().wait_until_ready()
        first.process.kill()
        start_up(port=first.port).wait_until_ready()


@pytest.mark.slow
class TestChildrenThatDie:
    def test_they_are_started_again(self, start_up: Starter) -> None:
        up = start_up().wait_until_ready()
        for program in ("gunicorn", "postgres -D", "valkey-server", "manage.py worker"):
            os.kill(_pid(up, program), signal.SIGKILL)
            assert "killed by SIGKILL" in up.wait_for("starting it again")
            deadline = time.monotonic() + 30
            while _status(up) != 200:
                assert time.monotonic() < deadline
                time.sleep(0.1)

    def test_a_server_whose_socket_was_removed_is_started_again(self, start_up: Starter) -> None:
        up = start_up().wait_until_ready()
        for socket in (valkey_socket(up.data), socket_directory(up.data) / ".s.PGSQL.5432"):
            socket.unlink()
            assert str(socket) in up.wait_for("was removed")
            up.wait_for("starting it again")
            deadline = time.monotonic() + 30
            while _status(up) != 200:
                assert time.monotonic() < deadline
                time.sleep(0.1)

    def test_one_that_never_starts_ends_the_start(self, start_up: Starter) -> None:
        up = start_up(GUNICORN_CMD_ARGS="--no-such-option")
        up.wait_for("web does not start")
        assert up.process.wait(15) == 1
        assert not wait_for_none(up.data, seconds=0.5)


def _pid(up: Up, program: str) -> int:
    """Return the program's own process, the oldest that is called so, as soon as there is one."""
    deadline = time.monotonic() + 30
    while not (found := [p for p, command in processes_of(up.data).items() if program in command]):
        assert time.monotonic() < deadline, f"no {program}"
        time.sleep(0.1)
    return min(found)


def _status(up: Up) -> int:
    try:
        return up.get("/readyz")[0]
    except OSError:
        return 0

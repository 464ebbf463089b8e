"""A worker outlives its Valkey, and what it did well is not called a failure."""

import itertools
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis
from rq import Queue

from tests.tgadmin.lib import work
from tests.tgadmin.running import BASE, environment
from tgadmin.embedded import ValkeyServer


def wait(condition: Callable[[], bool], what: str, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


@dataclass
class Place:
    """A Valkey, a worker of it, and a job that waits in the middle of its work."""

    folder: Path
    valkey: ValkeyServer
    worker: "subprocess.Popen[str]" = field(init=False)

    def __post_init__(self) -> None:
        self.worker = subprocess.Popen(
            [sys.executable, "-m", "tests.tgadmin.lib.work", str(self.valkey.socket)],
            cwd=BASE,
            env=environment(
                DJANGO_SETTINGS_MODULE="tgadmin.settings", TGADMIN_DATA=str(self.folder)
            ),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.enqueue(work.wait_for_a_word, str(self.folder))
        wait((self.folder / "begun").exists, "the job does not begin")

    def enqueue(self, function: Callable[[str], None], argument: str) -> None:
        client = redis.Redis(unix_socket_path=str(self.valkey.socket))
        Queue("work", connection=client).enqueue(
            function, argument, job_timeout=-1, result_ttl=0, failure_ttl=60
        )
        client.close()

    def finish_job(self) -> None:
        (self.folder / "go").touch()
        wait((self.folder / "done").exists, "the job is not done")

    def assert_lives(self) -> None:
        """It does the next job, and then ends when told to, without a word of complaint."""
        self.enqueue(work.write, str(self.folder / "next"))
        wait((self.folder / "next").exists, "the next job is not done")
        assert self.worker.poll() is None
        self.worker.send_signal(signal.SIGTERM)
        said, _ = self.worker.communicate(timeout=20)
        assert "Traceback" not in said, said
        assert "quitting" not in said, said


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    valkey = ValkeyServer(tmp_path)
    valkey.start()
    made = Place(tmp_path, valkey)
    yield made
    made.worker.kill()
    made.worker.communicate()
    valkey.stop()


def test_valkey_is_flushed_during_a_job(place: Place) -> None:
    client = redis.Redis(unix_socket_path=str(place.valkey.socket))
    client.flushall()
    client.close()
    place.finish_job()
    place.assert_lives()


def test_valkey_is_restarted_during_a_job(place: Place) -> None:
    place.valkey.stop()
    place.valkey.start()
    place.finish_job()
    place.assert_lives()


@pytest.mark.slow
def test_valkey_is_away_when_a_job_ends(place: Place) -> None:
    place.valkey.stop()
    place.finish_job()
    wait(lambda: not _children(place.worker.pid), "its horse does not end")
    place.valkey.start()
    place.assert_lives()


@pytest.mark.slow
def test_a_valkey_that_is_back_is_found_soon_however_long_it_was_away(place: Place) -> None:
    place.finish_job()
    wait(lambda: not _children(place.worker.pid), "its horse does not end")
    place.valkey.stop()
    assert place.worker.stdout is not None
    looks = (re.search(r"retrying in (\d+) s", line) for line in place.worker.stdout)
    pauses = [int(look[1]) for look in itertools.islice(filter(None, looks), 4)]
    assert max(pauses) == 2
    place.valkey.start()
    place.assert_lives()


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()

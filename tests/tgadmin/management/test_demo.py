"""`up --demo`: an archive to play with, and a Telegram of its own."""

import json
import os
import re
import signal
import time
from pathlib import Path

import pytest

from tests.tgadmin.management.conftest import Starter
from tests.tgadmin.running import manage, processes_of, wait_for_none


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_demo_is_whole_and_talks_to_its_sandbox(start_up: Starter, tmp_path: Path) -> None:
    # Where a program tells all that it does, it may tell no secret either.
    up = start_up("--demo", data=tmp_path / "demo", LOG_LEVEL="DEBUG")
    up.wait_for("tgadmin is ready: ", seconds=110)
    status = manage("sandbox", "status", "--json", "--demo", "--data", up.data)
    assert status.returncode == 0, status.stderr
    world = json.loads(status.stdout)
    up.knows(*(app["api_hash"] for app in world["apps"]))
    up.knows(*(person[name] or "" for person in world["accounts"] for name in ("code", "password")))
    listed = manage("channels", "list", "--json", "--demo", "--data", up.data)
    assert listed.returncode == 0, listed.stderr
    assert len(json.loads(listed.stdout)) >= 12
    _assert_lines_name_their_run(up.data)

    (sandbox,) = (
        pid for pid, command in processes_of(up.data).items() if "-m sandbox serve" in command
    )
    os.kill(sandbox, signal.SIGKILL)
    up.wait_for("sandbox ended")
    deadline = time.monotonic() + 20
    while (answer := manage("sandbox", "status", "--json", "--demo", "--data", up.data)).returncode:
        assert time.monotonic() < deadline, answer.stderr
    again = json.loads(answer.stdout)
    assert again.get("port") == world.get("port"), "workers know it by its port"

    assert up.end(signal.SIGTERM) < 10
    assert not wait_for_none(up.data, seconds=0.5)


def _assert_lines_name_their_run(data: Path) -> None:
    """What a worker logs of a sync, here that it connects to Telegram, says which run it is of, whose
    account and which channel.
    """
    deadline = time.monotonic() + 60
    named = re.compile(r" ingestion\.telegram\S*: run=\d+ account=\d+ channel=\d+: Connect")
    nameless = re.compile(r" ingestion\.(?:telegram|sync)\S*: (?!run=\d+ account=\d+ )")
    while True:
        logs = (data / "logs").glob("worker-*.log*")
        text = "".join(file.read_text(encoding="utf-8", errors="replace") for file in logs)
        if named.search(text):
            break
        assert time.monotonic() < deadline, text[-3_000:]
        time.sleep(0.1)
    assert not nameless.search(text)

"""`manage.py doctor`, as a person and as a program reads it."""

import json
from pathlib import Path

import pytest

from tests.tgadmin.running import free_port, manage

pytestmark = pytest.mark.slow


def test_it_tells_that_up_does_not_run(tmp_path: Path) -> None:
    dc = f"2:127.0.0.1:{free_port()}"
    answer = manage("doctor", "--data", tmp_path, TELEGRAM_DC=dc)
    assert (answer.returncode, answer.stderr) == (1, "")
    lines = answer.stdout.splitlines()
    assert any(line.startswith("ok    python  ") for line in lines)
    assert any("PostgreSQL is not running: `up` does not run" in line for line in lines)
    assert any(f"→ Start it with: python3 manage.py up --data {tmp_path}" in line for line in lines)
    assert not [path for path in tmp_path.iterdir() if path.name != "secrets"]


def test_as_json(tmp_path: Path) -> None:
    dc = f"2:127.0.0.1:{free_port()}"
    answer = manage("doctor", "--json", "--data", tmp_path, TELEGRAM_DC=dc)
    assert answer.returncode == 1
    found = {row["check"]: row for row in json.loads(answer.stdout)}
    assert set(found["telegram"]) == {"check", "level", "text", "todo"}
    assert found["telegram"]["level"] == "fail"
    assert found["python"]["level"] == "ok"
    quiet = manage("doctor", "-q", "--data", tmp_path, TELEGRAM_DC=dc)
    assert not any(line.startswith("ok ") for line in quiet.stdout.splitlines())

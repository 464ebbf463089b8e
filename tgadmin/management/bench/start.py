"""How long an installed product takes from `up` to ready."""

import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tgadmin import env
from tgadmin.management.bench.rows import Row, stopwatch

READY = "tgadmin is ready"
LONGEST = 120.0


def measure() -> list[Row]:
    """up_ready_s: with a data directory that is there already."""
    with tempfile.TemporaryDirectory(prefix="tgadmin-bench-") as directory:
        _until_ready(Path(directory))
        seconds = _until_ready(Path(directory))
    return [Row("up_ready_s", seconds, "s", target=10, at_most=True)]


def _until_ready(data: Path) -> float:
    command = [sys.executable, str(env.BASE_DIR / "manage.py"), "up", "--no-input"]
    port = str(_free_port())
    with stopwatch() as elapsed:
        process = subprocess.Popen(
            [*command, "--data", str(data), "--port", port],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=env.child_environment(DATABASE_URL="", REDIS_URL="", PYTHONUNBUFFERED="1"),
        )
        try:
            _read_until_ready(process)
            return elapsed()
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _read_until_ready(process: "subprocess.Popen[bytes]") -> None:
    output = b""
    deadline = time.monotonic() + LONGEST
    assert process.stdout  # noqa: S101, it is a pipe
    while time.monotonic() < deadline:
        if select.select([process.stdout], [], [], 1)[0]:
            line = process.stdout.readline()
            output += line
            if READY.encode() in line:
                return
            if not line:
                break
    raise RuntimeError(f"`up` did not become ready:\n{output.decode()[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

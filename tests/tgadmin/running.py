"""Running manage.py as a person would, and finding what it left behind.

Whoever runs `up` has its logs searched for secrets in the end.
"""

import http.client
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent.parent
_OURS = (
    *("TGADMIN_", "TELEGRAM_", "DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"),
    *("PYTEST_", "SLIPCOVER_"),
)


def environment(**changes: str) -> dict[str, str]:
    """Return an environment without the tests' own settings, and without an installing manage.py."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return kept | {"TGADMIN_ENV_FILE": "", "TGADMIN_NO_VENV": "1", **changes}


def manage(
    *arguments: str | Path, timeout: float = 60, **env: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, BASE / "manage.py", *arguments],
        env=environment(**env),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


_SECRET_VARIABLES = (
    "TGADMIN_ADMIN_PASSWORD",
    "TGADMIN_ENCRYPTION_KEYS",
    "TGADMIN_SECRET_KEY",
)


def leaks(data: Path, secrets: set[str]) -> list[str]:
    """The lines of a data directory's logs that hold a secret; a sandbox's own is no log of ours.

    Short ones, such as a login code, count as words of their own only.
    """
    secrets = {secret for secret in secrets if len(secret) >= 5}
    for file in (data / "secrets").glob("*"):
        secrets |= set(file.read_text(encoding="ascii").split())
    if not secrets:
        return []
    pattern = re.compile(r"(?<![\w.:,=])(?:" + "|".join(map(re.escape, secrets)) + r")(?!\w)")
    return [
        f"{file.name}: {line.strip()}"
        for file in sorted((data / "logs").glob("*.log*"))
        if not file.name.startswith("sandbox.")
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines()
        if pattern.search(line)
    ]


class Up:
    """A running `up`; its output is read all the time, as a terminal would."""

    def __init__(self, data: Path, *arguments: str, port: int | None = None, **env: str) -> None:
        self.data = data
        self.port = port or free_port()
        self.text = ""
        #: What no log may hold. What the installation makes by itself is found in its files.
        self.secrets = {
            part
            for name, value in env.items()
            if name in _SECRET_VARIABLES
            for part in value.split(",")
        }
        command: list[str | Path] = [sys.executable, BASE / "manage.py", "up", "--no-input"]
        command += ["--data", data, "--port", str(self.port), *arguments]
        self.process = subprocess.Popen(
            command,
            env=environment(**env),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as output:
            for line in output:
                self._lines.put(line)
        self._lines.put(None)

    def wait_for(self, text: str, *, seconds: float = 60) -> str:
        """Read on until a line holds `text`; returns it."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = self._lines.get(timeout=max(deadline - time.monotonic(), 0.001))
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError(f"no {text!r} in:\n{self.text}")
            self.text += line
            if text in line:
                return line

    def wait_until_ready(self, *, seconds: float = 180) -> "Up":
        self.wait_for("tgadmin is ready: ", seconds=seconds)  # a busy machine takes its time
        return self

    def end(self, number: signal.Signals = signal.SIGTERM, *, seconds: float = 15) -> float:
        """Send a signal and wait; returns how long it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(seconds)
        self._reader.join(seconds)
        took = time.monotonic() - began
        assert not (found := leaks(self.data, self.secrets)), "\n".join(found)
        return took

    def knows(self, *secrets: str) -> None:
        """Have the logs searched for these, too, in the end."""
        self.secrets |= set(secrets)

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, body


def processes_of(data: Path) -> dict[int, str]:
    """Return the processes that belong to a data directory, zombies left out.

    A server of ours names it on its command line or has its folder there as working directory;
    a program of ours has it in its environment.
    """
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (
                (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            )
            known = (folder / "environ").read_bytes().decode(errors="replace")
            where = str((folder / "cwd").readlink())
        except OSError:
            continue
        mine = (
            f"TGADMIN_DATA={data}\0" in known or str(data) in command or where.startswith(str(data))
        )
        if mine and int(folder.name) != os.getpid():
            found[int(folder.name)] = command
    return found


def wait_for_none(data: Path, *, seconds: float) -> dict[int, str]:
    """Wait until a data directory has no process; returns those that are left."""
    deadline = time.monotonic() + seconds
    while (left := processes_of(data)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left

"""Running manage.py as a person would, and finding what it left behind.

Whoever runs `up` has its logs and what it printed searched for secrets in the end; what another
command printed is searched at once.
"""

import contextlib
import http.client
import os
import queue
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
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
    *arguments: str | Path, timeout: float = 60, secrets: Iterable[str] = (), **env: str
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end. It must print neither `secrets` nor a key that it was given, or
    that its data directory holds.
    """
    answer = subprocess.run(
        [sys.executable, BASE / "manage.py", *arguments],
        env=environment(**env),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    known = {*secrets, *_given(env)}
    if data := _data_of(arguments, env):
        known |= kept_secrets(data)
    found = holding(known, f"{answer.stdout}\n{answer.stderr}")
    assert not found, "\n".join(found)
    return answer


def _data_of(arguments: Sequence[str | Path], env: Mapping[str, str]) -> Path | None:
    named = [str(value) for name, value in pairwise(arguments) if name == "--data"]
    folder = next(iter(named), env.get("TGADMIN_DATA"))
    return Path(folder) if folder else None


#: Below those that the system gives away by itself (32768 and up on Linux): what `up` starts before
#: its web would be given one of them, and now and then this one.
_PORTS = range(20_000, 32_000)


def free_port() -> int:
    """One that nobody listens on."""
    while True:
        port = random.choice(_PORTS)
        with contextlib.suppress(OSError), socket.socket() as trial:
            trial.bind(("127.0.0.1", port))
            return port


_SECRET_VARIABLES = (
    "TGADMIN_ADMIN_PASSWORD",
    "TGADMIN_ENCRYPTION_KEYS",
    "TGADMIN_SECRET_KEY",
)


_FIRST_PASSWORD = "first-password"
#: Shorter than a login code of Telegram, a secret is found in half of the words.
_SHORTEST = 5
#: Digits up to this length may be an id by chance.
_CODE = 8


def _given(env: Mapping[str, str]) -> set[str]:
    """The secrets among the variables that a program is given."""
    values = (value for name, value in env.items() if name in _SECRET_VARIABLES)
    return {part for value in values for part in value.split(",")}


def kept_secrets(data: Path, *, first_password: bool = False) -> set[str]:
    """What an installation made for itself. A terminal is told the first password, once; nothing
    else is.
    """
    return {
        word
        for file in (data / "secrets").glob("*")
        if first_password or file.name != _FIRST_PASSWORD
        for word in file.read_text(encoding="ascii").split()
    }


def holding(secrets: set[str], text: str) -> list[str]:
    """The lines of a text that hold a secret, whatever stands around it.

    A code of a few digits counts as a word of its own only, or behind its name: it may stand in
    any number, and be the number of a message or the end of a time.
    """
    sought = []
    for secret in sorted(secrets):
        if len(secret) < _SHORTEST:
            continue
        if secret.isdigit() and len(secret) <= _CODE:
            sought.append(rf"(?:(?<![\w.:,=])|(?i:code)['\"]?\s*[:=]\s*){secret}(?!\w)")
        else:
            sought.append(re.escape(secret))
    if not sought:
        return []
    pattern = re.compile("|".join(sought))
    return [line.strip() for line in text.splitlines() if pattern.search(line)]


def leaks(data: Path, secrets: set[str], *, printed: str = "") -> list[str]:
    """The lines of a data directory's logs, and of what its `up` printed, that hold a secret.
    A sandbox's own are none of ours.
    """
    logged = secrets | kept_secrets(data, first_password=True)
    found = [
        f"{file.name}: {line}"
        for file in sorted((data / "logs").glob("*.log*"))
        if not file.name.startswith("sandbox.")
        for line in holding(logged, file.read_text(encoding="utf-8", errors="replace"))
    ]
    told = holding(secrets | kept_secrets(data), printed)
    return found + [f"printed: {line}" for line in told if not re.match(r"sandbox +\| ", line)]


class Up:
    """A running `up`; its output is read all the time, as a terminal would."""

    def __init__(self, data: Path, *arguments: str, port: int | None = None, **env: str) -> None:
        self.data = data
        self.port = port or free_port()
        self.text = ""
        #: What neither a log may hold nor the terminal. What the installation makes by itself is
        #: found in its files.
        self.secrets = _given(env)
        command: list[str | Path] = [sys.executable, BASE / "manage.py", "up", "--no-input"]
        command += ["--data", data, "--port", str(self.port), *arguments]
        self.process = subprocess.Popen(
            command,
            env=environment(**env),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._printed: list[str] = []
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as output:
            for line in output:
                self._printed.append(line)
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
        found = leaks(self.data, self.secrets, printed="".join(self._printed))
        assert not found, "\n".join(found)
        return took

    def knows(self, *secrets: str) -> None:
        """Have the logs and the terminal searched for these, too, in the end."""
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

"""A whole installation under `up`, the Telegram that it reads, and a look into both."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import environ
import redis
from django.db import Error, connection

from ingestion.models import Account, Channel
from ingestion.services import calls
from sandbox.testing import SandboxProcess
from tests.tgadmin.running import Up, wait_for_none
from tests.tgadmin.settled import GIVEN, copy_data
from tgadmin.embedded.paths import postgres_url, valkey_socket
from workspaces.models import Workspace

T = TypeVar("T")

#: Seconds between two looks at something that is waited for.
LOOK = 0.004
PATIENCE = 60.0


class TimeIsUp(AssertionError):
    """What was waited for did not come."""


def wait_for(
    condition: Callable[[], T | None], what: str, *, seconds: float = PATIENCE, every: float = LOOK
) -> T:
    """The first true result; fails, saying what was waited for."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise TimeIsUp(f"{what}: not within {seconds:g} s")
        time.sleep(every)


class Installation:
    """`up` with a data directory of its own, reading a sandbox; Django's models read and write
    its database meanwhile.
    """

    def __init__(
        self, folder: Path, sandbox: SandboxProcess, *, like: Path, workers: int, **env: str
    ) -> None:
        self.data = folder / "data"
        self.sandbox = sandbox
        copy_data(like, self.data)
        server = {
            "TELEGRAM_DC": sandbox.dc,
            "TELEGRAM_PUBLIC_KEY": str(sandbox.public_key),
            "TELEGRAM_MIN_INTERVAL": "0",
        }
        self.up = Up(self.data, "--workers", str(workers), port=None, **server, **GIVEN, **env)
        self._before: dict[str, Any] = {}

    def __enter__(self) -> Self:
        try:
            self.up.wait_until_ready()
        except BaseException:
            self._end()
            raise
        self._before = dict(connection.settings_dict)
        connection.close()
        connection.settings_dict.update(environ.Env.db_url_config(postgres_url(self.data)))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        connection.close()
        connection.settings_dict.clear()
        connection.settings_dict.update(self._before)
        self._end()

    def _end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.up.end(signal.SIGKILL)
        left = wait_for_none(self.data, seconds=15)
        assert not left, f"left behind: {left}"

    def logs(self) -> str:
        """The end of what each program said."""
        texts = ["== up"]
        while not self.up._lines.empty():
            texts.append((self.up._lines.get() or "").rstrip())
        for file in sorted((self.data / "logs").glob("*.log")):
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
            texts.append(f"== {file.name}\n" + "\n".join(lines[-25:]))
        return "\n".join(texts)

    # the database

    def read(self, function: Callable[[], T], *, seconds: float = 40) -> T:
        """What a function of the database returns, as soon as PostgreSQL answers (again)."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return function()
            except Error:
                connection.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(LOOK * 5)

    def sql(self, text: str, *values: Any) -> list[tuple[Any, ...]]:
        def ask() -> list[tuple[Any, ...]]:
            with connection.cursor() as cursor:
                cursor.execute(text, values)
                return list(cursor.fetchall())

        return self.read(ask)

    def begin_anew(self) -> None:
        """Forget every account and channel, and make Telegram what it was at first."""
        self.sandbox.reset()

        def forget() -> None:
            with connection.cursor() as cursor:
                cursor.execute("TRUNCATE ingestion_account, ingestion_channel CASCADE")

        self.read(forget)

    # accounts and channels

    def connect_account(self, number: int = 0) -> Account:
        """An account of the sandbox that is logged in, in the first workspace."""
        api_id, api_hash = self.sandbox.api
        person = self.sandbox.accounts[number]
        phone = person["phone"]
        session = self.sandbox.session_string(phone)
        self.up.knows(session, api_hash, person["code"], person["password"] or "")
        return Account.objects.create(
            workspace=Workspace.objects.earliest("pk"),
            phone=f"+{phone}",
            api_id=api_id,
            api_hash=api_hash,
            session=session,
            state=Account.State.READY,
        )

    def add_channel(self, account: Account, username: str) -> Channel:
        """As the form does: a call is posted, and a worker answers it."""
        call = calls.post(account=account, kind="add_channel", arguments={"ref": username})

        def answered() -> Channel | None:
            result = calls.result(call)
            assert result.state in ("waiting", "answered"), result.error
            return Channel.objects.filter(pk=result.answer.get("channel_id", 0)).first()

        return wait_for(answered, f"adding {username}", every=0.05)

    # processes

    def processes(self, *words: str) -> list[int]:
        """The children of `up` with these words on their command lines."""
        return [
            pid
            for pid in children_of(self.up.process.pid)
            if all(word in command_of(pid) for word in words)
        ]

    def process(self, *words: str) -> int:
        return wait_for(
            lambda: next(iter(self.processes(*words)), None), f"a process {words}", every=0.02
        )

    def slice_workers(self) -> list[int]:
        return self.processes("worker", "slices")

    def horse_of(self, account: Account) -> int | None:
        """The process that holds an account's lease, if it is alive."""
        found = self.sql(
            "SELECT holder FROM ingestion_accountlease WHERE account_id = %s AND token IS NOT NULL",
            account.pk,
        )
        pid = int(found[0][0].rpartition(":")[2]) if found else 0
        return pid if pid and is_running(pid) else None

    def web_answers(self) -> bool:
        try:
            return self.up.get("/healthz")[0] == 200
        except OSError:
            return False

    def valkey(self) -> "redis.Redis":
        return redis.Redis(unix_socket_path=str(valkey_socket(self.data)), socket_timeout=2)

    def valkey_answers(self) -> bool:
        client = self.valkey()
        try:
            return bool(client.ping())
        except (redis.RedisError, OSError):
            return False
        finally:
            client.close()


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def children_of(pid: int) -> list[int]:
    return [int(child) for child in _numbers() if parent_of(child) == pid]


def parent_of(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def is_running(pid: int) -> bool:
    fields = _stat(pid)
    return bool(fields) and fields[0] not in "ZX"


def memory_of(pid: int, name: str = "VmRSS") -> int:
    """Bytes, of proc_pid_status(5)."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    return 0


def _numbers() -> Iterator[int]:
    return (int(name) for name in os.listdir("/proc") if name.isdigit())  # noqa: PTH208


def _stat(pid: int) -> list[str]:
    """The fields of proc_pid_stat(5) after the name, which may hold anything."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()

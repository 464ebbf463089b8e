"""A sandbox of their own for tests: ``with SandboxProcess(directory) as sandbox: …``."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import orjson

from sandbox.control.client import ask, server_info, stream

if TYPE_CHECKING:
    from types import TracebackType

JSON = dict[str, Any]
READY_SECONDS = 60.0


class SandboxProcess:
    """A server in a process of its own on a free port of the loopback interface.

    It ends with the process that started it (and, on Linux, with the thread: start it
    from the main one). `restart` and `kill` keep the data directory and the port.
    """

    def __init__(
        self,
        directory: Path,
        *,
        channels: int = 3,
        messages: int = 500,
        seed: int = 1,
        demo: bool = False,
        world: Path | None = None,
        frozen: bool = True,
        rate: float = 0.5,
        prepared: bool = False,
        delay: float = 0.0,
        max_rate: float = 0.0,
        options: tuple[str, ...] = (),
    ) -> None:
        self.directory = Path(directory)
        self._options = [
            "--seed",
            str(seed),
            "--rate",
            str(rate),
            "--delay",
            str(delay),
            "--max-rate",
            str(max_rate),
            *options,
        ]
        if world is not None:
            self._options += ["--world", str(world)]
        elif not demo:
            self._options += ["--channels", str(channels), "--messages", str(messages)]
        self._options += ["--prepared"] * prepared
        self._frozen = frozen
        self._process: subprocess.Popen[bytes] | None = None
        self.info: JSON = {}

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # the process

    def start(self) -> Self:
        """Starts and waits until connections are taken."""
        self.directory.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "sandbox", "serve", "--data", str(self.directory)]
        known = (self.directory / "state.sqlite3").exists()
        command += ["--frozen"] * (self._frozen and not known)
        root = str(Path(__file__).resolve().parent.parent)
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        with (self.directory / "stderr.log").open("ab") as errors:
            self._process = subprocess.Popen(
                [*command, "--json", "--die-with-parent", *self._options],
                stdout=subprocess.PIPE,
                stderr=errors,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": path},
            )
        self._await_ready()
        self.info = server_info(self.directory)
        return self

    def _await_ready(self) -> None:
        process = self._running()
        out = process.stdout
        deadline = time.monotonic() + READY_SECONDS
        while out is not None and time.monotonic() < deadline:
            if select.select([out], [], [], 0.5)[0]:
                line = out.readline()
                if line.startswith(b"{"):
                    return
                if not line:
                    break
        self.kill()
        errors = (self.directory / "stderr.log").read_text()
        raise RuntimeError(f"the sandbox did not start: {errors[-2000:]}")

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("the sandbox is not running")
        return self._process

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._running().pid

    def stop(self) -> None:
        """Ends it in good order; nothing happens when it is not running."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it with SIGKILL."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def restart(self, *, kill: bool = False) -> None:
        """Ends it and starts it again on the same directory and port."""
        self._end(signal.SIGKILL if kill else signal.SIGTERM)
        self.start()

    # where it is and who lives there

    @property
    def dc(self) -> str:
        """``2:127.0.0.1:PORT``, as TELEGRAM_DC wants it."""
        return str(self.info["dc"])

    @property
    def host(self) -> str:
        return str(self.info["host"])

    @property
    def port(self) -> int:
        return int(self.info["port"])

    @property
    def public_key(self) -> Path:
        """The server's key as PKCS#1 PEM, as TELEGRAM_PUBLIC_KEY wants it."""
        return Path(self.info["public_key"])

    @property
    def accounts(self) -> list[JSON]:
        """Each with `phone`, `code`, `password` (or None), `user_id`, `banned`."""
        found: list[JSON] = self.status()["accounts"]
        return found

    @property
    def api(self) -> tuple[int, str]:
        """An api_id and its api_hash."""
        app = self.status()["apps"][0]
        return app["api_id"], app["api_hash"]

    def session_string(self, phone: str | None = None) -> str:
        """A new Telethon StringSession that is logged in (the first account's, or of `phone`)."""
        phone = phone or self.accounts[0]["phone"]
        return str(self.control("session", phone=phone)["session"])

    # the control socket

    def control(self, command: str, **arguments: Any) -> Any:
        """The result of any command of sandbox/control/commands.py."""
        return ask(self.info["control"], command, **arguments)

    def status(self) -> JSON:
        status: JSON = self.control("status")
        return status

    def truth(self, channel: str | int) -> JSON:
        """A channel with `messages` (ascending) and `deleted` ids."""
        *items, _ = stream(self.info["control"], "truth", channel=channel)
        made: JSON = {**items[0], "messages": items[1:-1], "deleted": items[-1]["ids"]}
        return made

    def file(self, channel: str | int, message_id: int) -> JSON:
        """`size` and `sha256` of what a message carries."""
        made: JSON = self.control("file", channel=channel, id=message_id)
        return made

    def requests(self, since: int = 0, method: str | None = None) -> list[JSON]:
        """The log after entry `since`, oldest first."""
        *entries, _ = stream(self.info["control"], "requests", since=since, method=method)
        return entries

    def last_request(self) -> int:
        """The number of the newest log entry: what `since` wants."""
        return int(self.status()["requests"])

    def fault(self, kind: str, method: str = "*", **fields: Any) -> JSON:
        """Adds a fault; fields are those of `sandbox.faults.Fault`. Happens once unless
        `count` says otherwise (None: until cleared).
        """
        made: JSON = self.control("fault", kind=kind, method=method, **fields)
        return made

    def reset(self) -> None:
        """Everything as at the first start (all sessions end); quicker than a new server."""
        self.control("reset")

    def clear_faults(self) -> None:
        self.control("clear_faults")

    def freeze(self) -> None:
        self.control("freeze")

    def unfreeze(self) -> None:
        self.control("unfreeze")

    def tick(self, count: int = 1) -> list[str]:
        """Lets so many live events happen now; tells what they were."""
        happened: list[str] = self.control("tick", count=count)
        return happened

    def pace(self, *, delay: float = 0.0, max_rate: float = 0.0) -> None:
        """Every answer `delay` seconds late, at most `max_rate` answers a second."""
        self.control("pace", delay=delay, max_rate=max_rate)

    def post(self, channel: str | int, text: str = "", **fields: Any) -> JSON:
        """A new message; the result is its truth."""
        made: JSON = self.control("post", channel=channel, text=text, **fields)
        return made

    def edit(self, channel: str | int, message_id: int, **fields: Any) -> JSON:
        """Changes fields of a message; `edit_date` becomes the world's now."""
        made: JSON = self.control("edit", channel=channel, id=message_id, **fields)
        return made

    def set_counters(self, channel: str | int, message_id: int, **fields: Any) -> JSON:
        """Sets `views`, `forwards`, `replies` or `reactions`; that is no edit."""
        made: JSON = self.control("counters", channel=channel, id=message_id, **fields)
        return made

    def delete(self, channel: str | int, *ids: int) -> list[int]:
        """Deletes messages; tells which of them there were."""
        gone: list[int] = self.control("delete", channel=channel, ids=list(ids))["deleted"]
        return gone


def log_lines(directory: Path) -> list[JSON]:
    """The request log of a directory, whether or not the server runs."""
    path = directory / "requests.jsonl"
    return [orjson.loads(line) for line in path.read_bytes().splitlines() if line]

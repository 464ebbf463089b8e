"""A child process that is started again when it ends."""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tgadmin.management.supervisor.output import ChildOutput, say

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 30.0
_LONGEST_DELAY_OF_A_SERVER = 4.0
"""Seconds. Everything else waits for a server, so that it is not left away for long."""
_STEADY = 30.0
"""Seconds after which a child counts as having started well."""
_CUT_OFF = 3.0
"""Seconds without its socket after which a server is started again."""

Start = Callable[[], "subprocess.Popen[bytes]"]


class Child:
    """One program of the installation, with what is known about its restarts."""

    def __init__(
        self,
        name: str,
        start: Start,
        *,
        output: ChildOutput | None = None,
        process: "subprocess.Popen[bytes] | None" = None,
        once: bool = False,
        socket: "Path | None" = None,
    ) -> None:
        self.name = name
        self.output = output
        self.process = process
        self.once = once
        self.socket = socket
        self.failures = 0
        self._start = start
        self._started = time.monotonic()
        self._start_again_at = 0.0
        self._was_seen = False
        self._missing_since = 0.0

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def is_done(self) -> bool:
        """Tell whether a program that runs once has ended well."""
        return self.once and self.process is not None and self.process.poll() == 0

    def start(self) -> None:
        self.process = self._start()
        self._was_seen = False
        self._started = time.monotonic()

    def look_after(self) -> bool:
        """Start it again if it has ended and its delay is over; tell whether it was started."""
        if self.process is None or self.is_done:
            return False
        now = time.monotonic()
        if self.is_running:
            if self._is_cut_off(now):
                say(f"{self.name} cannot be reached: {self.socket} was removed; it is ended")
                self.signal(signal.SIGINT)
                self._missing_since = now
            return False
        if not self._start_again_at:
            if now - self._started > _STEADY:
                self.failures = 0
            longest = _LONGEST_DELAY_OF_A_SERVER if self.socket else _LONGEST_DELAY
            delay = min(_FIRST_DELAY * 2**self.failures, longest)
            self.failures += 1
            self._start_again_at = now + delay
            say(f"{self.name} ended ({self._how()}); starting it again in {delay:g} s")
            return False
        if now < self._start_again_at:
            return False
        self._start_again_at = 0.0
        self.start()
        return True

    def _is_cut_off(self, now: float) -> bool:
        """Whether the socket was there and is gone: nobody can connect, though it runs well."""
        if self.socket is None:
            return False
        if self.socket.exists():
            self._was_seen, self._missing_since = True, now
        return self._was_seen and now - self._missing_since > _CUT_OFF

    def signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.is_running:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)

    def kill(self) -> None:
        """End it and what it started (it leads a process group) at once."""
        if self.process is not None and self.is_running:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _how(self) -> str:
        code = self.process.returncode if self.process else 0
        if code >= 0:
            return f"exit code {code}"
        with contextlib.suppress(ValueError):
            return f"killed by {signal.Signals(-code).name}"
        return f"killed by signal {-code}"

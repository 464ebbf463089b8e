"""One `up` a data directory: a lock that a process holds while it lives, and who holds it."""

import contextlib
import fcntl
import json
import os
from pathlib import Path

from tgadmin.management.supervisor.preflight import UpError


class Instance:
    """The lock `up.lock` in a data directory; the kernel drops it however its holder ends."""

    def __init__(self, data: Path) -> None:
        self.file = data / "up.lock"
        self._descriptor: int | None = None

    def refuse_second(self) -> None:
        """Say who has the lock, if somebody has; makes nothing."""
        if self.file.exists():
            with contextlib.suppress(PermissionError):  # that is explained later
                os.close(self._lock())

    def acquire(self, *, url: str) -> None:
        """Take the lock and write down the address, or say who has it."""
        descriptor = self._lock()
        os.ftruncate(descriptor, 0)
        os.write(descriptor, json.dumps({"pid": os.getpid(), "url": url}).encode())
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def _lock(self) -> int:
        descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise UpError(self._who()) from None
        return descriptor

    def _who(self) -> str:
        where = f"tgadmin is already running with the data in {self.file.parent}"
        try:
            found = json.loads(self.file.read_text(encoding="utf-8"))
            return (
                f"{where}: {found['url']} (process {found['pid']}). Stop it with Ctrl-C where it "
                f"was started, or with: kill {found['pid']}"
            )
        except (OSError, ValueError, KeyError):
            return f"{where}. It is just starting or stopping; wait a moment."

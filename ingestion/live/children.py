"""A process for each account that listens, started and watched by one parent.

A child that stands still cannot let go of its connection in time; its parent ends it then, before
anybody else connects. One that fails takes no other account with it.
"""

import contextlib
import logging
import mmap
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.db import Error, connection

from ingestion.live import store
from tgadmin.lib import leases, logs, processes

logger = logging.getLogger(__name__)

#: Seconds between two looks at what is to be listened to.
LOOK: Final = 1.0
#: Seconds before a child that ended badly is started again.
AGAIN: Final = 3.0
#: Seconds that children have to end by themselves.
PATIENCE: Final = 7.0


@dataclass(slots=True)
class Child:
    """One account's process."""

    pid: int
    watch: mmap.mmap


class Children:
    """The children of this process, by account."""

    def __init__(self) -> None:
        self._children: dict[int, Child] = {}
        self._not_before: dict[int, float] = {}

    def run(self, over: threading.Event, sign_of_life: Callable[[], None]) -> None:
        """Keep a child for each account that has something to listen to, until it is over."""
        while not over.is_set():
            try:
                wanted = set(store.chosen())
                sign_of_life()
            except Error as error:
                # They find out for themselves whether they may go on.
                logger.warning("The database does not answer (%s); trying again", error)
                wanted = set(self._children)
            finally:
                connection.close()  # a child must not inherit it
            self.look_after()
            for account_id in wanted:
                if account_id not in self._children and self._may_start(account_id):
                    self._start(account_id)
            over.wait(LOOK)
        self._end()

    def look_after(self) -> None:
        """Note who has ended, and end who stands still."""
        for account_id, child in list(self._children.items()):
            if leases.is_stuck(child.watch):
                logger.warning("Account %s: its listener stands still and is ended", account_id)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child.pid, signal.SIGKILL)
            ended, status = os.waitpid(child.pid, os.WNOHANG)
            if ended:
                self._ended(account_id, status)

    def _ended(self, account_id: int, status: int) -> None:
        child = self._children.pop(account_id)
        child.watch.close()
        if status:
            logger.warning("Account %s: its listener ended (%s)", account_id, status)
            self._not_before[account_id] = time.monotonic() + AGAIN

    def _may_start(self, account_id: int) -> bool:
        return time.monotonic() >= self._not_before.get(account_id, 0.0)

    def _start(self, account_id: int) -> None:
        # In the parent, and with the first child: where nothing is live, Telethon is not loaded.
        from ingestion.live import turns  # noqa: F401, PLC0415

        watch = leases.own_watch()
        pid = os.fork()
        if not pid:
            _be_child(account_id, watch)
        self._children[account_id] = Child(pid, watch)

    def _end(self) -> None:
        """Ask all to end, and kill who has not in time."""
        for child in self._children.values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGTERM)
        until = time.monotonic() + PATIENCE
        while self._children and time.monotonic() < until:
            self.look_after()
            time.sleep(0.05)
        for account_id, child in list(self._children.items()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGKILL)
            _, status = os.waitpid(child.pid, 0)
            self._ended(account_id, status)


def _be_child(account_id: int, watch: mmap.mmap) -> None:
    """What the child does, all of it."""
    from ingestion.live import turns  # noqa: PLC0415

    code = 1
    try:
        processes.die_with_parent()
        leases.watched_by(watch)
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        with logs.bound(account=account_id):
            turns.listen(account_id, stop)
        code = 0
    except Exception:
        logger.exception("The listener of account %s failed", account_id)
    finally:
        os._exit(code)

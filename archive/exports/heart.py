"""What an export at work tells the world each second, and hears from it."""

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from enum import Enum
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID

import psycopg
from django.db import connection
from django.db.utils import Error

from archive.exports import sql

#: Seconds between two beats: a wish to cancel is seen within a second.
BEAT: Final = 0.7
#: Seconds without an answer from PostgreSQL after which the export counts as somebody else's,
#: well before `tasks.SILENCE`.
PATIENCE: Final = 15.0
#: Seconds that a paused export keeps its worker and its snapshot; a snapshot that is held for long
#: keeps PostgreSQL from cleaning up
#: (https://www.postgresql.org/docs/current/routine-vacuuming.html).
LONGEST_PAUSE: Final = 600.0


class Stop(Enum):
    """Why the work ends early."""

    CANCELLED = "somebody cancelled it"
    LOST = "it is another worker's now, or was deleted"
    SHUTDOWN = "this worker has to stop"
    PATIENCE = "it was paused for so long that others need its worker and its snapshot"


class Stopped(Exception):
    """The work is to end now."""


class Heart:
    """A thread with a database connection of its own, while the main one is busy with COPY.

    It goes on when the main thread waits for PostgreSQL or for the disk, and wakes it up from
    the former when the work is to stop.
    """

    def __init__(self, export_id: int, token: UUID) -> None:
        self._key: dict[str, int | UUID] = {"export": export_id, "token": token}
        self._figures: dict[str, int | None] = {"rows": 0, "size": 0, "expected": None}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heart", daemon=True)
        self._busy: psycopg.Connection[Any] | None = None
        self._going = threading.Event()
        self._going.set()
        self._paused_at: float | None = None
        self.stop: Stop | None = None

    def progress(self, rows: int, size: int, expected: int | None) -> None:
        """Raises `Stopped` when the work is to end."""
        self._figures = {"rows": rows, "size": size, "expected": expected}
        self.check()

    def check(self) -> None:
        """Waits while the export is paused."""
        while not self.stop and not self._going.wait(BEAT):
            if time.monotonic() - (self._paused_at or time.monotonic()) > LONGEST_PAUSE:
                self.stop = self.stop or Stop.PATIENCE
        if self.stop:
            raise Stopped(self.stop.value)

    def __enter__(self) -> Self:
        connection.ensure_connection()
        self._busy = connection.connection
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _beat(self) -> None:
        answered = time.monotonic()
        try:
            while not self._ended.wait(BEAT):
                try:
                    stop = self._look()
                    answered = time.monotonic()
                except Error:
                    connection.close()
                    late = time.monotonic() - answered > PATIENCE
                    stop = Stop.LOST if late else None
                if stop:
                    self.end(stop)
        finally:
            connection.close()

    def _look(self) -> Stop | None:
        with connection.cursor() as cursor:
            cursor.execute(sql.HEARTBEAT, {**self._key, **self._figures})
            row = cursor.fetchone()
        if row is None:
            return Stop.LOST
        cancelled, paused = row
        if paused and self._going.is_set():
            self._paused_at = time.monotonic()
            self._going.clear()
        elif not paused:
            self._going.set()
        return Stop.CANCELLED if cancelled else None

    def end(self, stop: Stop) -> None:
        """End the work, also when it waits for PostgreSQL."""
        first = self.stop is None
        self.stop = self.stop or stop
        if first and self._busy is not None:
            with contextlib.suppress(psycopg.Error):
                self._busy.cancel_safe(timeout=5)


@contextlib.contextmanager
def ends_on_sigterm(heart: Heart) -> Iterator[None]:
    """The worker's wish to stop. Only the main thread may listen to signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def hear(*_: object) -> None:
        heart.stop = heart.stop or Stop.SHUTDOWN

    before = signal.signal(signal.SIGTERM, hear)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

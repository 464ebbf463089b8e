"""Whether the replica may be read from now: what this process knows of it."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.db import Error

from tgadmin.lib.replica import positions

logger = logging.getLogger(__name__)

#: Seconds between two looks, and after one that found the replica gone.
LOOK_EVERY: Final = 1.0
AFTER_ERROR: Final = 5.0


class Standing:
    """How far the replica is behind, by this process's own clock: the time since the database was
    where the replica is now. So neither a wrong clock nor a replica that hears nothing any more, and
    knows nothing of it, passes for one that is up to date.
    """

    def __init__(
        self,
        *,
        written: Callable[[], int] = positions.written,
        replayed: Callable[[], int] = positions.replayed,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._written, self._replayed, self._clock = written, replayed, clock
        self._lock = threading.Lock()
        #: When the database was seen where: those places that the replica has not reached.
        self._ahead: deque[tuple[float, int]] = deque()
        self._reached = 0
        #: The last moment of which the replica is known to have everything.
        self._current_at: float | None = None
        self._look_at = 0.0
        self._away = True

    @property
    def lag(self) -> float | None:
        """Seconds; None where the replica does not answer, or nothing is known yet."""
        if self._away or self._current_at is None:
            return None
        return self._clock() - self._current_at

    def may_read(self, after: int = 0) -> bool:
        """Whether it has everything up to that position, and is not too far behind."""
        with self._lock:
            now = self._clock()
            if now >= self._look_at:
                self._look(now)
            elif after > self._reached and not self._away:
                self._ask(now)
            lag = self.lag
            # Between two looks nothing is known to be newer.
            return lag is not None and lag <= settings.REPLICA_MAX_LAG and after <= self._reached

    def gone(self) -> None:
        """It failed somebody: look again after a while."""
        with self._lock:
            self._lose(self._clock())

    def _look(self, now: float) -> None:
        self._look_at = now + LOOK_EVERY
        self._ahead.append((now, self._written()))
        self._ask(now)

    def _ask(self, now: float) -> None:
        try:
            self._reached = self._replayed()
        except Error as error:
            logger.warning("The replica does not answer (%s); pages come from the database", error)
            self._lose(now)
            return
        self._away = False
        while self._ahead and self._ahead[0][1] <= self._reached:
            self._current_at = self._ahead.popleft()[0]

    def _lose(self, now: float) -> None:
        self._away, self._current_at, self._reached = True, None, 0
        self._ahead.clear()
        self._look_at = now + AFTER_ERROR


standing: Final = Standing()
"""Of this process."""

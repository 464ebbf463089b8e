"""How fast an account may ask, learned from what Telegram says."""

import asyncio
import time
from collections.abc import Callable

#: Flood waits up to here are slept through; longer ones send the run to `waiting`.
SHORT_WAIT = 3
#: After a flood wait requests come this much slower …
SLOWER = 1.5
#: … and with every one that is answered a little faster again.
FASTER = 0.995
#: The slowest pace that a flood wait leads to, in seconds between two requests.
SLOWEST = 10.0
#: What "slower" starts from when there was no pause at all.
FIRST_STEP = 0.2


class Pacer:
    """Keeps requests at least `interval` seconds apart."""

    def __init__(
        self, *, interval: float, least: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.interval = max(interval, least)
        self._least = least
        self._clock = clock
        self._next = clock()

    async def turn(self) -> None:
        """Wait until the next request may be sent."""
        pause = self._next - self._clock()
        if pause > 0:
            await asyncio.sleep(pause)
        self._next = max(self._next, self._clock()) + self.interval

    def answered(self) -> None:
        """A request went through."""
        self.interval = max(self.interval * FASTER, self._least)

    def flooded(self, seconds: int) -> None:
        """Telegram asked for a pause of `seconds`."""
        self.interval = min(max(self.interval, FIRST_STEP) * SLOWER, SLOWEST)
        self._next = self._clock() + seconds

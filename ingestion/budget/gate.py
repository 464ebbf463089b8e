"""What every request of a connection passes: it waits for its turn, or is not sent at all."""

import asyncio
import logging
import math
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from ingestion import usage
from ingestion.budget import store
from ingestion.budget.pace import CAPS, FREE
from ingestion.budget.rate import Bounds, Rate
from ingestion.errors import FloodWait
from ingestion.models import Account
from tgadmin.lib import databases
from tgadmin.lib.threads import DatabaseThread

logger = logging.getLogger(__name__)

#: Seconds of a flood wait that are slept through; longer ones send the run to `waiting`.
SHORT_WAIT: Final = 3
#: Seconds between two times that what was learned is written down.
SAVE_EVERY: Final = 10.0


class Gate:
    """The budget of an account in the hands of its holder. Open it with the lease, close it before."""

    def __init__(
        self, account: Account, database: DatabaseThread, clock: Callable[[], float] = time.time
    ) -> None:
        self._account = account
        self._database = database
        self._clock = clock
        self._rates: dict[str, Rate] = {}
        self._bounds: dict[str, Bounds] = {}
        #: Until when Telegram wants no request of a method.
        self._waits: dict[str, float] = {}
        self._saved_at = clock()
        self._saving: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Read what was learned, and what Telegram still wants to be waited for."""
        self._rates = await self._database(store.load, self._account)
        self._waits = await self._database(usage.waits, self._account.pk)

    async def close(self) -> None:
        """Write it down. Nothing fails because of it."""
        if self._saving:
            await self._saving
        await self._save(is_open=False)

    async def turn(self, kind: str, method: str) -> bool:
        """Wait until a request of this kind may be sent, and take note that it is.

        Raises `FloodWait` while Telegram wants none of this method and it is no matter of a
        moment, `OwnPause` when the day's budget is used up. True when it was counted already.
        """
        rate, bounds = self._of(kind)
        counted = kind in CAPS and await self._database(store.spend, self._account, kind)
        now = self._clock()
        delay = max(rate.delay(now), self._wait_of(method))
        rate.sent(now + delay, bounds)  # before the wait: who asks meanwhile comes after us
        if delay > 0:
            await asyncio.sleep(delay)
            self._wait_of(method)
        if not 0 <= now - self._saved_at < SAVE_EVERY and not self._saving:
            self._saved_at = now
            self._saving = asyncio.ensure_future(self._save(is_open=True))
            self._saving.add_done_callback(self._saved)
        return counted

    async def refused(self, kind: str, wait: FloodWait) -> None:
        """Telegram refused a request that was sent. Learn from it, and write both down at once."""
        now = self._clock()
        if kind not in FREE:
            self._of(kind)[0].refuse(now, wait.seconds)
        self._waits[wait.method] = now + wait.seconds
        await self._database(usage.note_wait, self._account.pk, wait)
        await self._save(is_open=True)

    def _of(self, kind: str) -> tuple[Rate, Bounds]:
        if kind not in self._bounds:
            self._bounds[kind] = store.bounds_of(self._account, kind)
        if kind not in self._rates:
            self._rates[kind] = Rate.load({}, self._bounds[kind])
        return self._rates[kind], self._bounds[kind]

    def _wait_of(self, method: str) -> float:
        left = self._waits.get(method, 0.0) - self._clock()
        if left > SHORT_WAIT:
            raise FloodWait(seconds=math.ceil(left), method=method)
        return max(left, 0.0)

    async def _save(self, *, is_open: bool) -> None:
        rates = {kind: rate for kind, rate in self._rates.items() if kind not in FREE}
        try:
            await self._database(store.save, self._account.pk, rates, is_open=is_open)
        except databases.AWAY as error:
            logger.warning("Account %s: its budget was not kept (%s)", self._account.pk, error)

    def _saved(self, task: "asyncio.Task[None]") -> None:
        self._saving = None
        with suppress(asyncio.CancelledError):
            task.result()

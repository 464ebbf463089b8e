"""Holding something that somebody else takes over when its holder falls silent.

The deadline is counted on the holder's monotonic clock from *before* the renewal was sent, so
that it never ends later here than in the database, whatever the network or the clocks do.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)

#: Seconds that a lease holds from its renewal on.
TERM = 10.0
#: Seconds between two renewals.
RENEWAL = 2.0
#: Seconds before the deadline at which the holder lets go.
MARGIN = 2.0


class LeaseExpired(Exception):
    """The lease could not be renewed in time, or somebody else has it."""


async def keep(
    renew: Callable[[], Awaitable[bool]],
    *,
    acquired_at: float,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Renew for as long as the task runs; raises `LeaseExpired` before the lease ends.

    `acquired_at` is the monotonic time from before the lease was asked for. `renew` says whether
    the lease is still ours; an exception counts as no answer and is tried again.
    """
    let_go_at = acquired_at + TERM - MARGIN
    while True:
        await asyncio.sleep(max(min(RENEWAL, let_go_at - clock()), 0))
        if clock() >= let_go_at:
            raise LeaseExpired
        sent_at = clock()
        try:
            ours = await asyncio.wait_for(renew(), timeout=let_go_at - sent_at)
        except Exception as error:  # noqa: BLE001, whatever failed, the deadline decides
            logger.warning("A lease could not be renewed (%s); trying again", error)
            continue
        if not ours:
            raise LeaseExpired
        let_go_at = sent_at + TERM - MARGIN

"""Holding something that somebody else takes over when its holder falls silent.

The deadline is counted on the holder's own clock from *before* the renewal was sent, so that it
never ends later here than in the database, whatever the network or the clocks do.
"""

import asyncio
import mmap
import struct
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Final

#: Seconds that a lease holds from its renewal on.
TERM = 10.0
#: Seconds between two renewals.
RENEWAL = 2.0
#: Seconds before the deadline at which the holder lets go.
MARGIN = 2.0
#: Seconds in which it must have done so; then it is stuck.
GRACE: Final = 0.5

_NUMBER: Final = struct.Struct("d")
#: When this process has to let go (0: it holds nothing). A process that is forked shares it with
#: its parent, which still looks at the clock when the child stands still.
_shared = mmap.mmap(-1, _NUMBER.size)


class LeaseExpired(Exception):
    """The lease could not be renewed in time, or somebody else has it."""


def now() -> float:
    """Seconds that pass while the machine sleeps, too: the database's clock counts those."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class Deadline:
    """Until when the holder may act. `renewed_at` is the time from before the lease was asked
    for.
    """

    def __init__(self, renewed_at: float, clock: Callable[[], float] = now) -> None:
        self.clock = clock
        self.renew(renewed_at)

    def renew(self, renewed_at: float) -> None:
        self.let_go_at = renewed_at + TERM - MARGIN
        _shared[:] = _NUMBER.pack(self.let_go_at)

    def passed(self) -> bool:
        """Ask before every step that another holder's steps must not meet."""
        return self.clock() >= self.let_go_at

    def over(self) -> None:
        """Everything was let go."""
        hold_nothing()


def hold_nothing() -> None:
    """What a parent says before it forks a child: the last one may have died holding."""
    _shared[:] = _NUMBER.pack(0)


def own_watch() -> mmap.mmap:
    """What one of several children tells its deadline by: made in the parent, before the fork."""
    return mmap.mmap(-1, _NUMBER.size)


def watched_by(watch: mmap.mmap) -> None:
    """What a child says first: tell the deadline by this, and by nothing that brothers share."""
    global _shared  # noqa: PLW0603 - one a process, as its deadline is
    _shared = watch


def is_stuck(watch: mmap.mmap | None = None) -> bool:
    """Whether a forked child holds on for longer than it may. Ask in its parent, then end it:
    somebody else is about to take over.
    """
    (let_go_at,) = _NUMBER.unpack((watch or _shared)[:])
    return bool(let_go_at) and now() > let_go_at + GRACE


async def keep(renew: Callable[[], Awaitable[bool]], deadline: Deadline) -> None:
    """Renew for as long as the task runs; raises `LeaseExpired` before the lease ends.

    `renew` says whether the lease is still ours; an exception counts as no answer and is tried
    again.
    """
    clock = deadline.clock
    while True:
        await asyncio.sleep(max(min(RENEWAL, deadline.let_go_at - clock()), 0))
        if deadline.passed():
            raise LeaseExpired
        sent_at = clock()
        try:
            # Not `wait_for`: until Python 3.12 it swallows a cancellation that comes as the answer
            # does, and whoever cancelled this task would wait for ever for one that renews on.
            async with asyncio.timeout(deadline.let_go_at - sent_at):
                ours = await renew()
        except Exception:  # noqa: BLE001, S112, whatever failed, the deadline decides
            continue
        if not ours:
            raise LeaseExpired
        deadline.renew(sent_at)

"""Working for an account while holding its lease, and letting go in time.

Every process that connects does it in this way, whatever for:

    lease = holding.acquire(account.pk, Priority.MEDIA, patience=5)
    if lease is None:
        return  # somebody who goes first has it; try again later
    try:
        await holding.while_held(lease, reader, work)  # look at `waiting` once a second in there
    finally:
        holding.release(lease)

Who goes first: `leases.Priority`. Nothing is taken from a holder: it looks at `waiting` about once
a second, answers the calls of people (`calls.answer_waiting`), and gives the account back at the
next boundary of its work when somebody better stands in line.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, TypeVar
from uuid import UUID, uuid4

from ingestion import leases
from ingestion.errors import LeaseLost
from ingestion.leases import Priority
from tgadmin.lib.leases import Deadline, LeaseExpired, keep, now
from tgadmin.lib.threads import DatabaseThread

T = TypeVar("T")

#: Seconds between two looks of one who stands in line.
LOOK: Final = 0.2


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that was acquired."""

    account_id: int
    token: UUID
    deadline: Deadline

    def lasts(self) -> bool:
        """Whether something may still be sent to Telegram: nobody else does so before."""
        return not self.deadline.passed()


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who wants an account that one holds."""

    #: People wait for answers: answer them on this connection, or give way.
    calls: bool
    #: Somebody goes first: give the account back as soon as the work allows it.
    better: bool


@dataclass(slots=True)
class Place:
    """A place in the line for an account; ask every second or sooner, or it is lost."""

    account_id: int
    priority: Priority
    claim: UUID = field(default_factory=uuid4)

    def ask(self) -> Lease | None:
        """The lease when it is free and nobody goes first; else the holder learns that we wait."""
        asked_at = now()
        token = leases.acquire(self.account_id, self.priority, self.claim)
        if token is None:
            leases.claim(self.claim, self.account_id, self.priority)
            return None
        leases.withdraw(self.claim)
        return Lease(self.account_id, token, Deadline(asked_at))

    def leave(self) -> None:
        """Wait no longer."""
        leases.withdraw(self.claim)


def acquire(
    account_id: int, priority: Priority = Priority.PERSON, *, patience: float = 0
) -> Lease | None:
    """The lease, or None while another holder has the account.

    With `patience` it stands in line for so many seconds, unless the holder goes first anyway.
    """
    place = Place(account_id, priority)
    if not patience:
        return _at_once(place)
    until = time.monotonic() + patience
    try:
        while (lease := place.ask()) is None and time.monotonic() < until:
            held_for = leases.held_for(account_id)
            if held_for is not None and held_for <= priority:
                return None
            time.sleep(LOOK)
        return lease
    finally:
        place.leave()


def _at_once(place: Place) -> Lease | None:
    asked_at = now()
    token = leases.acquire(place.account_id, place.priority)
    return Lease(place.account_id, token, Deadline(asked_at)) if token else None


def release(lease: Lease) -> None:
    """Give it back: whoever stands first in line has it within a moment."""
    leases.release(lease.account_id, lease.token)


def waiting(account_id: int, priority: Priority) -> Waiting:
    """Who wants the account that one holds for `priority`. Look about once a second."""
    calls, better = leases.waiting(account_id, priority)
    return Waiting(calls=calls, better=better)


def should_give_way(account_id: int, priority: Priority) -> bool:
    """Whether somebody goes first: one of a better priority, or one who has waited for long."""
    return waiting(account_id, priority).better


async def while_held(lease: Lease, reader: DatabaseThread, work: Callable[[], Awaitable[T]]) -> T:
    """Run `work` while the lease is renewed beside it.

    When the lease cannot be renewed, `work` is cancelled, in the middle of a request too, and
    `LeaseLost` is raised: two connections with one session end it for good.
    """

    async def renew() -> bool:
        return await reader(leases.renew, lease.account_id, lease.token)

    working = asyncio.ensure_future(work())
    keeping = asyncio.ensure_future(keep(renew, lease.deadline))
    try:
        await asyncio.wait({working, keeping}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            working.cancel()
            with suppress(asyncio.CancelledError, LeaseExpired, Exception):
                await working
            raise LeaseLost
        return working.result()
    finally:
        working.cancel()
        keeping.cancel()
        await asyncio.gather(working, keeping, return_exceptions=True)
        lease.deadline.over()

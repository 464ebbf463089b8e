"""Working for an account while holding its lease, and letting go in time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from ingestion import leases
from ingestion.errors import LeaseLost
from tgadmin.lib.leases import Deadline, LeaseExpired, keep, now
from tgadmin.lib.threads import DatabaseThread

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that was acquired."""

    account_id: int
    token: UUID
    deadline: Deadline

    def lasts(self) -> bool:
        """Whether something may still be sent to Telegram: nobody else does so before."""
        return not self.deadline.passed()


def acquire(account_id: int) -> Lease | None:
    """The lease, or None while another holder has the account."""
    asked_at = now()
    token = leases.acquire(account_id)
    return Lease(account_id, token, Deadline(asked_at)) if token else None


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

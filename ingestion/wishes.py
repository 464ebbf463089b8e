"""What the world wants of a worker in the middle of a slice, read once a second."""

import asyncio
import logging
import signal
import threading
import time
from dataclasses import dataclass, field
from typing import Final

from django.db import Error, connection

from ingestion import leases
from ingestion.leases import Priority
from ingestion.models import SyncRun
from tgadmin.lib.threads import DatabaseThread

logger = logging.getLogger(__name__)

#: Seconds between two looks.
LOOK: Final = 0.7

#: A person's wish, calls of people who wait, and who goes first: somebody in line for the account,
#: or runs on it (the same that the scheduler would pick: what may not start yet is nothing to give
#: way to).
WISHES: Final = """
SELECT run.stop_wish,
       EXISTS (
           SELECT FROM ingestion_accountcall
           WHERE account_id = %(account)s AND state = 'pending'
       ),
       EXISTS (
           SELECT FROM ingestion_accountclaim claim
           WHERE claim.account_id = %(account)s AND claim.expires_at > clock_timestamp()
             AND (claim.priority < %(rank)s
                  OR claim.since < clock_timestamp() - %(claim_patience)s * interval '1 s')
       ) OR EXISTS (
           SELECT FROM ingestion_syncrun other
           WHERE other.account_id = %(account)s AND other.state = 'queued'
             AND array_position(%(priority)s, other.kind::text)
               < array_position(%(priority)s, run.kind::text)
             AND coalesce(run.slice_ended_at, run.created_at) >= now() - %(patience)s::interval
             AND NOT (
                 other.planned IS NULL AND other.kind <> 'update' AND EXISTS (
                     SELECT FROM ingestion_syncrun first
                     WHERE first.channel_id = other.channel_id AND first.kind = 'update'
                       AND first.state IN
                           ('queued', 'running', 'waiting', 'paused', 'interrupted')
                 )
             )
       )
FROM ingestion_syncrun run WHERE run.id = %(run)s
"""


@dataclass(slots=True)
class Wishes:
    """`stop` is set as soon as the work should end soon: a wish, SIGTERM, or the slice's time."""

    run_id: int
    account_id: int
    slice_seconds: float
    priority: Priority = Priority.BACKFILL
    began_at: float = field(default_factory=time.monotonic)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    stop_wish: str = ""
    calls_wait: bool = False
    terminated: bool = False

    def slice_is_over(self) -> bool:
        return time.monotonic() - self.began_at >= self.slice_seconds

    async def watch(self, reader: DatabaseThread) -> None:
        """Look again and again; ends when cancelled."""
        if threading.current_thread() is threading.main_thread():
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._terminate)
        while True:
            try:
                found = await reader(look, self.run_id, self.account_id, self.priority)
            except Error as error:
                # The lease's keeper decides when the database is away for too long.
                logger.warning("Run %s: could not read its wishes (%s)", self.run_id, error)
            else:
                self.stop_wish, self.calls_wait, others_first = found
                if self.stop_wish or others_first or self.slice_is_over():
                    self.stop.set()
            await asyncio.sleep(LOOK)

    def _terminate(self) -> None:
        self.terminated = True
        self.stop.set()


def look(
    run_id: int, account_id: int, priority: Priority = Priority.BACKFILL
) -> tuple[str, bool, bool]:
    """The stop wish, whether calls wait, and whether somebody else goes first on the account."""
    with connection.cursor() as cursor:
        cursor.execute(
            WISHES,
            {
                "run": run_id,
                "account": account_id,
                "rank": priority,
                "claim_patience": leases.PATIENCE,
                "priority": list(SyncRun.PRIORITY),
                "patience": f"{SyncRun.PATIENCE.total_seconds()} s",
            },
        )
        row = cursor.fetchone()
    return row or (SyncRun.StopWish.CANCEL, False, False)

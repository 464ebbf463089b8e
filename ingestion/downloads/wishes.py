"""What the world wants of a slice of downloads, read once a second."""

import asyncio
import logging
import signal
import threading
import time
from dataclasses import dataclass, field
from typing import Final

from django.db import Error

from ingestion import holding
from ingestion.leases import Priority
from ingestion.models import MediaLine
from tgadmin.lib.threads import DatabaseThread

logger = logging.getLogger(__name__)

#: Seconds between two looks.
LOOK: Final = 0.7


@dataclass(slots=True)
class Wishes:
    """`stop` is set as soon as the work should end soon: a wish, SIGTERM, somebody who goes
    first, or the slice's time.
    """

    channel_id: int
    account_id: int
    priority: Priority
    slice_seconds: float
    began_at: float = field(default_factory=time.monotonic)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    stop_wish: str = ""
    calls_wait: bool = False
    #: A person waits for a file of this channel.
    asked: bool = False

    async def watch(self, reader: DatabaseThread) -> None:
        """Look again and again; ends when cancelled."""
        if threading.current_thread() is threading.main_thread():
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.stop.set)
        while True:
            try:
                self.stop_wish, self.asked, waiting = await reader(self._look)
            except Error as error:
                # The lease's keeper decides when the database is away for too long.
                logger.warning("Channel %s: could not read its wishes (%s)", self.channel_id, error)
            else:
                self.calls_wait = self.calls_wait or waiting.calls
                over = time.monotonic() - self.began_at >= self.slice_seconds
                if self.stop_wish or waiting.better or over:
                    self.stop.set()
            await asyncio.sleep(LOOK)

    def _look(self) -> tuple[str, bool, holding.Waiting]:
        rows = MediaLine.objects.filter(pk=self.channel_id).values_list("stop_wish", "asked_at")
        wish, asked_at = rows.first() or (MediaLine.StopWish.CANCEL, None)
        return wish, asked_at is not None, holding.waiting(self.account_id, self.priority)

"""What an account asks of Telegram: how many requests, and what it was told to wait for."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Protocol

from django.db import connection
from django.utils import timezone

from ingestion import sql
from ingestion.errors import FloodWait
from ingestion.models import FloodWait as FloodWaitRow
from tgadmin.lib import databases
from tgadmin.lib.threads import DatabaseThread

logger = logging.getLogger(__name__)

#: Seconds between two times that a slice's requests are counted.
COUNT_EVERY: Final = 10.0


class Sender(Protocol):
    """A connection, as far as counting goes."""

    def take_sent(self) -> dict[str, int]:
        """How many requests were sent since the last look, by kind."""
        ...


def count(account_id: int, sent: Mapping[str, int]) -> None:
    """Add requests that were sent, by kind (`TelegramSession.take_sent`), to this hour's."""
    if not sent:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            sql.COUNT_REQUESTS,
            {"account": account_id, "kinds": list(sent), "numbers": list(sent.values())},
        )


class Counting:
    """Counts what a slice sends: again and again, so that little is lost with a worker that is
    killed, and at its end. Nothing fails because of it.
    """

    def __init__(self, account_id: int, database: DatabaseThread) -> None:
        self.sender: Sender | None = None
        self._account_id = account_id
        self._database = database

    async def run(self) -> None:
        """Count again and again; ends when cancelled."""
        while True:
            await asyncio.sleep(COUNT_EVERY)
            await self.now()

    async def now(self) -> None:
        if self.sender is None:
            return
        try:
            await self._database(count, self._account_id, self.sender.take_sent())
        except databases.AWAY as error:
            logger.warning("Account %s: requests were not counted (%s)", self._account_id, error)


def note_wait(account_id: int, wait: FloodWait) -> None:
    """Keep a wait as history, and so that nothing is asked before it is over."""
    now = timezone.now()
    FloodWaitRow.objects.create(
        account_id=account_id,
        method=wait.method,
        seconds=wait.seconds,
        started_at=now,
        until=now + timedelta(seconds=wait.seconds),
    )


def waits(account_id: int) -> dict[str, float]:
    """Until when (seconds since the epoch) Telegram wants no request of a method."""
    rows = FloodWaitRow.objects.filter(account_id=account_id, until__gt=timezone.now())
    return {row.method: row.until.timestamp() for row in rows.order_by("until")}


def wait_for(account_id: int, *methods: str) -> FloodWait | None:
    """The longest wait for one of these request types that is not over yet."""
    now = timezone.now()
    row = (
        FloodWaitRow.objects.filter(account_id=account_id, method__in=methods, until__gt=now)
        .order_by("-until")
        .first()
    )
    if row is None:
        return None
    left = (row.until - now).total_seconds()
    return FloodWait(seconds=max(int(left) + 1, 1), method=row.method)

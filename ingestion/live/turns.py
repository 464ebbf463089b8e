"""Turn after turn on one account, for as long as it has channels to listen to."""

import asyncio
import logging
import threading
from contextlib import suppress
from typing import Final

from django.db import connection

from ingestion import budget, holding, leases, readers, usage
from ingestion.errors import (
    AccountError,
    IngestionError,
    LeaseLost,
    Wait,
)
from ingestion.leases import Priority
from ingestion.live import store
from ingestion.live.turn import METHODS, Turn
from ingestion.models import Account
from tgadmin.lib import databases

logger = logging.getLogger(__name__)

#: Seconds between two questions of one who stands in line; a place is lost after 3 s of silence.
ASK: Final = 0.5
#: Seconds after the first failure, and at most.
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
AFTER_DATABASE: Final = 3.0


def listen(account_id: int, stop: threading.Event) -> None:
    """Listen with this account until told to stop, or until it has nothing to listen to."""
    place = holding.Place(account_id, Priority.LISTENER)
    pause = SHORTEST_PAUSE
    try:
        while not stop.is_set():
            try:
                account = _wanted(account_id)
                if account is None:
                    return
                # Another listener does as well: only of one that is gone the place is taken.
                listened = leases.held_for(account_id) is Priority.LISTENER
                lease = None if listened else place.ask()
                if lease is None and listened:
                    stop.wait(ASK)
                    continue
                if lease is None:
                    store.standing_by(account_id)
                    stop.wait(ASK)
                    continue
                error = _turn(account, lease, stop)
            except databases.AWAY as trouble:
                logger.warning("The database does not answer (%s); trying again", trouble)
                connection.close()
                stop.wait(AFTER_DATABASE)
                continue
            if error is None:
                pause = SHORTEST_PAUSE
                continue
            seconds = error.seconds if isinstance(error, Wait) else pause
            store.failing(account_id, error, seconds)
            # Of a longer wait it is asked again now and then: a person may have ended it.
            _stay_away(account_id, stop, min(seconds, LONGEST_PAUSE))
            pause = min(pause * 2, LONGEST_PAUSE)
    finally:
        with suppress(*databases.AWAY):
            place.leave()
            store.silent(account_id)
        connection.close()


def _wanted(account_id: int) -> Account | None:
    return store.ready_account(account_id) if store.chosen_by(account_id) else None


def _turn(account: Account, lease: holding.Lease, stop: threading.Event) -> IngestionError | None:
    """One turn; the error that ended it, unless that was a good end."""
    try:
        store.take_up(account.pk, store.chosen_by(account.pk))
        if wait := usage.wait_for(account.pk, *METHODS):
            return wait
        budget.check_quiet_hours(account)
        asyncio.run(Turn(account, lease, stop).run())
    except LeaseLost as error:
        logger.warning("Account %s: %s", account.pk, error)
    except IngestionError as error:
        if isinstance(error, AccountError):
            readers.lose(account, error)
        return error
    except databases.AWAY:
        raise
    except Exception as error:
        logger.exception("Listening with account %s failed", account.pk)
        return IngestionError(
            "UNEXPECTED",
            "An error that nobody foresaw ended the listening: %(error)s.",
            "It is begun again in a moment; when it happens again, report it with the log.",
            error=type(error).__name__,
        )
    finally:
        holding.release(lease)
    return None


def _stay_away(account_id: int, stop: threading.Event, seconds: float) -> None:
    """Wait, and be seen to."""
    left = seconds
    while left > 0 and not stop.wait(min(left, 4.0)):
        left -= 4.0
        store.alive(account_id)

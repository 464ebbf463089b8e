"""Backfills in a takeout session: begun by the first, gone on in by the next, finished after the
last. An option of the account: its owner is asked by Telegram, and may have to wait for a day.
"""

from ingestion.errors import IngestionError
from ingestion.models import Account, SyncRun
from ingestion.sources.mtproto.session import TelegramSession
from tgadmin.lib.threads import DatabaseThread

#: What says that the session is over, whoever ended it.
ENDED = frozenset({"TAKEOUT_INVALID", "TAKEOUT_REQUIRED"})


async def begin(
    run: SyncRun, account: Account, session: TelegramSession, database: DatabaseThread
) -> None:
    """Read what a backfill reads in the account's takeout session, where that is wanted. One that
    is open and not wanted any more is finished.
    """
    number = account.takeout_id
    if run.kind != SyncRun.Kind.BACKFILL:
        return
    if not account.takeout:
        if number is not None:
            await finish(account, session, database)
    elif number is not None:
        session.go_on_in_takeout(number)
    else:
        account.takeout_id = await session.begin_takeout()
        await database(_keep, account.pk, account.takeout_id)


async def finish_after_the_last(
    run: SyncRun, account: Account, session: TelegramSession, database: DatabaseThread
) -> None:
    """A run is done: when no other backfill of its account is left, so is the takeout."""
    if run.kind != SyncRun.Kind.BACKFILL or account.takeout_id is None:
        return
    if not await database(_backfills_left, run, account.pk):
        await finish(account, session, database)


async def finish(account: Account, session: TelegramSession, database: DatabaseThread) -> None:
    """End it; one that Telegram has ended itself is ended."""
    number, account.takeout_id = account.takeout_id, None
    await database(_keep, account.pk, None)
    if number is None:
        return
    try:
        await session.finish_takeout(number)
    except IngestionError as error:
        if error.code not in ENDED:
            raise


def was_ended(account: Account, error: IngestionError) -> None:
    """Forget a session that Telegram has ended: the next slice begins another."""
    if error.code in ENDED:
        _keep(account.pk, None)


def _keep(account_id: int, number: int | None) -> None:
    Account.objects.filter(pk=account_id).update(takeout_id=number)


def _backfills_left(run: SyncRun, account_id: int) -> bool:
    left = SyncRun.objects.filter(
        account=account_id, kind=SyncRun.Kind.BACKFILL, state__in=SyncRun.ACTIVE
    )
    return left.exclude(pk=run.pk).exists()

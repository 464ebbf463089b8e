"""From an account's row to a connection: where the settings meet the source."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from django.conf import settings

from ingestion.budget import Gate
from ingestion.models import Account
from ingestion.sources.mtproto.client import connect
from ingestion.sources.mtproto.config import Credentials, TelegramServer
from ingestion.sources.mtproto.session import TelegramSession
from tgadmin.lib.threads import DatabaseThread


def server() -> TelegramServer | None:
    """The server that the settings name instead of Telegram's own."""
    if settings.TELEGRAM_DC is None:
        return None
    dc = settings.TELEGRAM_DC
    return TelegramServer(
        dc_id=dc.id, host=dc.host, port=dc.port, public_key_path=settings.TELEGRAM_PUBLIC_KEY
    )


@asynccontextmanager
async def open_session(
    account: Account,
    may_send: Callable[[], bool],
    database: DatabaseThread | None = None,
    *,
    listening: bool = False,
) -> AsyncIterator[TelegramSession]:
    """The account's one connection. Only the holder of its lease may open it, and only while
    it `may_send` anything goes out on it. With `listening` Telegram tells on it what happens.

    Each request waits for its turn in the account's budget, which is read and written in
    `database`, or in a thread of its own.
    """
    if database is None:
        async with (
            DatabaseThread("budget") as own,
            open_session(account, may_send, own, listening=listening) as session,
        ):
            yield session
        return
    gate = Gate(account, database)
    await gate.open()
    try:
        async with connect(
            Credentials(
                api_id=account.api_id, api_hash=account.api_hash, session=account.session or ""
            ),
            server=server(),
            timeout=settings.TELEGRAM_TIMEOUT,
            may_send=may_send,
            gate=gate,
            listening=listening,
        ) as session:
            yield session
    finally:
        await gate.close()

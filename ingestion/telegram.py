"""From an account's row to a connection: where the settings meet the source."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from django.conf import settings

from ingestion.models import Account
from ingestion.sources.mtproto.client import connect
from ingestion.sources.mtproto.config import Credentials, TelegramServer
from ingestion.sources.mtproto.session import TelegramSession


def server() -> TelegramServer | None:
    """The server that the settings name instead of Telegram's own."""
    if settings.TELEGRAM_DC is None:
        return None
    dc = settings.TELEGRAM_DC
    return TelegramServer(
        dc_id=dc.id, host=dc.host, port=dc.port, public_key_path=settings.TELEGRAM_PUBLIC_KEY
    )


def open_session(
    account: Account, may_send: Callable[[], bool], *, listening: bool = False
) -> AbstractAsyncContextManager[TelegramSession]:
    """The account's one connection. Only the holder of its lease may open it, and only while
    it `may_send` anything goes out on it. With `listening` Telegram tells on it what happens.
    """
    return connect(
        Credentials(
            api_id=account.api_id, api_hash=account.api_hash, session=account.session or ""
        ),
        server=server(),
        timeout=settings.TELEGRAM_TIMEOUT,
        may_send=may_send,
        listening=listening,
    )

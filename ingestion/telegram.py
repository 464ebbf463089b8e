"""From an account's row to a connection: where the settings meet the source."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from django.conf import settings

from ingestion.budget import Gate
from ingestion.errors import InputError, TransientError
from ingestion.keyring import Keyring
from ingestion.models import Account, Proxy
from ingestion.sources.mtproto.client import connect
from ingestion.sources.mtproto.config import Credentials, TelegramServer
from ingestion.sources.mtproto.roads import ProxyServer, Way
from ingestion.sources.mtproto.session import TelegramSession
from tgadmin.lib.outbound import RefusedError, resolve
from tgadmin.lib.threads import DatabaseThread


def server() -> TelegramServer | None:
    """The server that the settings name instead of Telegram's own."""
    if settings.TELEGRAM_DC is None:
        return None
    dc = settings.TELEGRAM_DC
    return TelegramServer(
        dc_id=dc.id, host=dc.host, port=dc.port, public_key_path=settings.TELEGRAM_PUBLIC_KEY
    )


def proxy_server(row: Proxy) -> ProxyServer:
    """A proxy as the source takes it, its name looked up.

    InputError where it leads to an address that nobody may connect to: whoever tests proxies could
    find out what runs in the network of this machine.
    """
    try:
        found = resolve(row.host, row.port, allow_private=settings.OUTBOUND_PRIVATE)
    except RefusedError:
        raise InputError(
            "PROXY_PRIVATE",
            "The proxy %(proxy)s is on this machine or in its own network, which is not allowed.",
            "Whoever runs this server allows it with TGADMIN_OUTBOUND_PRIVATE=1.",
            proxy=f"{row.host}:{row.port}",
        ) from None
    except OSError:
        raise TransientError(
            "PROXY_UNREACHABLE",
            "The proxy %(proxy)s could not be reached.",
            "Check its address and port, and whether it is running.",
            proxy=f"{row.host}:{row.port}",
        ) from None
    return ProxyServer(
        kind=row.kind,
        host=row.host,
        port=row.port,
        username=row.username,
        password=row.password or "",
        secret=row.secret or "",
        address=found,
    )


def way_of(account: Account) -> Way:
    """How the account reaches Telegram, as its row says by now."""
    fresh = Account.objects.select_related("proxy").get(pk=account.pk)
    return Way(
        proxy=proxy_server(fresh.proxy) if fresh.proxy else None,
        transport=fresh.transport,
        port=fresh.port,
        ipv6=fresh.ipv6,
        first=fresh.road,
        connect_timeout=settings.TELEGRAM_CONNECT_TIMEOUT,
        attempts=settings.TELEGRAM_CONNECT_ATTEMPTS,
    )


def _remember(account: Account, road: str) -> None:
    Account.objects.filter(pk=account.pk).exclude(road=road).update(road=road)


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
    way = await database(way_of, account)
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
            way=way,
            keys=Keyring(account, database),
        ) as session:
            if account.transport == account.Transport.AUTOMATIC:
                await database(_remember, account, str(session.road))
            yield session
    finally:
        await gate.close()

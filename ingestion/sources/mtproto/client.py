"""A connection to Telegram: opened, used for a slice of work, closed."""

import asyncio
import ipaddress
import logging
import platform
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any, Final

from telethon import TelegramClient
from telethon.crypto import rsa
from telethon.sessions import StringSession

from ingestion.errors import AccountError, IngestionError, InputError, TransientError
from ingestion.sources.mtproto.config import Credentials, TelegramServer
from ingestion.sources.mtproto.connections import connection
from ingestion.sources.mtproto.datacenters import address
from ingestion.sources.mtproto.elsewhere import Keys
from ingestion.sources.mtproto.errors import telegram_errors
from ingestion.sources.mtproto.roads import Road, Way
from ingestion.sources.mtproto.session import TelegramSession
from ingestion.sources.mtproto.wire import REQUEST_TIMEOUT, Gate, Wire

#: Seconds for closing.
_CLOSE_TIMEOUT: Final = 5.0
#: Where a client begins that is logged in nowhere.
_FIRST_DC: Final = 2
#: What another road may help against.
_BLOCKED: Final = {"CONNECTION_FAILED", "CONNECTION_LOST", "TIMEOUT"}
_NO_KEY: Final = "HANDSHAKE_FAILED"
#: Seconds between two attempts: longer waits are the run's own, and do not hold the account.
_RETRY_DELAY: Final = 0.2
#: Shown to the account's owner in Telegram, under Settings → Devices.
_APP_VERSION: Final = "1.0"

_log = logging.getLogger("ingestion.telegram")


@asynccontextmanager
async def connect(
    credentials: Credentials,
    *,
    server: TelegramServer | None = None,
    timeout: float = REQUEST_TIMEOUT,  # noqa: ASYNC109 - for each request, not for the block
    may_send: Callable[[], bool] = lambda: True,
    listening: bool = False,
    gate: Gate | None = None,
    way: Way | None = None,
    keys: Keys | None = None,
) -> AsyncIterator[TelegramSession]:
    """Connect, and disconnect at the end of the block, whatever ended it. With `listening`,
    Telegram is asked to tell on this connection what happens.

    Each request has `timeout` seconds. A lost connection stays lost: its requests raise
    TransientError. A session string must not be on two connections at once: Telegram ends the
    login for good (AUTH_KEY_DUPLICATED). So `may_send` is asked before each packet: a process
    that stood still may come back when another one has the session. Each request passes `gate`
    before: it waits there for its turn. `way` says how Telegram is reached; where it names no
    transport, the next one is tried when a connection does not come about (`session.road`).
    `keys` has those of other data centres, which are logged in to anew without.
    """
    way = way or Way()
    client, road = await _connected(
        credentials, server, timeout, may_send, way, listening=listening
    )
    wire = Wire(client, timeout, gate=gate, listening=listening, keys=keys)
    try:
        wire.count("help.getConfig")  # what a connection begins with
        yield TelegramSession(wire, road)
    finally:
        # All at once: whoever has the session next may be about to connect.
        await asyncio.gather(wire.elsewhere.close(), _close(client))


async def _connected(
    credentials: Credentials,
    server: TelegramServer | None,
    timeout: float,  # noqa: ASYNC109 - for each road
    may_send: Callable[[], bool],
    way: Way,
    *,
    listening: bool,
) -> tuple[TelegramClient, Road]:
    """A client that is connected, and by which road; one is closed before the next is tried."""
    *others, last = way.roads()
    for road in (*others, last):
        # one attempt at each, so that a person who waits hears of the last in time
        tried = way if road is last else replace(way, attempts=1)
        client = await _client(credentials, server, may_send, tried, road, listening=listening)
        try:
            await _open(client, timeout, may_send)
        except TransientError as error:
            if road is last or error.code not in _BLOCKED or not may_send():
                raise
            _log.warning("Telegram was not reached by %s: the next way is tried", road)
        else:
            return client, road
    raise AssertionError  # pragma: no cover, the last road returns or raises


async def _open(
    client: TelegramClient,
    timeout: float,  # noqa: ASYNC109 - for each attempt
    may_send: Callable[[], bool],
) -> None:
    """Connect, and agree on a key where there is none; closed when that fails.

    One key in 256 begins with a zero byte. Telethon leaves it out (`crypto.rsa.get_byte_array`),
    Telegram does not, and they disagree: with another key they do not.
    """
    try:
        try:
            await _once(client, timeout)
        except TransientError as error:
            if error.code != _NO_KEY or not may_send():
                raise
            await _once(client, timeout)
    except BaseException:
        await _close(client)
        raise


async def _once(client: TelegramClient, timeout: float) -> None:  # noqa: ASYNC109
    with telegram_errors("initConnection"):
        async with asyncio.timeout(timeout):
            await client.connect()


class _Session(StringSession):  # type: ignore[misc] # telethon is untyped
    """Keeps the key only: a client with no need of names must not collect them."""

    def process_entities(self, tlo: Any) -> None:
        """Forget users and chats."""


class _Client(TelegramClient):  # type: ignore[misc] # telethon is untyped
    """Telethon's client without what it does by itself."""

    async def get_me(self, input_peer: bool = False) -> None:  # noqa: FBT001, FBT002
        """Return nothing: `connect()` would ask for user, state and difference each time."""

    async def _update_loop(self) -> None:
        """Leave what comes in its queue: `updates.Updates` reads it, and keeps the state itself."""

    async def _save_states_and_entities(self) -> None:
        """Keep no state: the session has no room for it."""


async def _client(
    credentials: Credentials,
    server: TelegramServer | None,
    may_send: Callable[[], bool],
    way: Way,
    road: Road,
    *,
    listening: bool,
) -> TelegramClient:
    session = _session(credentials.session)
    if server is None:
        _use_family(session, ipv6=way.ipv6)
    else:
        _use_server(session, server, await _ip_address(server.host))
    if not credentials.api_id or not credentials.api_hash:
        raise InputError(
            "API_ID_INVALID",
            "API ID and API hash are missing.",
            "Copy both from https://my.telegram.org → API development tools.",
        )
    made, proxy = connection(road, way.proxy, may_send)
    client = _Client(
        session,
        credentials.api_id,
        credentials.api_hash,
        connection=made,
        proxy=proxy,
        use_ipv6=way.ipv6 if server is None else ":" in (session.server_address or ""),
        timeout=way.connect_timeout,
        # One more attempt is needed to move a login to its own data centre.
        request_retries=1,
        connection_retries=way.attempts - 1,
        retry_delay=_RETRY_DELAY,
        auto_reconnect=False,
        flood_sleep_threshold=0,
        raise_last_call_error=True,
        receive_updates=listening,
        device_model="tgadmin",
        system_version=platform.system(),
        app_version=_APP_VERSION,
        base_logger=_log,
    )
    # Telethon keeps the list of data centres on the class: one of another server may be there.
    _Client._config = None  # noqa: SLF001
    return client


def _session(text: str) -> _Session:
    try:
        return _Session(text)
    except Exception as error:
        raise AccountError(
            "SESSION_INVALID",
            "The stored login of this account is damaged.",
            "Log the account in again, on the Accounts page or with “accounts login”.",
        ) from error


def _use_family(session: _Session, *, ipv6: bool) -> None:
    """Lead the session to an address of this family: Telethon would move the login to another data
    centre, where its key is worth nothing.
    """
    dc_id = session.dc_id or _FIRST_DC
    if session.server_address and (":" in session.server_address) == ipv6:
        return
    found = address(dc_id, ipv6=ipv6)
    if found is None:
        raise InputError(
            "NO_ADDRESS",
            "Telegram's data centre %(dc)s has no address that is known here.",
            "Turn IPv6 off for this account, or on if it is off.",
            dc=dc_id,
        )
    session.set_dc(dc_id, found, 443)


def _use_server(session: _Session, server: TelegramServer, address: str) -> None:
    """Lead the session to this server, unless its login moved to another data centre of it."""
    if server.public_key_path is not None:
        try:
            rsa.add_key(server.public_key_path.read_bytes(), old=False)
        except (OSError, ValueError) as error:
            raise IngestionError(
                "PUBLIC_KEY_UNREADABLE",
                "The server's public key, %(path)s, cannot be read: %(error)s.",
                "TELEGRAM_PUBLIC_KEY must name a PKCS#1 PEM file.",
                path=server.public_key_path,
                error=error,
            ) from error
    if session.auth_key is None or session.dc_id == server.dc_id:
        session.set_dc(server.dc_id, address, server.port)


async def _ip_address(host: str) -> str:
    """Return an address for a name: session strings hold addresses only."""
    with suppress(ValueError):
        return ipaddress.ip_address(host).compressed
    with telegram_errors("connect"):
        found = await asyncio.get_running_loop().getaddrinfo(host, None)
        return str(found[0][4][0])


async def _close(client: TelegramClient) -> None:
    """Disconnect; a connection that is broken already must not hide what broke it."""
    with suppress(Exception):
        async with asyncio.timeout(_CLOSE_TIMEOUT):
            await client.disconnect()
    with suppress(Exception):
        # Collects the error that ended the connection, which asyncio would log otherwise.
        if client.disconnected.done():
            await client.disconnected

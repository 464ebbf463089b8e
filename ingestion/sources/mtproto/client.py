"""A connection to Telegram: opened, used for a slice of work, closed."""

import asyncio
import ipaddress
import logging
import platform
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from telethon import TelegramClient
from telethon.crypto import rsa
from telethon.network import ConnectionTcpFull
from telethon.sessions import StringSession

from ingestion.errors import AccountError, IngestionError, InputError
from ingestion.sources.mtproto.config import Credentials, TelegramServer
from ingestion.sources.mtproto.errors import telegram_errors
from ingestion.sources.mtproto.session import TelegramSession
from ingestion.sources.mtproto.wire import REQUEST_TIMEOUT, Gate, Wire

#: Seconds for one attempt to open a socket, and for closing.
_SOCKET_TIMEOUT: Final = 10
_CLOSE_TIMEOUT: Final = 5.0
_ATTEMPTS: Final = 2
#: Seconds between the two: longer waits are the run's own, and do not hold the account.
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
) -> AsyncIterator[TelegramSession]:
    """Connect, and disconnect at the end of the block, whatever ended it. With `listening`,
    Telegram is asked to tell on this connection what happens.

    Each request has `timeout` seconds. A lost connection stays lost: its requests raise
    TransientError. A session string must not be on two connections at once: Telegram ends the
    login for good (AUTH_KEY_DUPLICATED). So `may_send` is asked before each packet: a process
    that stood still may come back when another one has the session. Each request passes `gate`
    before: it waits there for its turn.
    """
    client = await _client(credentials, server, may_send, listening=listening)
    try:
        with telegram_errors("initConnection"):
            async with asyncio.timeout(timeout):
                await client.connect()
        wire = Wire(client, timeout, gate=gate, listening=listening)
        wire.count("help.getConfig")  # what a connection begins with
        yield TelegramSession(wire)
    finally:
        await _close(client)


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


def _guarded(may_send: Callable[[], bool]) -> type[ConnectionTcpFull]:
    class Guarded(ConnectionTcpFull):  # type: ignore[misc] # telethon is untyped
        """Telethon's usual connection, which ends instead of sending what must not be sent."""

        def _send(self, data: bytes) -> None:
            if not may_send():
                error = ConnectionAbortedError("the session is no longer ours")
                # Whoever waits for an answer hears of it: Telethon tells the sending side only.
                self._recv_queue.put_nowait((None, error))
                raise error
            super()._send(data)

    return Guarded


async def _client(
    credentials: Credentials,
    server: TelegramServer | None,
    may_send: Callable[[], bool],
    *,
    listening: bool,
) -> TelegramClient:
    session = _session(credentials.session)
    if server is not None:
        _use_server(session, server, await _ip_address(server.host))
    if not credentials.api_id or not credentials.api_hash:
        raise InputError(
            "API_ID_INVALID",
            "API ID and API hash are missing.",
            "Copy both from https://my.telegram.org → API development tools.",
        )
    client = _Client(
        session,
        credentials.api_id,
        credentials.api_hash,
        connection=_guarded(may_send),
        use_ipv6=":" in (session.server_address or ""),
        timeout=_SOCKET_TIMEOUT,
        # One more attempt is needed to move a login to its own data centre.
        request_retries=1,
        connection_retries=_ATTEMPTS - 1,
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

"""Other data centres than the account's own: files are at home in any of them.

Each has to be logged in to once, with a key of its own and an authorisation that the account's own
data centre hands out (https://core.telegram.org/api/auth#exporting-and-importing-authorization).
Both are good until Telegram forgets them, so they are kept for the connections to come: a login
each time would be slow, and look like abuse.
"""

import asyncio
import copy
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Protocol

from telethon import TelegramClient
from telethon import errors as telethon_errors
from telethon.crypto import AuthKey
from telethon.errors import rpcerrorlist
from telethon.network import MTProtoSender
from telethon.tl import functions
from telethon.tl.alltlobjects import LAYER

from ingestion.sources.mtproto.handshake import Sender

_log = logging.getLogger("ingestion.telegram")

#: Seconds for closing one connection.
_CLOSE_TIMEOUT: Final = 5.0

#: A data centre does not know a key any more, or not whose it is
#: (https://core.telegram.org/api/errors#401-unauthorized). Whether the login itself has ended, only
#: the account's own data centre can say.
_FORGOTTEN: Final = (
    telethon_errors.AuthKeyNotFound,
    rpcerrorlist.AuthKeyDuplicatedError,
    rpcerrorlist.AuthKeyInvalidError,
    rpcerrorlist.AuthKeyUnregisteredError,
    rpcerrorlist.SessionExpiredError,
    rpcerrorlist.SessionRevokedError,
)


class Keys(Protocol):
    """Where keys of other data centres are kept (`ingestion.keyring.Keyring`). Nothing of it may
    fail: without a key there is another login.
    """

    async def load(self, dc_id: int) -> bytes | None:
        """The key that is logged in there; None when there is none."""
        ...

    async def keep(self, dc_id: int, key: bytes) -> None:
        """From now on this one is logged in there."""
        ...

    async def forget(self, dc_id: int) -> None:
        """The data centre does not know it any more."""
        ...


class NoKeys:
    """Keeps none: every connection logs in anew."""

    async def load(self, dc_id: int) -> bytes | None:  # noqa: ARG002, the Protocol's
        return None

    async def keep(self, dc_id: int, key: bytes) -> None:
        """It is lost with the connection."""

    async def forget(self, dc_id: int) -> None:
        """There is nothing to forget."""


class Elsewhere:
    """The connections of one account to other data centres, one to each, until `close`.

    `count` is told of each request that goes out. They send under the same condition as the
    account's own connection, and through the same proxy: their class is the client's.
    """

    def __init__(self, client: TelegramClient, count: Callable[[str], None], keys: Keys) -> None:
        self._client = client
        self._count = count
        self._keys = keys
        self._senders: dict[int, MTProtoSender] = {}
        #: Under keys that were forgotten: whoever waits on one still gets an answer of its own.
        self._replaced: list[MTProtoSender] = []
        self._opening = asyncio.Lock()

    async def send(self, dc_id: int, request: Any) -> Any:
        """Send a request there, and once more under a new key where the kept one was forgotten."""
        sender = await self._sender(dc_id)
        try:
            return await sender.send(request)
        except _FORGOTTEN:
            await self._forget(dc_id, sender)
        return await (await self._sender(dc_id)).send(request)

    async def close(self) -> None:
        """End all connections; one that is broken already does not hide what broke it."""
        senders = [*self._senders.values(), *self._replaced]
        self._senders, self._replaced = {}, []
        await asyncio.gather(*map(_end, senders))

    async def _sender(self, dc_id: int) -> MTProtoSender:
        async with self._opening:
            sender = self._senders.get(dc_id)
            if sender is None or not sender.is_connected():
                if sender is not None:
                    await _end(self._senders.pop(dc_id))
                self._senders[dc_id] = sender = await self._open(dc_id)
            return sender

    async def _forget(self, dc_id: int, sender: MTProtoSender) -> None:
        """Its key is worth nothing; of several requests that hear of it the first is enough."""
        async with self._opening:
            if self._senders.get(dc_id) is not sender:
                return
            self._replaced.append(self._senders.pop(dc_id))
            await self._forgotten(dc_id)

    async def _forgotten(self, dc_id: int) -> None:
        _log.info("Data centre %s does not know its key any more: it is logged in to anew", dc_id)
        await self._keys.forget(dc_id)

    async def _open(self, dc_id: int) -> MTProtoSender:
        known = await self._keys.load(dc_id)
        if known is not None:
            try:
                return await self._connect(dc_id, known)
            except _FORGOTTEN:
                await self._forgotten(dc_id)
        return await self._connect(dc_id, None)

    async def _connect(self, dc_id: int, known: bytes | None) -> MTProtoSender:
        """A connection that is logged in: with the key that is known, or with a new one."""
        client = self._client
        if type(client)._config is None:  # noqa: SLF001 - Telethon asks for it then
            self._count("help.getConfig")
        dc = await client._get_dc(dc_id)  # noqa: SLF001
        sender = Sender(
            AuthKey(known) if known else None,
            loggers=client._log,  # noqa: SLF001
            retries=client._connection_retries,  # noqa: SLF001
            delay=client._retry_delay,  # noqa: SLF001
            connect_timeout=client._timeout,  # noqa: SLF001
            # As the account's own: what is lost stays lost, the next request connects anew.
            auto_reconnect=False,
        )
        try:
            await sender.connect(
                client._connection(  # noqa: SLF001
                    dc.ip_address,
                    dc.port,
                    dc.id,
                    loggers=client._log,  # noqa: SLF001
                    proxy=client._proxy,  # noqa: SLF001
                )
            )
            if known is None:
                await self._log_in(dc_id, sender)
                await self._keys.keep(dc_id, bytes(sender.auth_key.key))
            else:
                self._count("help.getConfig")
                await sender.send(self._first(functions.help.GetConfigRequest()))
        except BaseException:
            await _end(sender)
            raise
        return sender

    async def _log_in(self, dc_id: int, sender: MTProtoSender) -> None:
        self._count("auth.exportAuthorization")
        handed = await self._client(functions.auth.ExportAuthorizationRequest(dc_id))
        self._count("auth.importAuthorization")
        await sender.send(
            self._first(functions.auth.ImportAuthorizationRequest(handed.id, handed.bytes))
        )

    def _first(self, query: Any) -> Any:
        """What a connection begins with (https://core.telegram.org/api/invoking#saving-client-info)."""
        init = copy.copy(self._client._init_request)  # noqa: SLF001
        init.query = query
        return functions.InvokeWithLayerRequest(LAYER, init)


async def _end(sender: MTProtoSender) -> None:
    with suppress(Exception):
        async with asyncio.timeout(_CLOSE_TIMEOUT):
            await sender.disconnect()
    with suppress(Exception):
        # Collects the error that ended the connection, which asyncio would log otherwise.
        if sender.disconnected.done():
            await sender.disconnected

"""Telethon's connections, by road and proxy, which send nothing that must not be sent."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from telethon.network import (
    ConnectionTcpAbridged,
    ConnectionTcpFull,
    ConnectionTcpIntermediate,
    ConnectionTcpMTProxyIntermediate,
    ConnectionTcpMTProxyRandomizedIntermediate,
    ConnectionTcpObfuscated,
)
from telethon.network.connection import tcpmtproxy

from ingestion.errors import TransientError
from ingestion.sources.mtproto import fake_tls
from ingestion.sources.mtproto.roads import PORTS, ProxyServer, Road, Secret, mtproxy_secret

_TRANSPORTS: Final[dict[str, Any]] = {
    "full": ConnectionTcpFull,
    "abridged": ConnectionTcpAbridged,
    "intermediate": ConnectionTcpIntermediate,
    "obfuscated": ConnectionTcpObfuscated,
}


def connection(
    road: Road, proxy: ProxyServer | None = None, may_send: Callable[[], bool] = lambda: True
) -> tuple[Any, Any]:
    """The class of a connection, and what Telethon wants as its `proxy`."""
    if proxy is None:
        return _guarded(_TRANSPORTS[road.transport], road, None, may_send), None
    if proxy.kind != "mtproxy":
        # Telethon asks only whether there is one: `_proxy_connect` below knows it.
        return _guarded(_TRANSPORTS[road.transport], road, proxy, may_send), (proxy.kind,)
    secret = mtproxy_secret(proxy.secret)
    base: Any = ConnectionTcpMTProxyIntermediate
    if secret.padded:
        base = ConnectionTcpMTProxyRandomizedIntermediate
    if secret.domain:
        base = _disguised(secret)
    return _guarded(base, road, proxy, may_send), (proxy.connects_to, proxy.port, secret.key.hex())


def _disguised(secret: Secret) -> type[Any]:
    class Disguised(ConnectionTcpMTProxyRandomizedIntermediate):  # type: ignore[misc] # untyped
        """Through an MTProxy that pretends to be a website."""

        async def _connect(self, timeout: float | None = None, ssl: Any = None) -> None:  # noqa: ARG002, ASYNC109 - Telethon's signature
            async with asyncio.timeout(timeout):
                reader, writer = await asyncio.open_connection(self._ip, self._port)
                try:
                    await fake_tls.shake_hands(reader, writer, secret.key, secret.domain)
                except BaseException:
                    writer.close()
                    raise
                self._reader = fake_tls.RecordReader(reader)
                self._writer = fake_tls.RecordWriter(writer)
                self._codec = self.packet_codec(self)
                self._init_conn()
                await self._writer.drain()

    return Disguised


def _guarded(
    base: Any, road: Road, through: ProxyServer | None, may_send: Callable[[], bool]
) -> type[Any]:
    class Guarded(base):  # type: ignore[misc] # telethon is untyped
        """One of Telethon's connections, which ends instead of sending what must not be sent."""

        def __init__(self, ip: str, port: int, dc_id: int, **options: Any) -> None:
            # Another port of Telegram's own; other servers have the one that they are said to have.
            super().__init__(ip, road.port if port in PORTS else port, dc_id, **options)

        def _send(self, data: bytes) -> None:
            if not may_send():
                error = ConnectionAbortedError("the session is no longer ours")
                # Whoever waits for an answer hears of it: Telethon tells the sending side only.
                self._recv_queue.put_nowait((None, error))
                raise error
            super()._send(data)

        async def _proxy_connect(self, timeout: float | None = None, local_addr: Any = None) -> Any:  # noqa: ARG002, ASYNC109 - Telethon's signature
            """Telethon's own changes the library's errors for the whole process."""
            assert through is not None  # noqa: S101, Telethon asks for a proxy only where there is one
            return await open_through(through, self._ip, self._port, timeout)

        @staticmethod
        def normalize_secret(secret: str) -> bytes:
            """As it is: Telethon's would take a secret that happens to begin with dd for another."""
            return bytes.fromhex(secret)

        async def _connect(self, timeout: float | None = None, ssl: Any = None) -> None:  # noqa: ASYNC109 - Telethon's signature
            """Without the two seconds in which Telethon listens whether an MTProxy hangs up."""
            above: Any = Guarded
            if base._connect is tcpmtproxy.TcpMTProxy._connect:  # noqa: SLF001
                above = tcpmtproxy.TcpMTProxy
            await super(above, self)._connect(timeout=timeout, ssl=ssl)

    return Guarded


async def open_through(
    proxy: ProxyServer,
    host: str,
    port: int,
    timeout: float | None,  # noqa: ASYNC109 - as Telethon calls it
) -> Any:
    """A socket to somewhere through a SOCKS5 or HTTP proxy. TransientError when it refuses."""
    import python_socks  # noqa: PLC0415, few connections need it
    from python_socks.async_.asyncio import Proxy  # noqa: PLC0415

    made = Proxy(
        python_socks.ProxyType.SOCKS5 if proxy.kind == "socks5" else python_socks.ProxyType.HTTP,
        proxy.connects_to,
        proxy.port,
        proxy.username or None,
        proxy.password or None,
    )
    try:
        return await made.connect(dest_host=host, dest_port=port, timeout=timeout)
    except python_socks.ProxyError as error:
        raise TransientError(
            "PROXY_REFUSED",
            "The proxy %(proxy)s refused to connect to Telegram: %(error)s.",
            "Check its user name and password, and whether it may connect to Telegram.",
            proxy=f"{proxy.host}:{proxy.port}",
            error=str(error),
        ) from error
    except (python_socks.ProxyTimeoutError, python_socks.ProxyConnectionError, OSError) as error:
        raise TransientError(
            "PROXY_UNREACHABLE",
            "The proxy %(proxy)s could not be reached.",
            "Check its address and port, and whether it is running.",
            proxy=f"{proxy.host}:{proxy.port}",
        ) from error


async def plain_answer(connection: Any, packet: bytes, timeout: float) -> bytes:  # noqa: ASYNC109
    """Send one packet on a connection of its own and return the first that comes."""
    try:
        async with asyncio.timeout(timeout):
            await connection.connect(timeout=timeout)
            await connection.send(packet)
            return bytes(await connection.recv())
    finally:
        await connection.disconnect()

"""Small proxies on this machine, which pass on what they are sent."""

import asyncio
import base64
import hmac
import os
import socket
import struct
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self, TypeAlias

from telethon.network.connection.tcpobfuscated import ObfuscatedIO

from sandbox.mtproto.framing import ciphers

Reader: TypeAlias = asyncio.StreamReader
Writer: TypeAlias = asyncio.StreamWriter
USER, PASSWORD = "vera", "p:ss w0rd"


@dataclass
class RunningProxy:
    """A server in a thread of its own; `seen` are the addresses that it was asked for."""

    serve: Callable[["RunningProxy", Reader, Writer], Awaitable[None]]
    seen: list[tuple[str, int]] = field(default_factory=list)
    port: int = 0
    host: str = "127.0.0.1"

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    def _work(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._run())
        self._loop.close()

    async def _run(self) -> None:
        lines: set[asyncio.Task[None]] = set()

        async def one(reader: Reader, writer: Writer) -> None:
            task = asyncio.current_task()
            assert task
            lines.add(task)
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self.serve(self, reader, writer)
            writer.close()

        server = await asyncio.start_server(one, self.host, 0)
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._over.wait()
        server.close()
        for task in lines:
            task.cancel()
        await asyncio.gather(*lines, return_exceptions=True)
        await asyncio.sleep(0)


async def _pipe(reader: Reader, writer: Writer, change: Callable[[bytes], bytes]) -> None:
    while data := await reader.read(65_536):
        writer.write(change(data))
        await writer.drain()


async def _join(
    client: tuple[Reader, Writer],
    server: tuple[Reader, Writer],
    up: Callable[[bytes], bytes] = bytes,
    down: Callable[[bytes], bytes] = bytes,
) -> None:
    both = [
        asyncio.ensure_future(_pipe(client[0], server[1], up)),
        asyncio.ensure_future(_pipe(server[0], client[1], down)),
    ]
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in both:
            task.cancel()
        server[1].close()


async def socks5(proxy: RunningProxy, reader: Reader, writer: Writer) -> None:
    """RFC 1928 with a user name and a password (RFC 1929)."""
    _, count = await reader.readexactly(2)
    await reader.readexactly(count)
    writer.write(b"\x05\x02")
    _, size = await reader.readexactly(2)
    user = await reader.readexactly(size)
    password = await reader.readexactly((await reader.readexactly(1))[0])
    right = (user.decode(), password.decode()) == (USER, PASSWORD)
    writer.write(b"\x01" + (b"\x00" if right else b"\x01"))
    if not right:
        return
    _, _, _, kind = await reader.readexactly(4)
    assert kind == 1, "an IPv4 address"
    host = socket.inet_ntoa(await reader.readexactly(4))
    (port,) = struct.unpack(">H", await reader.readexactly(2))
    proxy.seen.append((host, port))
    there = await asyncio.open_connection(host, port)
    writer.write(b"\x05\x00\x00\x01" + bytes(6))
    await _join((reader, writer), there)


async def http(proxy: RunningProxy, reader: Reader, writer: Writer) -> None:
    """CONNECT (RFC 9110, 9.3.6) with Basic credentials."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    wanted = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    if f"Basic {wanted}" not in head:
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
        await writer.drain()
        return
    host, _, port = head.split()[1].rpartition(":")
    proxy.seen.append((host, int(port)))
    there = await asyncio.open_connection(host, int(port))
    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    await _join((reader, writer), there)


def mtproxy(secret: bytes, host: str, port: int) -> Callable[..., Awaitable[None]]:
    """What an MTProxy does: what came under its secret goes on without one.

    https://core.telegram.org/mtproto/mtproto-transports#transport-obfuscation
    """

    async def serve(proxy: RunningProxy, reader: Reader, writer: Writer) -> None:
        head = await reader.readexactly(64)
        decrypt, encrypt = ciphers(head, secret)
        plain = bytes(decrypt.encrypt(head))
        (dc,) = struct.unpack_from("<h", plain, 60)
        proxy.seen.append((plain[56:60].hex(), dc))
        there = await asyncio.open_connection(host, port)

        class Codec:
            obfuscate_tag = plain[56:60]

        begin, to_server, from_server = ObfuscatedIO.init_header(Codec)
        there[1].write(bytes(begin))
        await _join(
            (reader, writer),
            there,
            lambda data: bytes(to_server.encrypt(bytes(decrypt.encrypt(data)))),
            lambda data: bytes(encrypt.encrypt(bytes(from_server.encrypt(data)))),
        )

    return serve


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack(">BHH", kind, 0x0303, len(data)) + data


def disguised(secret: bytes, domain: bytes, host: str, port: int) -> Callable[..., Awaitable[None]]:
    """The same behind what looks like TLS 1.3 with a website; strangers are told nothing.

    https://github.com/tdlib/td/blob/master/td/mtproto/TlsInit.cpp, from the other side.
    """

    async def serve(proxy: RunningProxy, reader: Reader, writer: Writer) -> None:
        hello = bytearray(await reader.readexactly(517))
        signed = bytes(hello[11:43])
        session = bytes(hello[44 : 44 + hello[43]])
        hello[11:43] = bytes(32)
        right = hmac.digest(secret, hello, "sha256")
        (sent,) = struct.unpack("<I", bytes(a ^ b for a, b in zip(signed, right, strict=True))[28:])
        if signed[:28] != right[:28] or abs(sent - time.time()) > 120 or domain not in hello:
            return
        share = b"\x00\x33\x00\x24\x00\x1d\x00\x20" + os.urandom(32) + b"\x00\x2b\x00\x02\x03\x04"
        body = b"\x03\x03" + bytes(32) + b"\x20" + session + b"\x13\x01\x00" + struct.pack(">H", 46)
        body += share
        answer = bytearray(_record(0x16, b"\x02" + len(body).to_bytes(3, "big") + body))
        answer += _record(0x14, b"\x01") + _record(0x17, os.urandom(1500))
        answer[11:43] = hmac.digest(secret, signed + answer, "sha256")
        writer.write(bytes(answer))

        inner = asyncio.StreamReader()

        async def unwrap() -> None:
            with suppress(asyncio.IncompleteReadError, OSError):
                while True:
                    kind, _, size = struct.unpack(">BHH", await reader.readexactly(5))
                    data = await reader.readexactly(size)
                    if kind == 0x17:
                        inner.feed_data(data)
            inner.feed_eof()

        class Wrapping:
            def write(self, data: bytes) -> None:
                for at in range(0, len(data), 1000):  # smaller than what a packet is
                    writer.write(_record(0x17, data[at : at + 1000]))

            async def drain(self) -> None:
                await writer.drain()

        reading = asyncio.ensure_future(unwrap())
        try:
            await mtproxy(secret, host, port)(proxy, inner, Wrapping())
        finally:
            reading.cancel()

    return serve


def firewall(host: str, port: int) -> Callable[..., Awaitable[None]]:
    """A network that lets nothing through that it recognises: only what is obfuscated."""

    async def serve(proxy: RunningProxy, reader: Reader, writer: Writer) -> None:
        head = await reader.readexactly(8)
        known = head[:1] == b"\xef" or head[:4] in {b"\xee" * 4, b"\xdd" * 4} or not any(head[4:])
        proxy.seen.append(("known" if known else "obfuscated", port))
        if known:
            return
        there = await asyncio.open_connection(host, port)
        there[1].write(head)
        await _join((reader, writer), there)

    return serve


def passing(host: str, port: int) -> Callable[..., Awaitable[None]]:
    """Hands on what comes as it is."""

    async def serve(proxy: RunningProxy, reader: Reader, writer: Writer) -> None:
        proxy.seen.append((str(writer.get_extra_info("peername")[0]), port))
        await _join((reader, writer), await asyncio.open_connection(host, port))

    return serve


async def silent(proxy: RunningProxy, reader: Reader, _: Writer) -> None:
    """Takes everything and answers nothing."""
    proxy.seen.append(("", 0))
    await reader.read()


def free_port() -> int:
    """One that nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


SECRET = os.urandom(16)

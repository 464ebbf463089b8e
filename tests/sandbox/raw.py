"""A client for tests of the protocol itself: says exactly what it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import os
import struct
import time
from hashlib import sha1, sha256
from typing import TYPE_CHECKING, Any, Self
from zlib import crc32

import cryptg
from telethon.extensions import BinaryReader
from telethon.sessions import StringSession

if TYPE_CHECKING:
    from sandbox.testing import SandboxProcess

TIMEOUT = 5


class RawClient:
    """One connection under an auth key of its own."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def __init__(self, key: bytes) -> None:
        self.key = key
        self.session_id = int.from_bytes(os.urandom(8), "little", signed=True)
        self.salt = 0
        self._packets = 0
        self._content = 0
        self._last = 0

    @classmethod
    async def open(cls, sandbox: SandboxProcess, session: str | None = None) -> Self:
        string = StringSession(session or sandbox.session_string())
        made = cls(string.auth_key.key)
        made.reader, made.writer = await asyncio.open_connection(sandbox.host, sandbox.port)
        return made

    def new_id(self) -> int:
        self._last = max(self._last + 4, (time.time_ns() << 32) // 10**9 & ~3)
        return self._last

    def seqno(self, *, content: bool = True) -> int:
        number = self._content * 2 + content
        self._content += content
        return number

    async def send(self, body: bytes, msg_id: int | None = None, seqno: int | None = None) -> int:
        """Sends a message; the result is its id."""
        msg_id = self.new_id() if msg_id is None else msg_id
        seqno = self.seqno() if seqno is None else seqno
        head = struct.pack("<qqqii", self.salt, self.session_id, msg_id, seqno, len(body))
        plain = head + body
        plain += os.urandom(12 + -(len(plain) + 12) % 16)
        msg_key = sha256(self.key[88:120] + plain).digest()[8:24]
        key, iv = self._aes(msg_key, 0)
        key_id = sha1(self.key).digest()[-8:]
        await self.packet(key_id + msg_key + cryptg.encrypt_ige(plain, key, iv))
        return msg_id

    async def packet(self, payload: bytes, *, spoil: int = 0) -> None:
        data = struct.pack("<ii", len(payload) + 12, self._packets) + payload
        self._packets += 1
        self.writer.write(data + struct.pack("<I", crc32(data) ^ spoil))
        await self.writer.drain()

    async def payload(self) -> bytes:
        """The payload of the next packet; b'' when the connection has ended."""
        try:
            head = await asyncio.wait_for(self.reader.readexactly(8), TIMEOUT)
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""
        length, _ = struct.unpack("<ii", head)
        rest = await self.reader.readexactly(length - 8)
        assert crc32(head + rest[:-4]) == int.from_bytes(rest[-4:], "little")
        return rest[:-4]

    async def receive(self) -> tuple[int, int, Any]:
        """The next message: id, seqno, object (an rpc_result's body is read, too)."""
        packet = await self.payload()
        msg_key = packet[8:24]
        key, iv = self._aes(msg_key, 8)
        plain = bytes(cryptg.decrypt_ige(packet[24:], key, iv))
        assert sha256(self.key[96:128] + plain).digest()[8:24] == msg_key
        _, session_id, msg_id, seqno, length = struct.unpack_from("<qqqii", plain)
        assert session_id == self.session_id
        return msg_id, seqno, BinaryReader(plain[32 : 32 + length]).tgread_object()

    async def get(self, kind: type[Any]) -> Any:
        """The next message of a kind; others before it are skipped."""
        while True:
            _, _, obj = await self.receive()
            if isinstance(obj, kind):
                return obj

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()

    def _aes(self, msg_key: bytes, x: int) -> tuple[bytes, bytes]:
        a = sha256(msg_key + self.key[x : x + 36]).digest()
        b = sha256(self.key[x + 40 : x + 76] + msg_key).digest()
        return a[:8] + b[8:24] + a[24:32], b[:8] + a[8:24] + b[24:32]

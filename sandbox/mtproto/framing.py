"""TCP transports (https://core.telegram.org/mtproto/mtproto-transports)."""

from __future__ import annotations

import hashlib
import secrets
import struct
from typing import TYPE_CHECKING, Protocol
from zlib import crc32

from telethon.crypto import AESModeCTR

if TYPE_CHECKING:
    import asyncio

MAX_PACKET = 1 << 21
ABRIDGED, INTERMEDIATE, PADDED = b"\xef", b"\xee" * 4, b"\xdd" * 4


class FramingError(ConnectionError):
    """What came is no packet of this transport."""


class Reader(Protocol):
    """Where bytes come from: a socket, or what decrypts one."""

    async def readexactly(self, count: int, /) -> bytes:
        """So many bytes; IncompleteReadError when the client is gone."""


class Transport(Protocol):
    """Reads and makes packets."""

    #: As tests and the log call it.
    name: str

    async def read(self) -> bytes:
        """The payload of the next packet; IncompleteReadError when the client is gone."""

    def packet(self, payload: bytes) -> bytes:
        """A packet around a payload."""


async def detect(reader: asyncio.StreamReader) -> Transport:
    """The transport that a client speaks, by what it begins with.

    Whatever is none of the tags and has a number other than 0 in its second four bytes begins an
    obfuscated connection: a full one has its first packet's number there.
    https://core.telegram.org/mtproto/mtproto-transports#transport-obfuscation
    """
    head = await reader.readexactly(1)
    if head == ABRIDGED:
        return Abridged(reader)
    head += await reader.readexactly(3)
    if head in {INTERMEDIATE, PADDED}:
        return Intermediate(reader, padded=head == PADDED)
    head += await reader.readexactly(4)
    if head[4:] == bytes(4):
        return Full(reader, head)
    return Obfuscated(reader, head + await reader.readexactly(56))


def _checked(length: int) -> int:
    if not 0 < length <= MAX_PACKET:
        raise FramingError(f"a packet of {length} bytes")
    return length


class Full:
    """Length, sequence number, payload, CRC-32."""

    name = "full"

    def __init__(self, reader: Reader, head: bytes = b"") -> None:
        self._reader = reader
        self._head = head
        self._received = 0
        self._sent = 0

    async def read(self) -> bytes:
        head, self._head = self._head or await self._reader.readexactly(8), b""
        length, number = struct.unpack("<ii", head)
        if not 12 <= length <= MAX_PACKET:
            raise FramingError(f"a packet of {length} bytes")
        if number != self._received:
            raise FramingError(f"packet {number} came instead of {self._received}")
        self._received += 1
        rest = await self._reader.readexactly(length - 8)
        if crc32(rest[:-4], crc32(head)) != int.from_bytes(rest[-4:], "little"):
            raise FramingError("the checksum of a packet is wrong")
        return rest[:-4]

    def packet(self, payload: bytes) -> bytes:
        data = struct.pack("<ii", len(payload) + 12, self._sent) + payload
        self._sent += 1
        return data + struct.pack("<I", crc32(data))


class Abridged:
    """The length in words in one byte, or 0x7f and three bytes."""

    name = "abridged"

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def read(self) -> bytes:
        words = (await self._reader.readexactly(1))[0]
        if words == 0x7F:
            words = int.from_bytes(await self._reader.readexactly(3), "little")
        return await self._reader.readexactly(_checked(words * 4))

    def packet(self, payload: bytes) -> bytes:
        words = len(payload) // 4
        if words < 0x7F:
            return bytes([words]) + payload
        return b"\x7f" + words.to_bytes(3, "little") + payload


class Intermediate:
    """The length in four bytes; padded ones end with up to 15 bytes that mean nothing."""

    def __init__(self, reader: Reader, *, padded: bool) -> None:
        self._reader = reader
        self._padded = padded
        self.name = "padded" if padded else "intermediate"

    async def read(self) -> bytes:
        (length,) = struct.unpack("<i", await self._reader.readexactly(4))
        packet = await self._reader.readexactly(_checked(length))
        if self._padded and packet[:8] != bytes(8):
            # an encrypted message: key id, key, and whole blocks of 16 bytes
            packet = packet[: 24 + (len(packet) - 24) // 16 * 16]
        return packet

    def packet(self, payload: bytes) -> bytes:
        if self._padded:
            payload += secrets.token_bytes(secrets.randbelow(4))
        return struct.pack("<i", len(payload)) + payload


class _Decrypting:
    def __init__(self, reader: Reader, cipher: AESModeCTR) -> None:
        self._reader = reader
        self._cipher = cipher

    async def readexactly(self, count: int) -> bytes:
        return bytes(self._cipher.encrypt(await self._reader.readexactly(count)))


def ciphers(head: bytes, secret: bytes = b"") -> tuple[AESModeCTR, AESModeCTR]:
    """What decrypts what a client sends after its 64 bytes, and what encrypts for it.

    With the secret of an MTProxy (16 bytes) the keys are hashed together with it.
    """

    def made(part: bytes) -> AESModeCTR:
        key = hashlib.sha256(part[:32] + secret).digest() if secret else part[:32]
        return AESModeCTR(key, part[32:48])

    return made(head[8:56]), made(head[55:7:-1])


class Obfuscated:
    """One of the other transports behind AES-CTR, with keys in the first 64 bytes."""

    def __init__(self, reader: Reader, head: bytes) -> None:
        decrypt, self._encrypt = ciphers(head)
        plain = bytes(decrypt.encrypt(head))
        inside, tag = _Decrypting(reader, decrypt), plain[56:60]
        self._inner: Transport
        if tag == ABRIDGED * 4:
            self._inner = Abridged(inside)
        elif tag in {INTERMEDIATE, PADDED}:
            self._inner = Intermediate(inside, padded=tag == PADDED)
        else:
            raise FramingError("what came is no transport")
        self.name = f"obfuscated {self._inner.name}"

    async def read(self) -> bytes:
        return await self._inner.read()

    def packet(self, payload: bytes) -> bytes:
        return bytes(self._encrypt.encrypt(self._inner.packet(payload)))

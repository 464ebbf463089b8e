"""The full TCP transport (https://core.telegram.org/mtproto/mtproto-transports#full)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    import asyncio

MAX_PACKET = 1 << 21


class FramingError(ConnectionError):
    """What came is no packet of this transport."""


class FullTransport:
    """Reads and makes packets: length, sequence number, payload, CRC-32."""

    def __init__(self) -> None:
        self._received = 0
        self._sent = 0

    async def read(self, reader: asyncio.StreamReader) -> bytes:
        """The payload of the next packet; IncompleteReadError when the client is gone."""
        head = await reader.readexactly(8)
        length, number = struct.unpack("<ii", head)
        if not 12 <= length <= MAX_PACKET:
            raise FramingError(f"a packet of {length} bytes")
        if number != self._received:
            raise FramingError(f"packet {number} came instead of {self._received}")
        self._received += 1
        rest = await reader.readexactly(length - 8)
        if crc32(rest[:-4], crc32(head)) != int.from_bytes(rest[-4:], "little"):
            raise FramingError("the checksum of a packet is wrong")
        return rest[:-4]

    def packet(self, payload: bytes) -> bytes:
        """A packet with the next sequence number around a payload."""
        data = struct.pack("<ii", len(payload) + 12, self._sent) + payload
        self._sent += 1
        return data + struct.pack("<I", crc32(data))

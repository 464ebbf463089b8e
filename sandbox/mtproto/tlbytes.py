"""Bits of TL that are needed below the level of objects.

https://core.telegram.org/mtproto/serialize
"""

from __future__ import annotations

import struct

GZIP_PACKED = 0x3072CFA1
CONTAINER = 0x73F1F8DC
RPC_RESULT = 0xF35C6D01
RPC_ERROR = 0x2144CA19
VECTOR = 0x1CB5C415


def int_bytes(number: int) -> bytes:
    """A natural number, big-endian, without leading zeros."""
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def tl_bytes(data: bytes) -> bytes:
    """A bare ``bytes``: length, data, padding to four."""
    head = bytes((len(data),)) if len(data) < 254 else b"\xfe" + struct.pack("<I", len(data))[:3]
    padding = -(len(head) + len(data)) % 4
    return head + data + b"\0" * padding


def constructor(data: bytes) -> int:
    """The constructor number that boxed data begins with."""
    return int.from_bytes(data[:4], "little")

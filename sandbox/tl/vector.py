"""Answers that Telethon has no class for: bare lists and truth values."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

TRUE = struct.pack("<I", 0x997275B5)


def vector(items: Iterable[Any]) -> bytes:
    """``Vector<T>`` of boxed objects (https://core.telegram.org/mtproto/serialize)."""
    parts = [item._bytes() for item in items]  # noqa: SLF001 - Telethon's own protocol
    return struct.pack("<Ii", 0x1CB5C415, len(parts)) + b"".join(parts)

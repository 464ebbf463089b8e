"""The bytes of documents: real ones where a browser looks inside, made from a number.

HTML and SVG hold a script, which must never run in anybody's page; a JPEG that was sent as a file
holds EXIF with a place, which nobody must be shown.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

from sandbox.tl import images

if TYPE_CHECKING:
    from sandbox.world.model import Media

BLOCK = 4_096
#: Latitude and longitude of the picture that tells where it was taken.
PLACE = (57, 9, 2)
_MAGIC = {
    "application/pdf": b"%PDF-1.4\n",
    "video/mp4": b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom",
    "audio/ogg": b"OggS\x00\x02",
    "audio/mpeg": b"ID3\x04\x00\x00",
    "image/webp": b"RIFF\x00\x00\x00\x00WEBPVP8 ",
    "text/csv": b"id,name\r\n",
}


def identity(media: Media) -> int:
    """What the bytes are made from: files with the same are the same, whatever their ids."""
    return media.seed or media.id


def read(media: Media, offset: int, limit: int) -> bytes:
    """A part of a document."""
    end = min(media.size, offset + limit)
    if offset >= end:
        return b""
    head = beginning(identity(media), media.mime, media.size)
    first, last = offset // BLOCK, (end + BLOCK - 1) // BLOCK
    data = b"".join(_block(media, head, number) for number in range(first, last))
    return data[offset - first * BLOCK : end - first * BLOCK]


def sha256(media: Media) -> str:
    """Hexadecimal, of all of a document."""
    made = hashlib.sha256()
    for offset in range(0, media.size, 1 << 20):
        made.update(read(media, offset, 1 << 20))
    return made.hexdigest()


def _block(media: Media, head: bytes, number: int) -> bytes:
    own = head[number * BLOCK : (number + 1) * BLOCK]
    if media.mime.startswith(("text/", "image/svg")):
        return own.ljust(BLOCK, b" ")
    if len(own) == BLOCK:
        return own
    return own + hashlib.shake_128(f"{identity(media)}:{number}".encode()).digest(BLOCK - len(own))


@lru_cache(maxsize=64)
def beginning(seed: int, mime: str, size: int) -> bytes:
    """A whole small file of its type, or what one begins with; what follows counts for nothing."""
    makers = {
        "image/png": _png,
        "image/gif": _gif,
        "image/jpeg": _jpeg,
        "image/svg+xml": _svg,
        "text/html": _html,
        "text/plain": _text,
    }
    make = makers.get(mime)
    made = make(seed) if make else _MAGIC.get(mime, b"")
    return made[:size]


def _text(seed: int) -> bytes:
    return f"Tide table {seed}\nHigh water 04:12\n".encode()


def _html(seed: int) -> bytes:
    return (
        b"<!DOCTYPE html><title>x</title><script>window.name='ran';"
        b"fetch('/settings/');document.title='ran'</script><h1>%d</h1>" % seed
    )


def _svg(seed: int) -> bytes:
    return (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" '
        b"onload=\"document.title='ran'\"><script>document.title='ran'</script>"
        b"<text>%d</text></svg>" % seed
    )


def _png(seed: int) -> bytes:
    """See https://www.w3.org/TR/png-3/#4Concepts.FormatChunks."""
    width, height = 96, 64
    red, green, blue = hashlib.blake2b(seed.to_bytes(9, "little"), digest_size=3).digest()
    row = b"\0" + bytes((red, green, blue)) * width
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            _chunk(b"IDAT", zlib.compress(row * height)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _gif(seed: int) -> bytes:
    """One pixel of a colour, 1 by 1 (https://www.w3.org/Graphics/GIF/spec-gif89a.txt)."""
    colour = hashlib.blake2b(seed.to_bytes(9, "little"), digest_size=3).digest()
    return (
        b"GIF89a\x01\x00\x01\x00\x80\x00\x00" + colour + b"\xff\xff\xff"
        b"\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00\x3b"
    )


def _jpeg(seed: int) -> bytes:
    """A photo with EXIF that says where it was taken (https://www.cipa.jp/std/documents/e/DC-008)."""
    plain = images.jpeg(seed, 320, 240)
    degrees = struct.pack("<6I", PLACE[0], 1, PLACE[1], 1, PLACE[2], 1)
    gps_at = 8 + 2 + 12 + 4
    place_at = gps_at + 2 + 2 * 12 + 4
    tiff = b"".join(
        (
            b"II*\0" + struct.pack("<I", 8),
            struct.pack("<HHHII", 1, 0x8825, 4, 1, gps_at) + b"\0\0\0\0",
            struct.pack("<H", 2),
            struct.pack("<HHI4s", 1, 2, 2, b"N\0\0\0"),
            struct.pack("<HHII", 2, 5, 3, place_at),
            b"\0\0\0\0",
            degrees,
        )
    )
    exif = b"Exif\0\0" + tiff
    return plain[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + plain[2:]

"""Small real JPEGs, made from a number: bands of colour, decodable by anything.

Telegram's stripped thumbnails are JPEGs without their header, which every client has
(https://core.telegram.org/api/files#stripped-thumbnails). The same header serves the
photos themselves: 4:2:0, standard Huffman tables, so that a flat macroblock is exactly
four bytes.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from telethon.utils import stripped_photo_to_jpg

_FLAT = "001010" * 4 + "0000" * 2  # differences of 0 and ends of block, six times
_LUMA = ("00", "010", "011", "100", "101", "110", "1110")
_CHROMA = ("00", "01", "10", "110", "1110", "11110", "111110")
_HEADER = len(stripped_photo_to_jpg(b"\x01\x10\x10")) - 2


def stripped(seed: int, width: int, height: int) -> bytes:
    """A stripped thumbnail at most 40 pixels wide or high."""
    scale = 40 / max(width, height)
    small_w, small_h = max(16, int(width * scale)), max(16, int(height * scale))
    return bytes((1, small_h, small_w)) + _bands(seed, small_w, small_h)


def jpeg_size(seed: int, width: int, height: int) -> int:
    """How many bytes `jpeg` returns, known without making it."""
    columns, rows = (width + 15) // 16, (height + 15) // 16
    return _HEADER + 2 + columns * rows * 4 + rows * 24 + 64 + seed % 509


@lru_cache(maxsize=64)
def jpeg(seed: int, width: int, height: int) -> bytes:
    """A whole photo; the rest up to its size follows the end of the image."""
    data = bytearray(stripped_photo_to_jpg(b"\x01\x10\x10" + _bands(seed, width, height)))
    data[163:165] = height.to_bytes(2, "big")
    data[165:167] = width.to_bytes(2, "big")
    return bytes(data).ljust(jpeg_size(seed, width, height), b"\0")


def _bands(seed: int, width: int, height: int) -> bytes:
    """Entropy-coded data: each row of macroblocks has a colour on the way between two."""
    columns, rows = (width + 15) // 16, (height + 15) // 16
    ends = hashlib.shake_128((seed & (1 << 64) - 1).to_bytes(8, "little")).digest(6)
    top, bottom = ([value % 25 - 12 for value in part] for part in (ends[:3], ends[3:]))
    previous = [0, 0, 0]
    bits: list[str] = []
    for row in range(rows):
        now = [a + (b - a) * row // rows for a, b in zip(top, bottom, strict=True)]
        luma, blue, red = (now[i] - previous[i] for i in range(3))
        previous = now
        bits.append(_coded(luma, _LUMA) + "1010" + "001010" * 3)
        bits.append(_coded(blue, _CHROMA) + "00" + _coded(red, _CHROMA) + "00")
        bits.append(_FLAT * (columns - 1))
    text = "".join(bits)
    text += "1" * (-len(text) % 8)
    packed = int(text, 2).to_bytes(len(text) // 8, "big")
    return packed.replace(b"\xff", b"\xff\x00")


def _coded(difference: int, table: tuple[str, ...]) -> str:
    size = abs(difference).bit_length()
    if not size:
        return table[0]
    value = difference if difference > 0 else difference + (1 << size) - 1
    return table[size] + f"{value:0{size}b}"

"""Stripped thumbnails: Telegram sends the picture's data alone, every client knows the rest
(https://core.telegram.org/api/files#stripped-thumbnails).

They stand in the page itself as `data:` addresses: some 300 bytes each once the page is compressed,
less than what asking for one would cost.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

#: What every stripped thumbnail begins with after compression was undone, up to its data; the
#: two bytes at `_HEIGHT` and `_WIDTH` are its own.
_HEADER: Final = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKrarYqM"
    "yP/L2u71////m8H////6/+b9//j/2wBDASstLTw1PHZBQXb4pYyl+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4"
    "+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj/wAARCAAAAAADASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcI"
    "CQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRol"
    "JicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ip"
    "qrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAA"
    "AAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLR"
    "ChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaX"
    "mJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEA"
    "PwA="
)
_FOOTER: Final = b"\xff\xd9"
_HEIGHT: Final = 164
_WIDTH: Final = 166
#: A version byte, height and width stand before the data.
_OWN_HEADER: Final = 3
#: Some 40 by 40 pixels; more is none of Telegram's.
_MOST_BYTES: Final = 4_000
#: How high a thumbnail is shown, and between which widths (CSS pixels).
_SHOWN_HEIGHT: Final = 92
_SHOWN_WIDTHS: Final = (46, 184)


@dataclass(frozen=True, slots=True)
class Thumb:
    """`src` is a `data:` address; the size is that at which it is shown."""

    src: str
    width: int
    height: int


def jpeg(stripped: bytes) -> bytes | None:
    """The picture, or None where it is none."""
    if len(stripped) <= _OWN_HEADER or len(stripped) > _MOST_BYTES or stripped[0] != 1:
        return None
    header = bytearray(_HEADER)
    header[_HEIGHT], header[_WIDTH] = stripped[1], stripped[2]
    return bytes(header) + stripped[_OWN_HEADER:] + _FOOTER


def thumbnail(meta: Mapping[str, Any] | None, *, covered: bool = False) -> Thumb | None:
    """Of a message's `media_meta`; none of what its sender covered, but where it stays so."""
    text = (meta or {}).get("thumb")
    if meta is None or not isinstance(text, str) or (meta.get("spoiler") and not covered):
        return None
    try:
        picture = jpeg(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return None
    if picture is None:
        return None
    width, height = meta.get("width"), meta.get("height")
    known = isinstance(width, int) and isinstance(height, int) and width > 0 and height > 0
    ratio = width / height if known and width and height else 1.0
    shown = min(max(round(_SHOWN_HEIGHT * ratio), _SHOWN_WIDTHS[0]), _SHOWN_WIDTHS[1])
    address = "data:image/jpeg;base64," + base64.b64encode(picture).decode("ascii")
    return Thumb(address, shown, _SHOWN_HEIGHT)

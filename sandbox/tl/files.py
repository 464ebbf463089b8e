"""File references and the bytes of files.

A reference is made anew for every answer and is only good for a while
(https://core.telegram.org/api/file-references). Message bytes are kept with a mark in
its place; `FileReferences.fill` puts a fresh one over each mark.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
import time
from typing import TYPE_CHECKING

from sandbox.tl import content, images

if TYPE_CHECKING:
    from sandbox.world.model import Media

MARK = b"<file reference here!!!>"
SIZES = (("m", 320), ("x", 800), ("y", 1280))
# of pictures of channels: <https://core.telegram.org/api/files#image-thumbnail-types>
CHAT_SIZES = (("a", 160), ("b", 320), ("c", 640))
_LIMITS = dict(SIZES + CHAT_SIZES)


class FileReferences:
    """Makes references, and tells whether one is ours and still good."""

    def __init__(self, secret: bytes, *, seconds: int = 7_200) -> None:
        self._key = hashlib.sha256(b"file references" + secret).digest()
        self._count = 0
        self.seconds = seconds

    def fresh(self) -> bytes:
        """A reference that was never given before."""
        self._count += 1
        head = struct.pack(
            "<BIQ", 2, int(time.time()), (time.time_ns() + self._count) & (1 << 63) - 1
        )
        return head + self._sign(head)

    def fill(self, data: bytes) -> bytes:
        """The bytes with one fresh reference over every mark."""
        return data.replace(MARK, self.fresh())

    def check(self, reference: bytes) -> str | None:
        """The error, or None when good: <https://core.telegram.org/api/file-references>."""
        head, signature = reference[:13], reference[13:]
        if len(reference) != len(MARK) or not hmac.compare_digest(self._sign(head), signature):
            return "FILE_REFERENCE_INVALID" if reference else "FILE_REFERENCE_EMPTY"
        (made,) = struct.unpack_from("<I", head, 1)
        return "FILE_REFERENCE_EXPIRED" if time.time() - made > self.seconds else None

    def _sign(self, head: bytes) -> bytes:
        return hmac.digest(self._key, head, "sha256")[: len(MARK) - 13]


def photo_size(media: Media, letter: str) -> tuple[int, int]:
    """Width and height of one size of a photo or of a thumbnail."""
    limit = _LIMITS[letter]
    scale = min(1.0, limit / max(media.width, media.height, 1))
    return max(16, int(media.width * scale)), max(16, int(media.height * scale))


def photo_letters(media: Media) -> list[str]:
    """The sizes that a photo has: `y` only when it is larger than 800."""
    return [name for name, limit in SIZES if limit <= 800 or max(media.width, media.height) > 800]


def read(media: Media, thumb: str, offset: int, limit: int) -> bytes | None:
    """A part of a file; None when there is no such file or size."""
    if media.kind in {"photo", "webpage"} or thumb:
        if thumb not in _LIMITS:
            return None
        return images.jpeg(content.identity(media), *photo_size(media, thumb))[
            offset : offset + limit
        ]
    return content.read(media, offset, limit)

"""What a file is, from its first bytes: what its sender said of it counts for nothing.

https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern and the sections after it.
"""

from typing import Final

#: Bytes that are enough to tell.
HEAD: Final = 512

_OTHER: Final = "application/octet-stream"

_MAGIC: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"OggS\x00", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
)
#: Of ISO media files, by their brand (https://mp4ra.org/registered-types/brands).
_BRANDS: Final = {b"M4A ": "audio/mp4", b"avif": "image/avif", b"heic": "image/heic"}
_MARKUP: Final = (
    (b"<!doctype html", "text/html"),
    (b"<html", "text/html"),
    (b"<script", "text/html"),
    (b"<body", "text/html"),
    (b"<svg", "image/svg+xml"),
    (b"<?xml", "text/xml"),
)


def sniff(head: bytes) -> str:
    """The type of a file that begins with these bytes."""
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12], _OTHER)
    for magic, mime in _MAGIC:
        if head.startswith(magic):
            return mime
    return _text(head)


def _text(head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    lowered = start[:256].lower()
    for mark, mime in _MARKUP:
        if lowered.startswith(mark):
            return "image/svg+xml" if mime == "text/xml" and b"<svg" in lowered else mime
    if not start or any(byte < 9 or 13 < byte < 32 for byte in start):
        return _OTHER
    try:
        # The last character may be cut.
        start[:-3].decode()
    except UnicodeDecodeError:
        return _OTHER
    return "text/plain"

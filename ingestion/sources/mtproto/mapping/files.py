"""Photos and documents: what identifies and describes them.

Only what Telegram never changes by itself is taken: no file reference, no access hash, no
alternative qualities (they appear minutes after the post, when the video was converted).
"""

from collections.abc import Iterable
from typing import Any, Final

from ingestion.sources.mtproto.mapping.values import TLDict, as_base64, clean, number

#: Attributes that say what kind of document it is, the strongest first: a video sticker is a
#: sticker, a GIF is an animation though it is stored as a video.
_KINDS: Final = (
    ("DocumentAttributeSticker", "sticker"),
    ("DocumentAttributeCustomEmoji", "sticker"),
    ("DocumentAttributeAnimated", "animation"),
    ("round", "round_video"),
    ("voice", "voice"),
    ("DocumentAttributeVideo", "video"),
    ("video", "video"),
    ("DocumentAttributeAudio", "audio"),
)

#: Those that are read; the rest is in `kept_raw`.
ATTRIBUTES: Final = (
    "DocumentAttributeImageSize",
    "DocumentAttributeAnimated",
    "DocumentAttributeSticker",
    "DocumentAttributeCustomEmoji",
    "DocumentAttributeVideo",
    "DocumentAttributeAudio",
    "DocumentAttributeFilename",
)

_TEXTS: Final = (
    ("file_name", "file_name"),
    ("title", "title"),
    ("performer", "performer"),
    ("alt", "emoji"),
)


def photo_meta(photo: TLDict | None) -> dict[str, Any]:
    """A photo by its largest size; one that expired has no id."""
    meta: dict[str, Any] = {"type": "photo"}
    if not photo:
        return meta
    meta["id"] = str(photo["id"])
    largest: tuple[int, int, int] = (0, 0, 0)
    for size in photo.get("sizes") or ():
        width = size.get("w") or 0
        if width:
            sizes = size.get("sizes")
            weight = max(sizes) if sizes else size.get("size") or 0
            largest = max(largest, (width, size["h"], weight))
    if largest[0]:
        meta["width"], meta["height"], meta["size"] = largest
    _add_thumb(meta, photo.get("sizes"))
    return meta


def document_meta(document: TLDict | None, media: TLDict) -> dict[str, Any]:
    """A document, with its kind in "type"; `media` is what carries it.

    One that expired has no document left and is known by its carrier's flags alone.
    """
    meta: dict[str, Any] = {"type": "document"}
    marks = {flag for flag in ("round", "voice", "video") if media.get(flag)}
    if document:
        meta["id"] = str(document["id"])
        if document["_"] == "Document":
            meta["mime"] = clean(document.get("mime_type"))
            meta["size"] = document.get("size")
            for attribute in document.get("attributes") or ():
                _describe(meta, marks, attribute)
            _add_thumb(meta, document.get("thumbs"))
    meta["type"] = next((kind for mark, kind in _KINDS if mark in marks), "document")
    return meta


def _describe(meta: dict[str, Any], marks: set[str], attribute: TLDict) -> None:
    marks.add(attribute["_"])
    if "w" in attribute:
        meta["width"], meta["height"] = attribute["w"], attribute["h"]
    if attribute.get("duration") is not None:
        meta["duration"] = number(attribute["duration"])
    for field, name in _TEXTS:
        if attribute.get(field):
            meta[name] = clean(attribute[field])
    if attribute.get("voice"):
        marks.add("voice")
        if attribute.get("waveform"):
            meta["waveform"] = as_base64(attribute["waveform"])
    if attribute.get("round_message"):
        marks.add("round")
    if (attribute.get("stickerset") or {}).get("id"):
        meta["sticker_set_id"] = str(attribute["stickerset"]["id"])
    if attribute.get("mask"):
        meta["mask"] = True


def _add_thumb(meta: dict[str, Any], sizes: Iterable[TLDict] | None) -> None:
    """The stripped thumbnail, about 300 bytes (https://core.telegram.org/api/files)."""
    for size in sizes or ():
        if size["_"] == "PhotoStrippedSize":
            meta["thumb"] = as_base64(size["bytes"])
            return

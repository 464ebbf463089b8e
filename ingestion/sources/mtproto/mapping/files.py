"""Photos and documents: what identifies and describes them.

Only what Telegram never changes by itself is taken: no file reference, no access hash, no
alternative qualities (they appear minutes after the post, when the video was converted).
"""

from collections.abc import Iterable
from typing import Any, Final

from ingestion.sources.mtproto.mapping.values import TLDict, as_base64, clean, number

#: Attribute of a document → how it describes it. Constructors that are not here add nothing.
_ATTRIBUTES: Final = {
    "DocumentAttributeFilename",
    "DocumentAttributeVideo",
    "DocumentAttributeAudio",
    "DocumentAttributeImageSize",
    "DocumentAttributeSticker",
    "DocumentAttributeCustomEmoji",
    "DocumentAttributeAnimated",
}


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
    """A document, with its kind in "type"; `media` is what carries it."""
    meta: dict[str, Any] = {"type": "document"}
    kinds: set[str] = set()
    if document:
        meta["id"] = str(document["id"])
        if document["_"] == "Document":
            meta["mime"] = clean(document.get("mime_type"))
            meta["size"] = document.get("size")
            for attribute in document.get("attributes") or ():
                _describe(meta, kinds, attribute)
            _add_thumb(meta, document.get("thumbs"))
    meta["type"] = _document_kind(kinds, media)
    return meta


def _describe(meta: dict[str, Any], kinds: set[str], attribute: TLDict) -> None:
    name = attribute["_"]
    if name not in _ATTRIBUTES:
        return
    kinds.add(name)
    if name == "DocumentAttributeFilename":
        meta["file_name"] = clean(attribute["file_name"])
        return
    if "w" in attribute:
        meta["width"], meta["height"] = attribute["w"], attribute["h"]
    if attribute.get("duration") is not None:
        meta["duration"] = number(attribute["duration"])
    for field in ("title", "performer"):
        if attribute.get(field):
            meta[field] = clean(attribute[field])
    if attribute.get("alt"):
        meta["emoji"] = clean(attribute["alt"])
    if attribute.get("voice"):
        kinds.add("voice")
    if attribute.get("round_message"):
        kinds.add("round")
    if name == "DocumentAttributeSticker":
        sticker_set = attribute.get("stickerset") or {}
        if sticker_set.get("id"):
            meta["sticker_set_id"] = str(sticker_set["id"])


def _document_kind(kinds: set[str], media: TLDict) -> str:
    """The first that holds; a document that expired is known by its carrier's flags alone."""
    if kinds & {"DocumentAttributeSticker", "DocumentAttributeCustomEmoji"}:
        return "sticker"
    if "DocumentAttributeAnimated" in kinds:
        return "animation"
    if "round" in kinds or media.get("round"):
        return "round_video"
    if "voice" in kinds or media.get("voice"):
        return "voice"
    if "DocumentAttributeVideo" in kinds or media.get("video"):
        return "video"
    if "DocumentAttributeAudio" in kinds:
        return "audio"
    return "document"


def _add_thumb(meta: dict[str, Any], sizes: Iterable[TLDict] | None) -> None:
    """The stripped thumbnail, about 300 bytes (https://core.telegram.org/api/files)."""
    for size in sizes or ():
        if size["_"] == "PhotoStrippedSize":
            meta["thumb"] = as_base64(size["bytes"])
            return

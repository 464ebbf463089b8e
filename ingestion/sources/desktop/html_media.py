"""Media in Telegram Desktop's HTML: what can be told from classes and titles."""

import re
from typing import Any, Final
from urllib.parse import unquote

from selectolax.lexbor import LexborNode

from ingestion.sources.base import Beside, SavedFile
from ingestion.sources.words import clean

Meta = dict[str, Any]

#: Class of the wrapper → kind, where a picture or thumbnail was saved.
_WRAPS: Final = (
    ("photo_wrap", "photo"),
    ("sticker_wrap", "sticker"),
    ("animated_wrap", "animation"),
    ("video_file_wrap", "video"),
)
#: Class of a generic block → kind. Some are told apart by their English title.
_CLASSES: Final = (
    ("media_voice_message", "voice"),
    ("media_audio_file", "audio"),
    ("media_video_message", "round_video"),
    ("media_live_location", "live_location"),
    ("media_location", "geo"),
    ("media_venue", "venue"),
    ("media_contact", "contact"),
    ("media_game", "game"),
    ("media_invoice", "invoice"),
    ("media_call", "service"),
    ("media_giveaway", "giveaway"),
    ("media_video", "video"),
    ("media_photo", "photo"),
    ("media_file", "document"),
    ("media_audio", "audio"),
)
_TITLES: Final = {
    "Sticker": "sticker",
    "Animation": "animation",
    "Video message": "round_video",
    "Voice message": "voice",
    "Story": "story",
}
_PLACES: Final = frozenset({"geo", "live_location", "venue"})
_DURATION: Final = re.compile(r"\b(?:(\d+):)?(\d{1,2}):(\d\d)\b")
_SIZE: Final = re.compile(r"(\d+)x(\d+)")
_COORDINATES: Final = re.compile(r"(-?\d+\.\d+), ?(-?\d+\.\d+)")
_VOTES: Final = re.compile(r"\d[\d,.\s]*")


def map_media(block: LexborNode) -> tuple[str, Meta | None]:
    """The message's kind and its `media_meta`."""
    wrap = block.css_first("div.media_wrap")
    if wrap is None:
        return "text", None
    if wrap.css_first("div.media_poll") is not None:
        return "poll", _poll(wrap)
    for name, kind in _WRAPS:
        if wrap.css_first(f".{name}") is not None:
            return kind, _saved(kind, wrap)
    media = wrap.css_first(".media")
    classes = (media.attributes.get("class") or "").split() if media is not None else []
    kind = next((kind for name, kind in _CLASSES if name in classes), "unknown")
    title = _words(wrap, ".title")
    kind = _TITLES.get(title, kind)
    return kind, _generic(kind, wrap, title)


def saved_file(block: LexborNode, beside: Beside) -> SavedFile | None:
    """The file that a message's picture or line leads to."""
    wrap = block.css_first("div.media_wrap")
    link = wrap.css_first("a[href]") if wrap is not None else None
    path = (link.attributes.get("href") or "") if link is not None else ""
    if wrap is None or not path or "://" in path or path.startswith("#"):
        return None
    if wrap.css_first(".media_contact") is not None:
        return None  # a card, which the message itself tells
    picture = wrap.css_first("img[src]")
    poster = (picture.attributes.get("src") or "") if picture is not None else ""
    return SavedFile(beside, _there(path, beside), _there(poster, beside))


def _there(path: str, beside: Beside) -> str:
    """As it is written, or (a link of a page) with its characters decoded."""
    return path if beside.find(path) is not None else unquote(path)


def _words(node: LexborNode, selector: str) -> str:
    found = node.css_first(selector)
    return clean(found.text(deep=True)).strip() if found is not None else ""


def _saved(kind: str, wrap: LexborNode) -> Meta:
    meta: Meta = {"type": kind}
    _add_duration(meta, _words(wrap, ".video_duration"))
    return meta


def _generic(kind: str, wrap: LexborNode, title: str) -> Meta:
    status = _words(wrap, ".status")
    meta: Meta = {"type": kind}
    if kind in {"photo", "video", "animation"}:
        meta |= _sized(status)
    elif kind in _PLACES:
        meta |= _place(kind, wrap, title, status)
    elif kind in {"game", "invoice"}:
        meta |= {"title": title, "description": _words(wrap, ".description")}
    else:
        meta |= _named(kind, title, status)
    if kind in {"video", "round_video", "voice", "audio"}:
        _add_duration(meta, status)
    return meta


def _sized(status: str) -> Meta:
    size = _SIZE.search(status)
    return {"width": int(size[1]), "height": int(size[2])} if size else {}


def _named(kind: str, title: str, status: str) -> Meta:
    if kind == "document" and title:
        return {"file_name": title}
    if kind == "sticker" and status:
        return {"emoji": status.partition(",")[0].strip()}
    if kind == "audio" and title:
        performer, dash, song = title.partition(" – ")
        return {"performer": performer, "title": song} if dash else {"title": title}
    if kind == "contact":
        return {"first_name": title, "phone_number": status}
    return {}


def _place(kind: str, wrap: LexborNode, title: str, status: str) -> Meta:
    link = wrap.css_first("a.media")
    href = (link.attributes.get("href") or "") if link is not None else ""
    found = _COORDINATES.search(status) or _COORDINATES.search(href)
    meta: Meta = {"lat": float(found[1]), "long": float(found[2])} if found else {}
    if kind == "venue":
        meta |= {"title": title, "address": _words(wrap, ".description")}
    return meta


def _add_duration(meta: Meta, text: str) -> None:
    if found := _DURATION.search(text):
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        meta["duration"] = hours * 3600 + minutes * 60 + seconds


def _poll(wrap: LexborNode) -> Meta:
    answers = [
        {"text": clean(answer.text(deep=True)).strip().removeprefix("-").strip()}
        for answer in wrap.css("div.answer")
    ]
    kind = "quiz" if "quiz" in _words(wrap, ".details").lower() else "poll"
    return {"type": kind, "question": _words(wrap, ".question"), "answers": answers}


def read_poll(block: LexborNode) -> Meta | None:
    """How many voted: all that this format says of a poll's result."""
    found = _VOTES.search(_words(block, "div.media_poll div.total"))
    if found is None:
        return None
    digits = re.sub(r"\D", "", found[0])
    return {"poll": {"total": int(digits)}} if digits else None

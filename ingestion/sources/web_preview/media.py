"""Media of a post in the preview: kind, identity where the page tells it, links of the page."""

import re
from collections.abc import Callable
from typing import Any, Final

from selectolax.lexbor import LexborNode

from ingestion.sources.web_preview.page import count_of, words
from ingestion.sources.words import clean

Meta = dict[str, Any]
Found = tuple[str, Meta]

_DURATION: Final = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d\d)")
_PLACE: Final = re.compile(r"[?&](?:q|ll|center)=(-?\d+\.?\d*)(?:,|%2C)(-?\d+\.?\d*)")
#: A photo's wrapper has its id among its classes.
_PHOTO_ID: Final = re.compile(r"\b(\d{12,20})\b")
_PICTURE: Final = re.compile(r"url\(['\"]?([^'\")]+)")


def map_media(node: LexborNode) -> Found:
    """The kind and `media_meta` of a post's bubble, or of one item of an album."""
    for selector, mapper in _MAPPERS:
        found = node.css_first(selector)
        if found is not None:
            return mapper(found)
    if node.css_first("div.message_media_not_supported") is not None:
        return "unknown", {"type": "unknown"}
    return "text", {}


def map_item(item: LexborNode) -> Found:
    """One item of an album."""
    return _photo(item) if "photo_wrap" in _classes(item) else _video(item)


def media_links(node: LexborNode) -> list[str]:
    """Where the page has pictures and videos; the addresses are good for some hours."""
    links: dict[str, None] = {}
    for found in node.css("video[src], audio[src], img[src]"):
        links[clean(found.attributes.get("src"))] = None
    for found in node.css("a.tgme_widget_message_photo_wrap, i.tgme_widget_message_video_thumb"):
        picture = _PICTURE.search(found.attributes.get("style") or "")
        if picture:
            links[picture[1]] = None
    return [link for link in links if link.startswith("http")]


def link_preview(node: LexborNode) -> tuple[Meta | None, Meta | None]:
    """The `media_meta` of a post that shows a link's page, and what the page says of itself."""
    box = node.css_first("a.tgme_widget_message_link_preview")
    if box is None:
        return None, None
    url = clean(box.attributes.get("href"))
    told = {
        "site": words(box.css_first("div.link_preview_site_name")),
        "title": words(box.css_first("div.link_preview_title")),
        "description": words(box.css_first("div.link_preview_description")),
    }
    shown = {name: text for name, text in told.items() if text}
    return {"type": "webpage", "url": url}, shown or None


def _classes(node: LexborNode) -> str:
    return node.attributes.get("class") or ""


def _photo(node: LexborNode) -> Found:
    meta: Meta = {"type": "photo"}
    if found := _PHOTO_ID.search(_classes(node)):
        meta["id"] = found[1]
    return "photo", meta


def _video(node: LexborNode) -> Found:
    """What plays by itself and says no length is an animation."""
    time = words(node.css_first("time.message_video_duration"))
    kind = "video" if time or "not_supported" in _classes(node) else "animation"
    return kind, _timed({"type": kind}, time)


def _timed(meta: Meta, text: str) -> Meta:
    if found := _DURATION.search(text):
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        meta["duration"] = hours * 3600 + minutes * 60 + seconds
    return meta


def _round(node: LexborNode) -> Found:
    time = words(node.css_first("time.tgme_widget_message_roundvideo_duration"))
    return "round_video", _timed({"type": "round_video"}, time)


def _voice(node: LexborNode) -> Found:
    time = words(node.css_first("time.tgme_widget_message_voice_duration"))
    return "voice", _timed({"type": "voice"}, time)


def _document(node: LexborNode) -> Found:
    title = words(node.css_first("div.tgme_widget_message_document_title"))
    extra = words(node.css_first("div.tgme_widget_message_document_extra"))
    icon = node.css_first("div.tgme_widget_message_document_icon")
    if icon is not None and "audio" in _classes(icon):
        return "audio", {"type": "audio", "title": title, "performer": extra}
    return "document", {"type": "document", "file_name": title}


def _sticker(_node: LexborNode) -> Found:
    return "sticker", {"type": "sticker"}


def _location(node: LexborNode) -> Found:
    meta: Meta = {}
    if found := _PLACE.search(node.attributes.get("href") or ""):
        meta = {"lat": float(found[1]), "long": float(found[2])}
    return "geo", {"type": "geo", **meta}


def _venue(node: LexborNode) -> Found:
    kind, meta = _location(node)
    meta |= {
        "type": "venue",
        "title": words(node.css_first("div.tgme_widget_message_venue_title")),
        "address": words(node.css_first("div.tgme_widget_message_venue_address")),
    }
    return "venue" if kind else kind, meta


def _contact(node: LexborNode) -> Found:
    return "contact", {
        "type": "contact",
        "first_name": words(node.css_first("div.tgme_widget_message_contact_name")),
        "phone_number": words(node.css_first("div.tgme_widget_message_contact_phone")),
    }


def _poll(node: LexborNode) -> Found:
    kind = (
        "quiz"
        if "quiz" in words(node.css_first(".tgme_widget_message_poll_type")).lower()
        else "poll"
    )
    answers = [
        {"text": words(option)} for option in node.css(".tgme_widget_message_poll_option_text")
    ]
    question = words(node.css_first(".tgme_widget_message_poll_question"))
    return kind, {"type": kind, "question": question, "answers": answers}


def poll_votes(node: LexborNode) -> Meta | None:
    """How many voted, as far as it is shown."""
    total = count_of(words(node.css_first(".tgme_widget_message_voters")))
    return {"total": total} if total is not None else None


def _invoice(node: LexborNode) -> Found:
    return "invoice", {
        "type": "invoice",
        "title": words(node.css_first(".tgme_widget_message_invoice_title")),
        "description": words(node.css_first(".tgme_widget_message_invoice_description")),
    }


def _game(node: LexborNode) -> Found:
    return "game", {
        "type": "game",
        "title": words(node.css_first(".tgme_widget_message_game_title")),
        "description": words(node.css_first(".tgme_widget_message_game_description")),
    }


#: What stands in a bubble, the most telling first.
_MAPPERS: Final[tuple[tuple[str, Callable[[LexborNode], Found]], ...]] = (
    (".tgme_widget_message_poll", _poll),
    (".tgme_widget_message_sticker_wrap", _sticker),
    (".tgme_widget_message_roundvideo_player", _round),
    (".tgme_widget_message_voice_player", _voice),
    (".tgme_widget_message_document_wrap", _document),
    (".tgme_widget_message_venue_wrap", _venue),
    (".tgme_widget_message_location_wrap", _location),
    (".tgme_widget_message_contact_wrap", _contact),
    (".tgme_widget_message_invoice_wrap", _invoice),
    (".tgme_widget_message_game", _game),
    (".tgme_widget_message_video_player", _video),
    (".tgme_widget_message_photo_wrap", _photo),
)

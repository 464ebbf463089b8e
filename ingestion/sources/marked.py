"""Marked-up text, as web pages and HTML exports have it: words and entities.

Offsets are UTF-16 code units (https://core.telegram.org/api/entities). Line breaks of the source
are no part of the text, `<br>` is.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from selectolax.lexbor import LexborNode

from ingestion.sources.words import clean, utf16_length

#: A line break in the source, with the blanks around it.
_BREAK: Final = re.compile(r"[ \t\r]*\n[ \t\r\n]*")
_SIMPLE: Final = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "del": "strikethrough",
    "strike": "strikethrough",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
    "tg-emoji": "custom_emoji",
}
#: What a link of Telegram Desktop's HTML does when it is clicked → type.
_CLICKS: Final = (
    ("ShowHashtag", "hashtag"),
    ("ShowBotCommand", "bot_command"),
    ("ShowCashtag", "cashtag"),
    ("ShowMentionName", "mention_name"),
)
#: How an address begins → type. `?q=` searches the web preview for a tag.
_BEGINNINGS: Final = (
    ("?q=%24", "cashtag"),
    ("?q=$", "cashtag"),
    ("?q=", "hashtag"),
    ("mailto:", "email"),
    ("tel:", "phone"),
)
_SCHEME: Final = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_USER: Final = re.compile(r"tg://user\?id=(\d+)")

Entity = dict[str, Any]


def read_marked(node: LexborNode) -> tuple[str, list[Entity]]:
    """The words in an element, and their entities in the order of their beginnings."""
    reader = _Reader()
    reader.read(node)
    return reader.result()


class _Reader:
    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._offset = 0
        self._space = False
        self._entities: list[Entity] = []

    def result(self) -> tuple[str, list[Entity]]:
        whole = "".join(self._pieces)
        text = whole.rstrip()
        if len(text) != len(whole):
            self._clamp(utf16_length(text))
        return text, sorted(self._entities, key=lambda one: (one["offset"], -one["length"]))

    def _clamp(self, end: int) -> None:
        for entity in self._entities:
            entity["length"] = min(entity["length"], end - entity["offset"])
        self._entities = [entity for entity in self._entities if entity["length"] > 0]

    def read(self, node: LexborNode, *, verbatim: bool = False) -> None:
        for child in node.iter(include_text=True):
            tag = child.tag
            if tag == "-text":
                self._add(child.text_content or "", verbatim=verbatim)
            elif tag == "br":
                self._space = False
                self._append("\n")
            else:
                self._element(child, tag or "", verbatim=verbatim)

    def _element(self, node: LexborNode, tag: str, *, verbatim: bool) -> None:
        attributes = node.attributes
        if tag == "i" and "emoji" in (attributes.get("class") or "").split():
            # A picture of it, with the character inside that looks bold and is not.
            self._add(node.text(deep=True).strip(), verbatim=True)
            return
        self._settle()
        first, start = len(self._pieces), self._offset
        self.read(node, verbatim=verbatim or tag == "pre")
        length = self._offset - start
        if not length:
            return
        entity = _entity(tag, attributes, "".join(self._pieces[first:]))
        if entity is not None:
            self._entities.append({**entity, "offset": start, "length": length})

    def _add(self, text: str, *, verbatim: bool) -> None:
        if verbatim:
            self._settle()
            self._append(text)
            return
        parts = _BREAK.split(text)
        for number, part in enumerate(parts):
            if number:
                self._space = True
            if part:
                self._settle()
                self._append(part)

    def _settle(self) -> None:
        """A line break between words is a space; at the edge of a line it is nothing."""
        if self._space and self._pieces and not self._pieces[-1].endswith("\n"):
            self._append(" ")
        self._space = False

    def _append(self, text: str) -> None:
        text = clean(text)
        self._pieces.append(text)
        self._offset += utf16_length(text)


def _entity(tag: str, attributes: Mapping[str, str | None], text: str) -> Entity | None:
    """`{"type": …}` with what belongs to it; None for an element that is no entity."""
    if tag == "a":
        return _link(attributes, text)
    if tag == "span" and "spoiler" in (attributes.get("class") or "").split():
        return {"type": "spoiler"}
    kind = _SIMPLE.get(tag)
    if kind is None:
        return None
    entity: Entity = {"type": kind}
    if kind == "pre":
        entity["language"] = attributes.get("language") or ""
    elif kind == "custom_emoji":
        entity["document_id"] = attributes.get("emoji-id") or ""
    elif kind == "blockquote" and "expandable" in attributes:
        entity["collapsed"] = True
    return entity


def _link(attributes: Mapping[str, str | None], text: str) -> Entity | None:
    href = clean(attributes.get("href")).strip()
    kind = _clicked(attributes.get("onclick") or "") or next(
        (kind for start, kind in _BEGINNINGS if href.startswith(start)), ""
    )
    person = _USER.match(href)
    if kind == "mention_name" or person:
        return {"type": "mention_name", "user_id": person[1] if person else ""}
    if kind or not _SCHEME.match(href):
        # Without a scheme it is a file of the export, such as the picture of an emoji.
        return {"type": kind} if kind else None
    if text.startswith("@") and href.rstrip("/").lower().endswith("/" + text[1:].lower()):
        return {"type": "mention"}
    if _bare(href) == _bare(text):
        return {"type": "url"}
    return {"type": "text_url", "url": href}


def _clicked(call: str) -> str:
    return next((kind for name, kind in _CLICKS if name in call), "")


def _bare(address: str) -> str:
    """An address as people write it."""
    return _SCHEME.sub("", address.strip()).lstrip("/").rstrip("/").lower()

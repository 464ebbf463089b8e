"""Texts of Telegram Desktop's JSON: a string, or a list of strings and formatted parts."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

#: Telegram Desktop's name of a part → the archive's, where they differ.
_TYPES: Final = {"link": "url", "text_link": "text_url"}
#: Parts that are no entities.
_PLAIN: Final = frozenset({"plain", "unknown", ""})


def utf16_length(text: str) -> int:
    """In the units in which Telegram counts (https://core.telegram.org/api/entities)."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(value: Any) -> str:
    """Text as PostgreSQL takes it: U+0000 is shown as U+2400; an emoji that was cut in half, as
    U+FFFD. Neither moves an offset.
    """
    text = value if type(value) is str else "" if value is None else str(value)
    if "\0" in text:
        text = text.replace("\0", "␀")
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def read_text(
    text: Any, parts: Iterable[Mapping[str, Any]] | None = None
) -> tuple[str, list[dict[str, Any]]]:
    """The text and its entities; `parts` are `text_entities`, which newer versions write beside."""
    if isinstance(text, str) and not parts:
        return clean(text), []
    if isinstance(parts, list) and len(parts) == 1 and parts[0].get("type") == "plain":
        return clean(parts[0].get("text")), []  # most messages
    pieces: list[str] = []
    entities: list[dict[str, Any]] = []
    offset = 0
    for part in parts or text or ():
        if isinstance(part, str):
            piece, kind = clean(part), ""
        else:
            piece, kind = clean(part.get("text")), part.get("type") or ""
        length = utf16_length(piece)
        if kind not in _PLAIN and length and not isinstance(part, str):
            entities.append(_entity(_TYPES.get(kind, kind), offset, length, part))
        pieces.append(piece)
        offset += length
    return "".join(pieces), entities


def _entity(kind: str, offset: int, length: int, part: Mapping[str, Any]) -> dict[str, Any]:
    entity: dict[str, Any] = {"type": kind, "offset": offset, "length": length}
    if kind == "text_url":
        entity["url"] = clean(part.get("href"))
    elif kind == "pre":
        entity["language"] = clean(part.get("language"))
    elif kind == "mention_name":
        entity["user_id"] = str(part.get("user_id") or "")
    elif kind == "custom_emoji":
        entity["document_id"] = _document_id(part.get("document_id"))
    elif kind == "blockquote" and part.get("collapsed"):
        entity["collapsed"] = True
    return entity


def _document_id(value: Any) -> str:
    """An id, or the path of the file that was saved for it (which says no id)."""
    text = clean(value)
    return text if text.isdecimal() else ""


def links_of(text: str, entities: Iterable[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """Links (as written) and hashtags (without "#"), each once, in the order of the text."""
    links: dict[str, None] = {}
    hashtags: dict[str, None] = {}
    utf16 = b""
    for entity in entities:
        kind = entity["type"]
        if kind == "text_url":
            links[entity["url"]] = None
        elif kind in {"url", "hashtag"}:
            utf16 = utf16 or text.encode("utf-16-le", "surrogatepass")
            start = 2 * entity["offset"]
            part = utf16[start : start + 2 * entity["length"]].decode("utf-16-le", "replace")
            if kind == "url":
                links[part] = None
            else:
                hashtags[part.removeprefix("#")] = None
    links.pop("", None)
    hashtags.pop("", None)
    return list(links), list(hashtags)

"""A message's text and entities as HTML that cannot run anything.

Offsets count UTF-16 units, and entities nest and overlap (https://core.telegram.org/api/entities):
the text is cut wherever one begins or ends, and each piece gets the tags of those it lies in, in
one order.
"""

from collections.abc import Iterable, Mapping
from html import escape
from itertools import pairwise
from typing import Any, Final
from urllib.parse import urlsplit

_TAGS: Final = {
    "bold": "strong",
    "italic": "em",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "code",
    "spoiler": "mark",
    "blockquote": "q",
}
_ORDER: Final = ("text_url", "url", "email", *_TAGS)
_SCHEMES: Final = frozenset({"http", "https", "tg", "mailto", "tel"})


def render(text: str, entities: Iterable[Mapping[str, Any]]) -> str:
    """The text, escaped, with its formatting."""
    known = [entity for entity in entities if entity.get("type") in _ORDER]
    if not known:
        return escape(text)
    units = text.encode("utf-16-le", "surrogatepass")
    spans = [_span(entity, len(units) // 2) for entity in known]
    edges = sorted(
        {0, len(units) // 2, *(edge for start, end, _ in spans for edge in (start, end))}
    )
    out = []
    for start, end in pairwise(edges):
        piece = units[start * 2 : end * 2].decode("utf-16-le", "replace")
        inside = [entity for low, high, entity in spans if low <= start and end <= high]
        out.append(_wrapped(piece, inside))
    return "".join(out)


def _span(entity: Mapping[str, Any], length: int) -> tuple[int, int, Mapping[str, Any]]:
    start = min(max(int(entity.get("offset") or 0), 0), length)
    end = min(start + max(int(entity.get("length") or 0), 0), length)
    return start, end, entity


def _wrapped(piece: str, entities: list[Mapping[str, Any]]) -> str:
    inner = escape(piece)
    linked = False
    for kind in reversed(_ORDER):
        entity = next((found for found in entities if found["type"] == kind), None)
        if entity is None:
            continue
        if kind in _TAGS:
            inner = f"<{_TAGS[kind]}>{inner}</{_TAGS[kind]}>"
        elif not linked:
            address = safe_url(_address(kind, piece, entity))
            linked = bool(address)
            inner = (
                f'<a href="{escape(address)}" rel="noopener noreferrer nofollow">{inner}</a>'
                if address
                else inner
            )
    return inner


def _address(kind: str, piece: str, entity: Mapping[str, Any]) -> str:
    if kind == "text_url":
        return str(entity.get("url") or "")
    return f"mailto:{piece}" if kind == "email" else piece


def safe_url(url: str) -> str:
    """The address, or nothing when its scheme could run something."""
    url = url.strip()
    try:
        scheme = urlsplit(url).scheme.lower()
    except ValueError:
        return ""
    if not scheme:
        url, scheme = f"https://{url}", "https"
    return url if scheme in _SCHEMES and url.isprintable() and " " not in url else ""

"""A message's text and entities as safe HTML.

Telegram counts offsets and lengths in UTF-16 code units, and entities may nest and overlap
(https://core.telegram.org/api/entities). Every piece of text is escaped, tags come from the table
below alone, and a link keeps its address only when its scheme is one that cannot run anything.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlsplit

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from dashboard import wording

_SCHEMES: Final = {"http", "https", "tg", "mailto", "tel", "tonsite"}


@dataclass(frozen=True, slots=True)
class _Span:
    """An entity with Python offsets; `order` settles who stands outside."""

    order: tuple[int, int, int, int]
    start: int
    end: int
    opening: str
    closing: str
    #: What must not stand within another of its sort: "link", "spoiler"; empty: anything may.
    sort: str


def safe_url(url: str) -> str | None:
    """The address, or None when it must not become a link."""
    url = url.strip()
    try:
        scheme = urlsplit(url).scheme.lower()
    except ValueError:
        return None
    if not scheme or (scheme not in _SCHEMES and re.match(r"[\w.-]+:\d", url)):
        url = f"https://{url}"  # written without a scheme, perhaps with a port
        scheme = "https"
    return url if scheme in _SCHEMES and not re.search(r"[\s\x00-\x1f]", url) else None


def _link(url: str | None) -> tuple[str, str]:
    if url is None:
        return "<span>", "</span>"
    return f'<a href="{escape(url)}" rel="noopener noreferrer nofollow ugc">', "</a>"


def _hashtag(text: str, _entity: Mapping[str, Any]) -> tuple[str, str]:
    return f'<a href="{escape(reverse("messages"))}?q={quote(text)}">', "</a>"


def _pre(_text: str, entity: Mapping[str, Any]) -> tuple[str, str]:
    language = str(entity.get("language") or "")
    label = f' data-language="{escape(language)}"' if language else ""
    return f"<pre{label}><code>", "</code></pre>"


def _spoiler(_text: str, _entity: Mapping[str, Any]) -> tuple[str, str]:
    """Uncovered by a click or the keyboard, without a script; hidden from screen readers, too."""
    label = escape(_("Show the hidden text"))
    return (
        f'<label class="spoiler"><input type="checkbox" aria-label="{label}"><span>',
        "</span></label>",
    )


def _quote(_text: str, entity: Mapping[str, Any]) -> tuple[str, str]:
    """Long ones that Telegram folds are folded here, too."""
    if not entity.get("collapsed"):
        return "<blockquote>", "</blockquote>"
    label = escape(_("Show the whole quote"))
    return (
        f'<blockquote class="folds"><details><summary>{label}</summary><div>',
        "</div></details></blockquote>",
    )


def _date(_text: str, entity: Mapping[str, Any]) -> tuple[str, str]:
    """The moment that the words name, exactly on hover."""
    try:
        moment = datetime.fromisoformat(str(entity.get("date")))
    except ValueError:
        return "<span>", "</span>"
    exact = escape(wording.exact(moment))
    return f'<time datetime="{escape(moment.isoformat())}" title="{exact}">', "</time>"


def _tag(name: str) -> Callable[[str, Mapping[str, Any]], tuple[str, str]]:
    return lambda _text, _entity: (f"<{name}>", f"</{name}>")


_LINKS: Final[dict[str, Callable[[str, Mapping[str, Any]], tuple[str, str]]]] = {
    "url": lambda text, _entity: _link(safe_url(text)),
    "text_url": lambda _text, entity: _link(safe_url(str(entity.get("url") or ""))),
    "email": lambda text, _entity: _link(f"mailto:{quote(text, safe='@')}"),
    "phone": lambda text, _entity: _link("tel:" + re.sub(r"[^+0-9]", "", text)),
    "mention": lambda text, _entity: _link(f"https://t.me/{quote(text.lstrip('@'))}"),
    "mention_name": lambda _text, entity: _link(
        f"tg://user?id={quote(str(entity.get('user_id')))}"
    ),
    "hashtag": _hashtag,
    "cashtag": _hashtag,
}

#: Type → tags. Those that are not here (bot commands, bank cards …) are plain text.
_TAGS: Final[dict[str, Callable[[str, Mapping[str, Any]], tuple[str, str]]]] = {
    "blockquote": _quote,
    "pre": _pre,
    **_LINKS,
    "spoiler": _spoiler,
    "date": _date,
    "bold": _tag("strong"),
    "italic": _tag("em"),
    "underline": _tag("u"),
    "strikethrough": _tag("s"),
    "code": _tag("code"),
    "mark": _tag("mark"),
}

#: Blocks stand outside of everything, what is pressed outside of links, links outside of
#: decoration: fewer tags, and valid ones.
_RANK: Final = {
    "blockquote": 0,
    "pre": 1,
    "spoiler": 2,
    **dict.fromkeys(_LINKS, 3),
    "mark": 5,
}
_BLOCK: Final = 1
_DECORATION: Final = 4


def render(
    text: str, entities: Iterable[Mapping[str, Any]], marks: Sequence[tuple[int, int]] = ()
) -> SafeString:
    """HTML of the text. `marks` are found words, as Python (start, end) pairs."""
    spans = _spans(text, entities)
    spans += [
        _Span((_RANK["mark"], start, -end, -1), start, end, "<mark>", "</mark>", "")
        for start, end in marks
    ]
    edges = sorted({0, len(text), *(s.start for s in spans), *(s.end for s in spans)})
    spans.sort(key=lambda span: span.order)
    out: list[str] = []
    stack: list[_Span] = []
    for start, end in zip(edges, [*edges[1:], len(text)], strict=True):
        wanted = _wanted(spans, start, end)
        kept = 0
        while kept < min(len(stack), len(wanted)) and stack[kept] is wanted[kept]:
            kept += 1
        closed = stack[kept:]
        out += [span.closing for span in reversed(closed)]
        out += [span.opening for span in wanted[kept:]]
        # The line break behind a block is the block's own.
        own = closed and closed[0].order[0] <= _BLOCK and text[start:end].startswith("\n")
        out.append(escape(text[start + bool(own) : end]))
        stack = wanted
    out += [span.closing for span in reversed(stack)]
    return mark_safe("".join(out))  # noqa: S308, every piece is escaped above


def stretches_of(
    kind: str, text: str, entities: Iterable[Mapping[str, Any]]
) -> list[tuple[int, int]]:
    """Where entities of a kind stand, as Python (start, end) pairs."""
    index: _Utf16Index | None = None
    found = []
    for entity in entities:
        if entity.get("type") != kind:
            continue
        index = index or _Utf16Index(text)
        offset, length = entity.get("offset"), entity.get("length")
        if isinstance(offset, int) and isinstance(length, int):
            start, end = index.at(offset), index.at(offset + length)
            found += [(start, end)] if start < end else []
    return found


def _wanted(spans: Sequence[_Span], start: int, end: int) -> list[_Span]:
    """What is open between two neighbouring edges, outermost first; one link and one spoiler at
    most.
    """
    open_: list[_Span] = []
    sorts: set[str] = set()
    for span in spans:
        if span.start <= start and end <= span.end and start < end and span.sort not in sorts:
            sorts |= {span.sort} - {""}
            open_.append(span)
    return open_


def _spans(text: str, entities: Iterable[Mapping[str, Any]]) -> list[_Span]:
    index = _Utf16Index(text)
    spans = []
    for number, entity in enumerate(entities):
        kind = entity.get("type")
        offset, length = entity.get("offset"), entity.get("length")
        make = _TAGS.get(kind) if isinstance(kind, str) else None
        if make is None or not isinstance(offset, int) or not isinstance(length, int):
            continue
        start, end = index.at(offset), index.at(offset + length)
        if start >= end:
            continue
        opening, closing = make(text[start:end], entity)
        order = (_RANK.get(str(kind), _DECORATION), start, -end, number)
        spans.append(_Span(order, start, end, opening, closing, _sort(str(kind))))
    return spans


def _sort(kind: str) -> str:
    return "link" if kind in _LINKS else kind if kind == "spoiler" else ""


class _Utf16Index:
    """From UTF-16 offsets to Python's; offsets outside of the text are moved to its ends."""

    def __init__(self, text: str) -> None:
        self.length = len(text)
        self.plain = text.isascii() or max(text, default="") <= "\uffff"
        self.offsets: list[int] = []
        if not self.plain:
            for position, character in enumerate(text):
                self.offsets += [position] * (2 if character > "\uffff" else 1)

    def at(self, offset: int) -> int:
        offset = max(offset, 0)
        if self.plain:
            return min(offset, self.length)
        return self.offsets[offset] if offset < len(self.offsets) else self.length

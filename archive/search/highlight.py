"""What of a text matches a query, as pieces of plain text: whoever shows them escapes them."""

import re
from typing import Final, NamedTuple

from archive.filters.query import Query, is_written_without_spaces

#: Characters before the first hit in an excerpt.
_LEAD: Final = 60
_MOST_TERMS: Final = 20
_ELLIPSIS: Final = "…"


class Piece(NamedTuple):
    """A stretch of the text, and whether it is what was looked for."""

    text: str
    is_hit: bool


def pieces(text: str, query: str) -> list[Piece]:
    """The whole text; joined, the pieces are the text again."""
    found: list[Piece] = []
    end = 0
    pattern = _pattern(query)
    for match in pattern.finditer(text) if pattern else ():
        if match.start() > end:
            found.append(Piece(text[end : match.start()], is_hit=False))
        found.append(Piece(match[0], is_hit=True))
        end = match.end()
    if end < len(text):
        found.append(Piece(text[end:], is_hit=False))
    return found


def excerpt(text: str, query: str, length: int = 240) -> list[Piece]:
    """About `length` characters around the first hit, cut at spaces where there are any."""
    pattern = _pattern(query)
    match = pattern.search(text) if pattern else None
    start = max(match.start() - _LEAD, 0) if match else 0
    if start:
        space = text.find(" ", start, match.start() if match else start)
        start = space + 1 if space >= 0 else start
    end = min(start + length, len(text))
    if end < len(text):
        space = text.rfind(" ", match.end() if match and match.end() < end else start, end)
        end = space if space > start else end
    found = pieces(text[start:end], query)
    if start:
        found.insert(0, Piece(_ELLIPSIS, is_hit=False))
    if end < len(text):
        found.append(Piece(_ELLIPSIS, is_hit=False))
    return found


def _pattern(query: str) -> "re.Pattern[str] | None":
    terms = sorted(Query.parse(query).terms[:_MOST_TERMS], key=len, reverse=True)
    alternatives = [_alternative(term) for term in terms]
    return re.compile("|".join(alternatives), re.IGNORECASE) if alternatives else None


def _alternative(term: str) -> str:
    """Words match whole, as they do in the search; what has no words matches anywhere."""
    words = re.findall(r"\w+", term)
    if not words or is_written_without_spaces(term):
        return re.escape(term)
    return r"(?<!\w)" + r"\W+".join(map(re.escape, words)) + r"(?!\w)"

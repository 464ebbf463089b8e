"""What of a text matches a query, as pieces of plain text: whoever shows them escapes them."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from archive.filters import read
from archive.filters.folding import fold, folded_with_places
from archive.filters.leaves import SEGMENTS, TELLING
from archive.filters.query import UNSPACED
from archive.filters.stems import learn, stems_of
from archive.filters.terms import Phrase, Word, wanted
from ingestion.languages import detect

#: Characters before the first hit in an excerpt.
_LEAD: Final = 60
_MOST_TERMS: Final = 20
_ELLIPSIS: Final = "…"
#: A letter or digit of a script whose words have spaces between them.
_LETTER: Final = f"[^\\W_{UNSPACED}]"
_WORD: Final = re.compile(f"{_LETTER}+")
#: Words that share fewer letters at their beginning are no forms of one word.
_SHARED: Final = 2


class Piece(NamedTuple):
    """A stretch of the text, and whether it is what was looked for."""

    text: str
    is_hit: bool


class _Marks(NamedTuple):
    """`literal`: matched in folded text as it stands; `words`: folded, in any of their forms, with
    how they were typed; `beginnings`: of words.
    """

    literal: "re.Pattern[str] | None"
    words: dict[str, str]
    beginnings: tuple[str, ...]


def prepare(texts: Iterable[str], words: str) -> None:
    """Learn the forms of the query's words that are in these texts: one query for a whole page,
    after which `pieces` and `excerpt` know them without one.
    """
    asked = _marks(words).words
    if not asked:
        return
    starts = {word[:_SHARED] for word in asked}
    learn(
        {
            token
            for text in texts
            for token in _WORD.findall(text.lower())
            if fold(token[:_SHARED]) in starts
        }
    )


def pieces(text: str, query: str) -> list[Piece]:
    """The whole text; joined, the pieces are the text again."""
    found: list[Piece] = []
    end = 0
    for start, stop in _hits(text, query):
        if start > end:
            found.append(Piece(text[end:start], is_hit=False))
        found.append(Piece(text[start:stop], is_hit=True))
        end = stop
    if end < len(text):
        found.append(Piece(text[end:], is_hit=False))
    return found


def excerpt(text: str, query: str, length: int = 240) -> list[Piece]:
    """About `length` characters around the first hit, cut at spaces where there are any."""
    hit = next(iter(_hits(text, query)), None)
    start = max(hit[0] - _LEAD, 0) if hit else 0
    if start:
        space = text.find(" ", start, hit[0] if hit else start)
        start = space + 1 if space >= 0 else start
    end = min(start + length, len(text))
    if end < len(text):
        space = text.rfind(" ", hit[1] if hit and hit[1] < end else start, end)
        end = space if space > start else end
    found = pieces(text[start:end], query)
    if start:
        found.insert(0, Piece(_ELLIPSIS, is_hit=False))
    if end < len(text):
        found.append(Piece(_ELLIPSIS, is_hit=False))
    return found


def _hits(text: str, query: str) -> list[tuple[int, int]]:
    """Where, in order, without overlaps."""
    marks = _marks(query)
    if marks.literal is None and not marks.words and not marks.beginnings:
        return []
    folded, places = folded_with_places(text)
    spans = [match.span() for match in marks.literal.finditer(folded)] if marks.literal else []
    if marks.words or marks.beginnings:
        spans += _forms(text, folded, places, marks)
    found: list[tuple[int, int]] = []
    for start, stop in sorted(spans):
        begin, end = places[start], places[stop]
        while end < len(text) and places[stop - 1] == end:
            end += 1  # one sign that folds into two
        if found and begin < found[-1][1]:
            begin = found[-1][1]
        if begin < end:
            found.append((begin, end))
    return found


def _forms(text: str, folded: str, places: list[int], marks: _Marks) -> Iterator[tuple[int, int]]:
    language = detect(text) if marks.words else ""
    stems = {
        stem for typed in marks.words.values() for code, stem in stems_of(typed) if code == language
    }
    for match in _WORD.finditer(folded):
        word = match[0]
        if word in marks.words or word.startswith(marks.beginnings):
            yield match.span()
        elif stems:
            spelled = text[places[match.start()] : places[match.end()]].lower()
            if any(code == language and stem in stems for code, stem in stems_of(spelled)):
                yield match.span()


@lru_cache(maxsize=256)
def _marks(query: str) -> _Marks:
    literal: list[str] = []
    words: dict[str, str] = {}
    beginnings: list[str] = []
    for term in wanted(read(query))[:_MOST_TERMS]:
        if TELLING.search(term.text) and term.text[0] not in "#@":
            literal.append(re.escape(fold(term.text)))
            continue
        for segment in SEGMENTS.finditer(term.text):
            _mark(term, segment, literal, words, beginnings)
    literal.sort(key=len, reverse=True)
    return _Marks(re.compile("|".join(literal)) if literal else None, words, tuple(beginnings))


def _mark(
    term: Word | Phrase,
    segment: "re.Match[str]",
    literal: list[str],
    words: dict[str, str],
    beginnings: list[str],
) -> None:
    text = fold(segment[0])
    if segment.lastgroup != "words":
        behind = f"(?!{_LETTER})" if segment.lastgroup == "mark" else ""
        literal.append(re.escape(text) + behind)
        return
    found = _WORD.findall(text)
    if not found:
        if not _WORD.search(fold(term.text)) and text.strip():
            literal.append(re.escape(text.strip()))
    elif len(found) > 1 or isinstance(term, Phrase):
        behind = "" if isinstance(term, Word) and term.prefix else f"(?!{_LETTER})"
        literal.append(f"(?<!{_LETTER})" + r"[\W_]+".join(map(re.escape, found)) + behind)
    elif term.prefix:
        beginnings.append(found[0])
    else:
        words[found[0]] = segment[0].strip().lower()

"""A word or a phrase as the index knows it: lexemes as `search_vector` (migration 0005 of
`ingestion`) makes them, in a tsquery.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db import connection

from archive.filters.folding import fold
from archive.filters.query import UNSPACED
from archive.filters.stems import learn, stems_of
from archive.filters.terms import Phrase, Word

#: How each text is taken apart, in order: the functions that made the index.
LEXEMES: Final = """
SELECT asked.number, word.lexeme
FROM unnest(%(texts)s::text[]) WITH ORDINALITY AS asked (text, number)
CROSS JOIN LATERAL unnest(to_tsvector(
    'pg_catalog.simple', search_spaced(search_fold(asked.text)))) AS word
CROSS JOIN LATERAL unnest(word.positions) AS place
ORDER BY asked.number, place
"""

_EMOJI: Final = "\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001f3fa\U0001f400-\U0001faff"
#: A hashtag or a name; stretches of a script without spaces; emoji, one by one; anything else.
SEGMENTS: Final = re.compile(
    rf"(?P<mark>(?:^|(?<=\s))[#@][^\s\]\[!-/:-@\\^`{{-~]+)|(?P<pairs>[{UNSPACED}]+)"
    rf"|(?P<emoji>[{_EMOJI}])|(?P<words>[^{UNSPACED}{_EMOJI}]+)"
)
#: Signs that mean something on a word: C++, C#, 100%, $5.
TELLING: Final = re.compile(r"[+#%$€£¥&=<>~^|\\]")


@dataclass(frozen=True, slots=True)
class Leaf:
    """`query`: of a tsquery, empty where the index has nothing of it; `pattern`: for ILIKE, where
    the text has to be looked at.
    """

    query: str
    pattern: str


def look_up(terms: Iterable[Word | Phrase]) -> dict[Word | Phrase, Leaf]:
    """Two queries at most, however many terms."""
    asked = list(dict.fromkeys(terms))
    segments = {term: list(SEGMENTS.finditer(term.text)) for term in asked}
    texts = list(
        dict.fromkeys(
            match[0] for found in segments.values() for match in found if match.lastgroup == "words"
        )
    )
    lexemes = _lexemes(texts)
    learn(
        match[0].strip().lower()
        for term, found in segments.items()
        for match in found
        if isinstance(term, Word) and len(lexemes.get(match[0], ())) == 1
    )
    return {term: _leaf(term, segments[term], lexemes) for term in asked}


def _lexemes(texts: list[str]) -> dict[str, list[str]]:
    """The words of each, in their order."""
    found: dict[str, list[str]] = {text: [] for text in texts}
    if not texts:
        return found
    with connection.cursor() as cursor:
        cursor.execute(LEXEMES, {"texts": texts})
        for number, lexeme in cursor.fetchall():
            found[texts[number - 1]].append(lexeme)
    return found


def _leaf(
    term: Word | Phrase, segments: list["re.Match[str]"], lexemes: dict[str, list[str]]
) -> Leaf:
    parts = []
    for match in segments:
        if match.lastgroup == "mark":
            parts.append(_quoted(fold(match[0])))
        elif match.lastgroup == "pairs":
            parts.append(_pairs(match[0]))
        elif match.lastgroup == "emoji":
            parts.append(_quoted(match[0]))
        else:
            parts.append(_words(term, match[0], lexemes[match[0]]))
    query = " & ".join(part if len(parts) == 1 else f"({part})" for part in parts if part)
    telling = TELLING.search(term.text) and not any(one.lastgroup == "mark" for one in segments)
    pattern = "" if query and not telling else f"%{_escape(term.text)}%"
    return Leaf(query, pattern)


def _pairs(stretch: str) -> str:
    if len(stretch) == 1:
        return f"{_quoted(stretch)}:*"
    return " <-> ".join(_quoted(stretch[at : at + 2]) for at in range(len(stretch) - 1))


def _words(term: Word | Phrase, text: str, lexemes: list[str]) -> str:
    if len(lexemes) != 1:
        last = ":*" if isinstance(term, Word) and term.prefix else ""
        return " <-> ".join(map(_quoted, lexemes)) + (last if lexemes else "")
    word = _quoted(lexemes[0])
    if isinstance(term, Phrase):
        # Stems have no place in the text, words have: at the same place as itself.
        return f"{word} <0> {word}"
    if term.prefix:
        return f"{word}:*"
    languages: dict[str, list[str]] = {}
    for language, stem in sorted(stems_of(text.strip().lower())):
        if stem != lexemes[0]:
            languages.setdefault(stem, []).append(_quoted(f"~{language}"))
    forms = [f"({_quoted(stem)} & ({' | '.join(codes)}))" for stem, codes in languages.items()]
    return " | ".join([word, *forms])


def _quoted(lexeme: str) -> str:
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

"""The stems of words in every language that is stemmed, as PostgreSQL makes them."""

from collections.abc import Iterable
from typing import Final

from django.db import connection

#: Folded words are looked up as they are, too: whoever types without accents means the same.
STEMS: Final = """
SELECT asked.word, language.code, search_fold(stem.lexeme)
FROM unnest(%(words)s::text[]) AS asked (word)
CROSS JOIN (VALUES
    ('en', 'english'::regconfig), ('ru', 'russian'), ('ar', 'arabic'), ('ca', 'catalan'),
    ('da', 'danish'), ('de', 'german'), ('el', 'greek'), ('es', 'spanish'), ('fi', 'finnish'),
    ('fr', 'french'), ('hi', 'hindi'), ('hu', 'hungarian'), ('hy', 'armenian'),
    ('id', 'indonesian'), ('it', 'italian'), ('nl', 'dutch'), ('no', 'norwegian'),
    ('pt', 'portuguese'), ('ro', 'romanian'), ('sr', 'serbian'), ('sv', 'swedish'),
    ('ta', 'tamil'), ('tr', 'turkish')
) AS language (code, config)
CROSS JOIN LATERAL unnest(to_tsvector(language.config, asked.word)) AS stem
"""

#: Words whose stems are remembered; a fact about a language does not change.
MOST: Final = 20_000
#: Of a word, by language: `(code, stem)`.
Stems = frozenset[tuple[str, str]]
_known: dict[str, Stems] = {}


def learn(words: Iterable[str]) -> None:
    """Look up those that are not known yet: one query, none when all are."""
    missing = {word for word in words if word not in _known}
    if not missing:
        return
    if len(_known) + len(missing) > MOST:
        _known.clear()
    found: dict[str, set[tuple[str, str]]] = {word: set() for word in missing}
    with connection.cursor() as cursor:
        cursor.execute(STEMS, {"words": sorted(missing)})
        for word, language, stem in cursor.fetchall():
            found[word].add((language, stem))
    _known.update({word: frozenset(stems) for word, stems in found.items()})


def stems_of(word: str) -> Stems:
    """Return what was learned of a lower-case word; nothing of an unknown one."""
    return _known.get(word, frozenset())

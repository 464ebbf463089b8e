"""Words as a person types them into the search box, read into a tree."""

import re
from functools import lru_cache
from typing import Final

from archive.filters.terms import And, Not, Or, Phrase, Term, Word

#: Longer queries are cut: nobody types them.
LONGEST: Final = 300

#: Scripts that put no spaces between words (Thai, Lao, Myanmar, Khmer, kana, Han and its
#: extensions), and Korean, which puts endings on them; as migration 0005 of `ingestion` has them.
UNSPACED: Final = (
    "\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_NO_SPACES: Final = re.compile(f"[{UNSPACED}]")
#: Tells an emoji from a sign; either is meant.
_VARIATION: Final = re.compile("[\ufe0e\ufe0f]")
_QUOTED_OR_WORD: Final = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')


def is_written_without_spaces(text: str) -> bool:
    return _NO_SPACES.search(text) is not None


@lru_cache(maxsize=256)
def read(typed: str) -> Term | None:
    """All of its terms: words, `"phrases"`, `-unwanted`, `prefix*`, `one OR other`, which binds
    tighter than the space. Never fails; what makes no sense is a word as any other, and NUL and
    half characters, which PostgreSQL refuses, are left out.
    """
    text = typed[:LONGEST].replace("\0", "").encode("utf-8", "ignore").decode("utf-8")
    groups: list[list[Term]] = []
    joined = False
    for minus, phrase, word in _QUOTED_OR_WORD.findall(_VARIATION.sub("", text)):
        if not minus and word.lower() == "or":
            joined = bool(groups)
            continue
        term = _leaf(phrase, word)
        if term is None:
            continue
        if minus:
            term = Not(term)
        if joined:
            groups[-1].append(term)
        else:
            groups.append([term])
        joined = False
    terms = [group[0] if len(group) == 1 else Or(tuple(group)) for group in groups]
    if not terms:
        return None
    return terms[0] if len(terms) == 1 else And(tuple(terms))


def _leaf(phrase: str, word: str) -> Term | None:
    if phrase.strip():
        return Phrase(phrase.strip())
    word = word.strip('"')
    if len(word) > 1 and word.endswith("*") and word[-2].isalnum():
        return Word(word[:-1], prefix=True)
    return Word(word) if word else None

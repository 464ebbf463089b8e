"""How words are looked for: by the full-text index, or anywhere in the text."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from archive.filters import leaves
from archive.filters.leaves import Leaf
from archive.filters.query import read
from archive.filters.terms import And, Not, Or, Phrase, Term, Word, wanted


@dataclass(frozen=True, slots=True)
class Matching:
    """`query` (text of a tsquery), and what the text has and has not (for ILIKE ALL).

    `indexed`: the full-text index answers it.
    """

    query: str | None = None
    patterns: list[str] | None = None
    unwanted: list[str] | None = None
    indexed: bool = False

    def parameters(self) -> dict[str, Any]:
        return {"query": self.query, "patterns": self.patterns, "unwanted": self.unwanted}


_ANY: Final = Matching()


def matching(words: str, *, tags: Sequence[str] = (), sites: Sequence[str] = ()) -> Matching:
    """Words as they are typed (`query.read`), hashtags and domains, all of them.

    Asks PostgreSQL how it takes the words apart, so that they are looked for as they are kept.
    """
    return _matching(words, tuple(tags), tuple(sites))


#: A page asks for the same words three times: its list, its albums and its facets.
@lru_cache(maxsize=256)
def _matching(words: str, tags: tuple[str, ...], sites: tuple[str, ...]) -> Matching:
    terms: list[Term] = [Word(f"#{tag.lstrip('#')}") for tag in tags]
    terms += [Phrase(site) for site in sites]
    term = read(words)
    if term is not None:
        terms.append(term)
    if not terms:
        return _ANY
    whole = And(tuple(terms))
    known = leaves.look_up(_all(whole))
    return _all_of([_part(one, known) for one in _flat(whole)])


def _flat(term: Term) -> list[Term]:
    if isinstance(term, And):
        return [part for one in term.terms for part in _flat(one)]
    return [term]


def _all(term: Term) -> list[Word | Phrase]:
    if isinstance(term, Not):
        return _all(term.term)
    if isinstance(term, And | Or):
        return [leaf for one in term.terms for leaf in _all(one)]
    return wanted(term)


def _part(term: Term, known: dict[Word | Phrase, Leaf]) -> Matching:
    """One of the things that are asked of a message together."""
    if isinstance(term, Not):
        inner = _part(term.term, known)
        if inner.patterns:
            # Only what the text shows: a word alone would take too many away.
            return Matching(unwanted=inner.patterns)
        return Matching(query=f"!({inner.query})" if inner.query else None)
    if isinstance(term, Or):
        parts = [_part(one, known) for one in term.terms]
        queries = [part.query for part in parts if part.query]
        return Matching(
            query=" | ".join(f"({query})" for query in queries) or None,
            indexed=bool(queries) and all(part.indexed for part in parts if part.query),
        )
    if isinstance(term, And):
        return _all_of([_part(one, known) for one in term.terms])
    leaf = known[term]
    return Matching(
        query=leaf.query or None,
        patterns=[leaf.pattern] if leaf.pattern else None,
        indexed=bool(leaf.query),
    )


def _all_of(parts: list[Matching]) -> Matching:
    if len(parts) == 1:
        return parts[0]
    queries = [part.query for part in parts if part.query]
    found = Matching(
        query=" & ".join(f"({query})" for query in queries) or None,
        indexed=any(part.indexed for part in parts),
    )
    patterns = [pattern for part in parts for pattern in part.patterns or ()]
    unwanted = [pattern for part in parts for pattern in part.unwanted or ()]
    return replace(found, patterns=patterns or None, unwanted=unwanted or None)

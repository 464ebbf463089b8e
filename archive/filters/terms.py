"""What a query of words asks for, as a tree. Knows nothing of Django or of SQL."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Word:
    """A word in any of its forms, case and accents aside; with `prefix`, whatever begins so.

    Of scripts without spaces it is a part of the text. `#tag`, `@name`, `example.com`, emoji and
    signs are words too: what they are is seen when they are looked for.
    """

    text: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words one after the other, exactly these; of one word, that word and not its other forms."""

    text: str


@dataclass(frozen=True, slots=True)
class Not:
    term: "Term"


@dataclass(frozen=True, slots=True)
class And:
    terms: "tuple[Term, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    terms: "tuple[Term, ...]"


Term: TypeAlias = Word | Phrase | Not | And | Or


def wanted(term: Term | None) -> list[Word | Phrase]:
    """What a text is found for, without what is unwanted."""
    if isinstance(term, Word | Phrase):
        return [term]
    if isinstance(term, And | Or):
        return [leaf for one in term.terms for leaf in wanted(one)]
    return []

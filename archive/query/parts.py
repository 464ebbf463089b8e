"""What a query is made of. Places are counted in characters of the text that was typed."""

from dataclasses import dataclass, field

from tgadmin.lib.told import Told


@dataclass(frozen=True, slots=True)
class Mistake:
    """What of the text makes no sense, and what to do, in words. It was left out, or taken as
    the sentence says; the rest of the query holds.
    """

    start: int
    end: int
    told: Told


@dataclass(frozen=True, slots=True)
class Term:
    """A word, the beginning of one (`prefix`), or several words in this order (`quoted`)."""

    text: str
    quoted: bool = False
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Either:
    """One of these has to be there; a word that stands alone is one of one."""

    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Unwanted:
    """This must not be there."""

    term: Term


@dataclass(frozen=True, slots=True)
class Token:
    """A filter, `name` as `TOKENS` has it and `value` in its normal form (`tokens.py`)."""

    name: str
    value: str
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Question:
    """A whole query. Every part of `wanted` has to hold, and every filter."""

    wanted: tuple[Either | Unwanted, ...] = ()
    tokens: tuple[Token, ...] = ()
    mistakes: tuple[Mistake, ...] = field(default=(), compare=False)

"""The filters that can be written into a query."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from archive.query import values


@dataclass(frozen=True, slots=True)
class TokenType:
    """`read` makes a value's normal form of what stands behind the colon. `several`: written more
    than once, all of them count; else it may stand once.
    """

    name: str
    read: Callable[[str, date], str]
    example: str
    several: bool = False
    other_names: tuple[str, ...] = ()


def _pattern(text: str, _today: date) -> str:
    """Read by the grammar: between slashes, `i` behind them."""
    return text


_ALL: Final = (
    TokenType("channel", values.name, "channel:@durov", several=True, other_names=("in",)),
    TokenType("from", values.name, 'from:"Ada Lovelace"', other_names=("sender", "author", "user")),
    TokenType("has", values.has, "has:photo", several=True),
    TokenType("kind", values.kind, "kind:poll", several=True, other_names=("type",)),
    TokenType("after", values.day, "after:2026-05-01", other_names=("since",)),
    TokenType("before", values.day, "before:2026-06"),
    TokenType("on", values.span, "on:2026-05", other_names=("date",)),
    TokenType("is", values.state, "is:edited", several=True),
    TokenType("views", values.amount, "views:>1000"),
    TokenType("lang", values.language, "lang:ru", several=True, other_names=("language",)),
    TokenType("topic", values.name, 'topic:"Lost and found"'),
    TokenType("thread", values.number, "thread:120"),
    TokenType("url", values.site, "url:example.org", several=True, other_names=("site", "domain")),
    TokenType("tag", values.tag, "tag:#news", several=True, other_names=("hashtag",)),
    TokenType("re", _pattern, "re:/colou?r/i", other_names=("regex",)),
)

#: By name, in the order in which people are told of them.
TOKENS: Final[dict[str, TokenType]] = {one.name: one for one in _ALL}

#: Every word that may stand before a colon → the filter's name.
NAMES: Final[dict[str, str]] = {
    word: one.name for one in _ALL for word in (one.name, *one.other_names)
}

"""A question as text again, in the one form that it has; parsed, it is the same question."""

import re
from collections.abc import Iterable
from typing import Final

from archive.query.parts import Either, Question, Term, Token, Unwanted

_PLAIN: Final = re.compile(r'[^\s"]+')
_IGNORES_CASE: Final = "(?i)"


def spelled(question: Question) -> str:
    """Words first, filters behind them."""
    return " ".join(filter(None, (joined(question.wanted), *map(spelled_token, question.tokens))))


def joined(wanted: Iterable[Either | Unwanted]) -> str:
    """The words alone: what the search engine is asked, and what an address has as `q`."""
    return " ".join(
        f"-{_term(part.term)}"
        if isinstance(part, Unwanted)
        else " OR ".join(_term(term) for term in part.terms)
        for part in wanted
    )


def _term(term: Term) -> str:
    return f'"{term.text}"' if term.quoted else f"{term.text}{'*' if term.prefix else ''}"


def spelled_token(token: Token) -> str:
    """`name:value`, in quotes where it needs them."""
    value = token.value
    if token.name == "re":
        flags = "i" if value.startswith(_IGNORES_CASE) else ""
        escaped = value.removeprefix(_IGNORES_CASE).replace("/", "\\/")
        return f"re:/{escaped}/{flags}"
    quoted = value if _PLAIN.fullmatch(value) else f'"{value}"'
    return f"{token.name}:{quoted}"

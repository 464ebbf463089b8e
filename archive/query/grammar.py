"""From pieces to a question. Every text gives one: what makes no sense is left out and pointed at."""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from typing import Final

from archive.query.lexer import Piece, pieces
from archive.query.parts import Either, Mistake, Question, Term, Token, Unwanted
from archive.query.tokens import NAMES, TOKENS
from archive.query.values import Wrong
from tgadmin.lib.told import Told, tell

#: Longer queries are cut: nobody types them.
LONGEST: Final = 500
_OPPOSITES: Final = {"deleted": "present", "present": "deleted"}
#: How like a filter's name a word has to be (difflib's ratio) to be taken for a misspelt one.
_ALIKE: Final = 0.75
#: A pattern as it is written elsewhere; `/a/path/` is none.
_BARE_PATTERN: Final = re.compile(r"/.*[][*+?^$|\\].*/i?")


def clean(text: str) -> str:
    """What PostgreSQL refuses (NUL and half characters) is no part of a query."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")[:LONGEST]


def parse(text: str, *, today: date) -> Question:
    """Never fails. `today` is what days such as `yesterday` are counted from."""
    reading = _Reading(today)
    for piece in pieces(clean(text)):
        reading.take(piece)
    return reading.question()


@dataclass
class _Reading:
    today: date
    wanted: list[Either | Unwanted] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    #: An OR that waits for what follows it.
    waiting: Piece | None = None
    #: Whether the last piece was a wanted term, so that OR may follow.
    open: bool = False
    #: A NOT that waits for what is not wanted.
    denied: Piece | None = None

    def question(self) -> Question:
        self._drop_or()
        self._drop_not()
        return Question(tuple(self.wanted), tuple(self.tokens), tuple(self.mistakes))

    def wrong(self, piece: Piece, told: Told) -> None:
        self.mistakes.append(Mistake(piece.start, piece.end, told))

    def take(self, piece: Piece) -> None:
        """OR, and in capitals AND and NOT, mean what they mean elsewhere; in quotes they are words."""
        bare = "" if piece.name or piece.quoted or piece.minus else piece.text
        if bare == "AND":
            self._drop_or()  # all that stands side by side has to hold anyway
            self._drop_not()
        elif bare == "NOT":
            self._drop_not()
            self.denied = piece
        elif bare.upper() == "OR":
            self._drop_not()
            self._or(piece)
        else:
            if self.denied:
                piece = replace(piece, start=self.denied.start, minus=True)
                self.denied = None
            self._take(piece)

    def _take(self, piece: Piece) -> None:
        if piece.name:
            self._drop_or()
            self._filter(piece)
            self.open = False
        else:
            self._term(piece)

    def _drop_not(self) -> None:
        if self.denied:
            told = tell(
                "NOT has to stand before a word.",
                'It was left out; to look for the word itself, write "not" in quotes.',
            )
            self.wrong(self.denied, told)
            self.denied = None

    def _or(self, piece: Piece) -> None:
        self._drop_or()
        if self.open:
            self.waiting = piece
        else:
            self._misplaced(piece)

    def _drop_or(self) -> None:
        if self.waiting:
            self._misplaced(self.waiting)
            self.waiting = None

    def _misplaced(self, piece: Piece) -> None:
        self.wrong(
            piece,
            tell(
                "OR has to stand between two words.",
                'It was left out; to look for the word itself, write "or" in quotes.',
            ),
        )

    def _term(self, piece: Piece) -> None:
        term = self._read_term(piece)
        if term is None:
            return
        if piece.minus:
            if self.waiting:
                self._not_in_or(piece)
                self.waiting = None
                return
            self.wanted.append(Unwanted(term))
            self.open = False
        elif self.waiting:
            before = self.wanted.pop()
            assert isinstance(before, Either)  # noqa: S101 - an OR waits behind such only
            self.wanted.append(Either((*before.terms, term)))
            self.waiting = None
        else:
            self.wanted.append(Either((term,)))
            self.open = True

    def _not_in_or(self, piece: Piece) -> None:
        self.wrong(
            piece,
            tell(
                "What is not wanted cannot stand beside OR.",
                "It was left out; put it at the end: one OR other -unwanted.",
            ),
        )

    def _read_term(self, piece: Piece) -> Term | None:
        text = " ".join(piece.text.split())
        if not piece.closed:
            self.wrong(
                piece,
                tell(
                    "This quote has no end.",
                    'All that follows was taken as one phrase; write " where it ends.',
                ),
            )
        if piece.quoted:
            if not text:
                self.wrong(piece, tell("Nothing stands between these quotes.", "Take them away."))
                return None
            return Term(text, quoted=True)
        if text == "-":
            self.wrong(
                piece,
                tell(
                    "This minus stands alone.",
                    "Write it directly before what is not wanted: -word.",
                ),
            )
            return None
        self._misspelt(piece)
        self._not_understood(piece)
        prefix = text.endswith("*")
        text = text.rstrip("*") if prefix else text
        if not text.strip("-"):
            self.wrong(
                piece,
                tell(
                    "There is no word here.",
                    "A star stands behind the beginning of a word (ferr*), a minus before one.",
                ),
            )
            return None
        return Term(text, prefix=prefix)

    def _misspelt(self, piece: Piece) -> None:
        """A word that nearly is a filter stays a word; the person is asked."""
        name, colon, value = piece.text.partition(":")
        if not colon or not value or value.startswith("/") or not name.isalpha():
            return
        alike = get_close_matches(name.lower(), NAMES, n=1, cutoff=_ALIKE)
        if alike:
            self.wrong(
                piece,
                tell(
                    "There is no filter “%(name)s:”; did you mean “%(alike)s:”?",
                    "It was taken as a word.",
                    name=name,
                    alike=alike[0],
                ),
            )

    def _not_understood(self, piece: Piece) -> None:
        """What other searches understand and this one does not; it stays a word."""
        text = piece.text.removeprefix("-")
        if text.startswith("(") and (piece.minus or self.waiting):
            self.wrong(
                piece,
                tell(
                    "Parentheses hold nothing together here.",
                    "OR binds the words beside it, and a minus stands before each word that is not "
                    "wanted.",
                ),
            )
        elif _BARE_PATTERN.fullmatch(text):
            self.wrong(
                piece,
                tell(
                    "This looks like a pattern, and was taken as a word.",
                    "Write re:%(pattern)s to search by it.",
                    pattern=text,
                ),
            )

    def _filter(self, piece: Piece) -> None:
        known = TOKENS[piece.name]
        value = self._value(piece)
        if value is None:
            return
        if piece.minus:
            opposite = _OPPOSITES.get(value) if piece.name == "is" else None
            if opposite is None:
                self.wrong(
                    piece,
                    tell(
                        "A minus before “%(name)s:” is not understood.",
                        "It was left out; a minus stands before words, and before is:deleted.",
                        name=piece.name,
                    ),
                )
                return
            value = opposite
        before = [one for one in self.tokens if one.name == piece.name]
        token = Token(piece.name, value, piece.start, piece.end)
        if token in before:
            return
        if before and not known.several:
            self.wrong(
                piece,
                tell(
                    "“%(name)s:” can stand once only.",
                    "This one was left out; take one of them away.",
                    name=piece.name,
                ),
            )
            return
        self.tokens.append(token)

    def _value(self, piece: Piece) -> str | None:
        known = TOKENS[piece.name]
        if piece.name == "re" and piece.text:
            return self._pattern(piece)
        if not piece.text.strip():
            self.wrong(
                piece,
                tell(
                    "Nothing stands behind “%(name)s:”.",
                    "Write the value directly behind the colon, as in %(example)s.",
                    name=piece.name,
                    example=known.example,
                ),
            )
            return None
        if not piece.closed:
            self.wrong(
                piece,
                tell(
                    "This quote has no end.",
                    'All that follows was taken as its value; write " where it ends.',
                ),
            )
        try:
            return known.read(piece.text, self.today)
        except Wrong as wrong:
            self.wrong(piece, wrong.told)
            return None

    def _pattern(self, piece: Piece) -> str | None:
        if not piece.closed:
            self.wrong(
                piece,
                tell(
                    "This pattern does not stand between two slashes.",
                    "Write it as in re:/colou?r/i; a slash in it is written \\/.",
                ),
            )
            return None
        unknown = set(piece.flags) - {"i"}
        if unknown:
            self.wrong(
                piece,
                tell(
                    "“%(letters)s” means nothing behind a pattern.",
                    "There is i alone, which ignores upper and lower case.",
                    letters="".join(sorted(unknown)),
                ),
            )
            return None
        pattern = piece.text.replace("\\/", "/")
        return f"(?i){pattern}" if piece.flags else pattern

"""From characters to pieces."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from archive.query.tokens import NAMES

#: A filter's name and its colon.
_NAME: Final = re.compile(r"([A-Za-z]+):(?!//)")
_WORD: Final = re.compile(r'[^\s"]+')
_PATTERN: Final = re.compile(r"/((?:[^/\\]|\\.)*)/([a-z]*)(?=\s|$)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """`name`: the word before a colon, lower case, where it is a filter. `closed`: a quote or a
    pattern has its end. `flags`: letters behind a pattern.
    """

    start: int
    end: int
    text: str
    minus: bool = False
    quoted: bool = False
    closed: bool = True
    name: str = ""
    flags: str = ""


def pieces(text: str) -> Iterator[Piece]:
    """All of a text but the spaces between them."""
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        piece = _piece(text, place)
        yield piece
        place = piece.end


def _piece(text: str, start: int) -> Piece:
    minus = text[start] == "-" and start + 1 < len(text) and not text[start + 1].isspace()
    place = start + minus
    named = _NAME.match(text, place)
    if named and named[1].lower() in NAMES:
        name = NAMES[named[1].lower()]
        return _value(text, start, named.end(), minus=minus, name=name)
    if text[place] == '"':
        return _quoted(text, start, place, minus=minus)
    word = _WORD.match(text, place)
    end = word.end() if word else place + 1
    return Piece(start, end, text[place:end], minus)


def _value(text: str, start: int, place: int, *, minus: bool, name: str) -> Piece:
    """What stands behind a filter's colon."""
    if name == "re" and text[place : place + 1].strip():
        match = _PATTERN.match(text, place)
        if match:
            return Piece(start, match.end(), match[1], minus, name=name, flags=match[2])
        return Piece(start, len(text), text[place:], minus, name=name, closed=False)
    if place < len(text) and text[place] == '"':
        return _quoted(text, start, place, minus=minus, name=name)
    bare = _WORD.match(text, place)
    end = bare.end() if bare else place
    return Piece(start, end, text[place:end], minus, name=name)


def _quoted(text: str, start: int, quote: int, *, minus: bool, name: str = "") -> Piece:
    close = text.find('"', quote + 1)
    end = len(text) if close < 0 else close + 1
    inside = text[quote + 1 : close if close >= 0 else end]
    return Piece(start, end, inside, minus, quoted=True, closed=close >= 0, name=name)

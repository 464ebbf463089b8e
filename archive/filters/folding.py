"""Case and accents aside: what `search_fold` (migration 0005 of `ingestion`) does, in Python."""

import re
import unicodedata
from typing import Final

_MARKS: Final = re.compile("(?<![\u0400-\u04ff])[\u0300-\u036f]+")
_POINTS: Final = re.compile("[\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]+")
_LETTERS: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ı": "i", "ς": "σ", "ß": "ss", "æ": "ae", "œ": "oe", "ё": "е"}
)


def fold(text: str) -> str:
    lower = text.lower()
    if lower.isascii():
        return lower
    bare = _POINTS.sub("", _MARKS.sub("", unicodedata.normalize("NFD", lower)))
    return unicodedata.normalize("NFC", bare).translate(_LETTERS)


def folded_with_places(text: str) -> tuple[str, list[int]]:
    """Return the folded text, and for each of its characters, and its end, where in the text it
    came from.
    """
    lower = text.lower()
    if lower.isascii():
        return lower, list(range(len(text) + 1))
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        # A mark on its own belongs to the letter before it: of й and ї it is what makes them.
        for folded in fold(sign):
            signs.append(folded)
            places.append(place)
    return "".join(signs), [*places, len(text)]

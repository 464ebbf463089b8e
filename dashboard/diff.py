"""What was changed between two versions of a text, word by word."""

import re
from difflib import SequenceMatcher
from typing import Final, Literal, NamedTuple

from archive.filters.query import is_written_without_spaces

Change = Literal["same", "removed", "added"]

_WORDS: Final = re.compile(r"\s+|\w+|[^\w\s]")
#: A comparison takes the square of them.
_MOST_WORDS: Final = 3_000


class _Stretch(NamedTuple):
    """The same place in both texts."""

    before: str
    after: str

    @property
    def is_same(self) -> bool:
        return self.before == self.after


class Piece(NamedTuple):
    """A stretch of text and what became of it."""

    change: Change
    text: str


def words(before: str, after: str) -> list[Piece]:
    """Without the removed pieces it is `after`, without the added ones `before`."""
    old, new = _split(before), _split(after)
    if len(old) + len(new) > 2 * _MOST_WORDS:
        stretches = [_Stretch(before, after)]
    else:
        stretches = _compare(old, new)
    found: list[Piece] = []
    for stretch in stretches:
        if stretch.is_same:
            found.append(Piece("same", stretch.before))
            continue
        if stretch.before:
            found.append(Piece("removed", stretch.before))
        if stretch.after:
            found.append(Piece("added", stretch.after))
    return found


def _split(text: str) -> list[str]:
    """Words, spaces and signs; single characters where words are not told by spaces."""
    found: list[str] = []
    for piece in _WORDS.findall(text):
        found += list(piece) if is_written_without_spaces(piece) else [piece]
    return found


def _compare(old: list[str], new: list[str]) -> list[_Stretch]:
    """Two replacements with nothing but a space between them are one, as a reader sees it."""
    found: list[_Stretch] = []
    for _tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        stretch = _Stretch("".join(old[i1:i2]), "".join(new[j1:j2]))
        if len(found) > 1 and not stretch.is_same and _is_gap(found[-1]):
            first, gap = found[-2], found[-1]
            joined = _Stretch(
                first.before + gap.before + stretch.before, first.after + gap.after + stretch.after
            )
            if (first.before or stretch.before) and (first.after or stretch.after):
                found[-2:] = [joined]
                continue
        found.append(stretch)
    return found


def _is_gap(stretch: _Stretch) -> bool:
    return stretch.is_same and stretch.before.isspace() and "\n" not in stretch.before

"""Texts with the digits and marks of all scripts as those of ASCII, character by character, so that
places in one are places in the other.
"""

import re
import unicodedata
from functools import cache
from typing import Final

#: What people write between digits, besides ASCII: hyphens, dashes, spaces that do not break.
_MARKS: Final = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d", "-"),
    **dict.fromkeys("\u00a0\u2007\u2009\u202f\u3000", " "),
    "\uff0b": "+",
    "\uff20": "@",
    "\uff08": "(",
    "\uff09": ")",
    "\uff0e": ".",
    "\uff1a": ":",
}


@cache
def _table() -> dict[int, str]:
    table = {ord(mark): plain for mark, plain in _MARKS.items()}
    for point in range(0x80, 0x20000):
        if unicodedata.category(char := chr(point)) == "Nd":
            table[point] = str(unicodedata.digit(char))
    return table


def plain(text: str) -> str:
    """Of the same length."""
    return text if text.isascii() else text.translate(_table())


#: Scripts that put no space between words: what stands beside them stands alone.
_SPACELESS: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]"
)


def apart(text: str) -> str:
    """With a mark instead of each letter of such a script; of the same length."""
    return text if text.isascii() else _SPACELESS.sub("\u3002", text)

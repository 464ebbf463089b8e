"""Payment cards and bank accounts: digits that prove themselves."""

import re
from collections.abc import Iterator
from typing import Final

from stdnum import iban, luhn

from archive.redaction.kinds import Kind, Span

#: 13 to 19 digits, in one piece or in groups as they stand on cards.
_CARD: Final = re.compile(
    r"(?<![\w.,+#-])(?<!\d[ -])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5})"
    r"(?![\w]|[ -]\d|[.,]\d)"
)
#: Issuers (ISO/IEC 7812): what a number begins with, and how long it then is. One number in ten
#: passes the check digit by chance; with both, one in about a hundred.
_ISSUERS: Final = re.compile(
    r"4\d{12}(?:\d{3})?(?:\d{3})?|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"
    r"|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}"
    r"|62\d{14,17}|220[0-4]\d{12,15}|(?:50|5[6-8]|60|63|67|81)\d{14,17}|9792\d{12}"
)
#: Country, check digits, and what the country says, in groups of four or in one piece.
_IBAN: Final = re.compile(
    r"(?<![\w])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}(?:[ -]?[A-Za-z0-9]{1,3})?(?!\w)"
)
_BETWEEN: Final = re.compile(r"[ -]")
_SHORTEST_IBAN: Final = 15


def cards(text: str) -> Iterator[Span]:
    """Numbers with an issuer, its length, and the right check digit (ISO/IEC 7812-1)."""
    for found in _CARD.finditer(text):
        number = _BETWEEN.sub("", found.group())
        if len(set(number)) > 1 and _ISSUERS.fullmatch(number) and luhn.is_valid(number):
            yield Span(Kind.CARD, *found.span(), number)


def ibans(text: str) -> Iterator[Span]:
    """Numbers that their country's format and the check digits (ISO 13616, mod 97) fit."""
    for found in _IBAN.finditer(text):
        end = found.end()
        # A word may follow that looks like one more group: try without it.
        while end - found.start() >= _SHORTEST_IBAN:
            number = _BETWEEN.sub("", text[found.start() : end]).upper()
            if iban.is_valid(number, check_country=False):
                yield Span(Kind.IBAN, found.start(), end, number)
                break
            end = max(text.rfind(" ", found.start(), end), text.rfind("-", found.start(), end))

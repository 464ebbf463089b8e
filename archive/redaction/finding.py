"""All detectors over one text. A cheap look first: most messages have nothing to find."""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from archive.redaction import money, nets, phones
from archive.redaction.digits import apart, plain
from archive.redaction.kinds import Kind, Span
from archive.redaction.names import People, ids

EVERY: Final = frozenset(Kind)

#: What phone numbers, cards and accounts have somewhere, in the digits of any script.
_SEVEN_DIGITS: Final = re.compile(r"\d(?:\W{0,3}\d){6}")
_FOUR_NUMBERS: Final = re.compile(r"\d\.\d{1,3}\.\d{1,3}\.\d")
_TWO_COLONS: Final = re.compile(r"[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]")
_SHY: Final = re.compile(r"[\[({] ?(?:at|собака) ?[\])}]", re.IGNORECASE)
_IBAN: Final = re.compile(r"[A-Za-z]{2}\d\d[ A-Za-z0-9-]{11}")
_ORDER: Final = {kind: place for place, kind in enumerate(Kind)}


def find(text: str, *, kinds: Collection[Kind] = EVERY, people: People | None = None) -> list[Span]:
    """What gives somebody away, from left to right, without overlaps."""
    found = list(_candidates(text, kinds))
    if Kind.NAME in kinds:
        found += ids(text)
        if people:
            found += people.find(text)
    return disjoint(found) if len(found) > 1 else found


def _candidates(text: str, kinds: Collection[Kind]) -> Iterator[Span]:
    has_at = "@" in text or "\uff20" in text
    has_digits = _SEVEN_DIGITS.search(text)
    has_points = text.count(".") > 2 and _FOUR_NUMBERS.search(text)
    has_colons = text.count(":") > 1 and _TWO_COLONS.search(text)
    is_shy = ("(" in text or "[" in text or "{" in text) and _SHY.search(text)
    if not (has_at or has_digits or has_points or has_colons or is_shy):
        return
    words = plain(text)
    bare = apart(words)
    if has_at and Kind.EMAIL in kinds:
        yield from nets.emails(bare)
    if has_at and Kind.MENTION in kinds:
        yield from nets.mentions(bare)
    if is_shy and Kind.EMAIL in kinds:
        yield from nets.shy_emails(bare)
    if has_points and Kind.IP in kinds:
        yield from nets.ipv4s(bare)
    if has_colons and Kind.IP in kinds:
        yield from nets.ipv6s(bare)
    if has_digits:
        yield from _numbers(bare, words, kinds)


def _numbers(bare: str, words: str, kinds: Collection[Kind]) -> Iterator[Span]:
    if Kind.CARD in kinds:
        yield from money.cards(bare)
    if Kind.IBAN in kinds and _IBAN.search(bare):
        yield from money.ibans(bare)
    if Kind.PHONE in kinds:
        yield from phones.phones(bare, words)


def disjoint(spans: Iterable[Span]) -> list[Span]:
    """Of those that overlap, the surer kind; of one kind, the longer."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda one: (_ORDER[one.kind], one.start - one.end)):
        if all(span.end <= other.start or span.start >= other.end for other in kept):
            kept.append(span)
    return sorted(kept, key=lambda one: one.start)

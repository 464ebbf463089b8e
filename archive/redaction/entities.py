"""Entities of a text some of whose stretches became others. Offsets are in UTF-16 code units
(https://core.telegram.org/api/entities).
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from archive.redaction.kinds import Kind, Span

#: What a stretch looks like or leads to, whatever its words are; all others are about the words.
_LOOKS: Final = frozenset(
    {"bold", "italic", "underline", "strikethrough", "code", "pre", "spoiler", "blockquote", "text_url"}
)  # fmt: skip
_KINDS: Final = {
    "email": Kind.EMAIL,
    "phone": Kind.PHONE,
    "mention": Kind.MENTION,
    "bank_card": Kind.CARD,
    "mention_name": Kind.NAME,
}
_BMP: Final = 0xFFFF
_LINK_TO_PERSON: Final = "tg://user?id="


class Places:
    """Characters of a text as UTF-16 offsets, and back."""

    def __init__(self, text: str) -> None:
        # Those that take two units, as offsets of their second one.
        self._wide = (
            []
            if text.isascii() or max(text) <= "\uffff"
            else [place for place, char in enumerate(text) if ord(char) > _BMP]
        )
        self._units = [place + number for number, place in enumerate(self._wide)]

    def units(self, place: int) -> int:
        return place + bisect_left(self._wide, place)

    def character(self, unit: int) -> int:
        return unit - bisect_left(self._units, unit)


def told(entities: Iterable[Mapping[str, Any]], text: str, kinds: Iterable[Kind]) -> list[Span]:
    """What Telegram found in a text, or was told of it."""
    wanted = set(kinds)
    places = Places(text)
    found = []
    for entity in entities:
        kind = _KINDS.get(str(entity.get("type")))
        value = str(entity.get("user_id", ""))
        url = str(entity.get("url") or "")
        if url.startswith(_LINK_TO_PERSON):
            kind, value = Kind.NAME, url.removeprefix(_LINK_TO_PERSON)
        if kind is None or kind not in wanted:
            continue
        start = places.character(entity["offset"])
        end = places.character(entity["offset"] + entity["length"])
        if 0 <= start < end <= len(text):
            found.append(Span(kind, start, end, value or _value(kind, text[start:end])))
    return found


def _value(kind: Kind, words: str) -> str:
    if kind is Kind.PHONE:
        return "+" + "".join(filter(str.isdigit, words))
    if kind is Kind.CARD:
        return "".join(filter(str.isdigit, words))
    return words.removeprefix("@").casefold()


def moved(
    entities: Sequence[Mapping[str, Any]], text: str, changes: Sequence[tuple[Span, str]]
) -> list[dict[str, Any]]:
    """The entities of the text in which each span became other words. Those that are about words
    which are gone go, too; what only says how a stretch looks follows it.
    """
    places = Places(text)
    cuts = [
        (places.units(span.start), places.units(span.end), len(new.encode("utf-16-le")) // 2)
        for span, new in changes
    ]
    kept = []
    for entity in entities:
        start, end = entity["offset"], entity["offset"] + entity["length"]
        touched = any(low < end and start < high for low, high, _ in cuts)
        if touched and entity.get("type") not in _LOOKS:
            continue
        low, high = _move(start, cuts, at_end=False), _move(end, cuts, at_end=True)
        if low < high:
            kept.append({**entity, "offset": low, "length": high - low})
    return kept


def _move(place: int, cuts: Iterable[tuple[int, int, int]], *, at_end: bool) -> int:
    shift = 0
    for low, high, length in cuts:
        if high <= place:
            shift += length - (high - low)
        elif low < place:
            return low + shift + (length if at_end else 0)
    return place + shift

"""The plan of a run as a bar: what of it was answered, and what it will ask for."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from dashboard import wording
from dashboard.tape import Piece
from tgadmin.lib.ranges import IdRanges

#: More pieces of a kind than these would not be seen apart.
_MOST: Final = 120
#: Of the bar's width, in percent: what is left to do is never drawn thinner.
_VISIBLE: Final = 0.35


@dataclass(frozen=True, slots=True)
class PlanBar:
    """`low` and `high` are the ids at its ends."""

    low: int
    high: int
    pieces: list[Piece]
    label: str


def draw(planned: IdRanges | None, done: IdRanges) -> PlanBar | None:
    """None where nothing was planned."""
    if not planned:
        return None
    low, high = planned.pairs[0][0], planned.top
    answered, left = planned & done, planned - done
    pieces = [
        *_pieces("have", answered, low, high, least=0.0),
        *_pieces("never", left, low, high, least=_VISIBLE),
    ]
    label = _("%(done)s of %(planned)s planned ids were answered") % {
        "done": wording.number(len(answered)),
        "planned": wording.number(len(planned)),
    }
    return PlanBar(low, high, pieces, label)


def _pieces(kind: str, ranges: IdRanges, low: int, high: int, *, least: float) -> list[Piece]:
    width = high - low + 1
    longest = sorted(ranges.pairs, key=lambda pair: pair[0] - pair[1])[:_MOST]
    out = []
    for first, last in sorted(longest):
        share = max(100 * (last - first + 1) / width, least)
        x = min(100 * (first - low) / width, 100 - share)
        out.append(Piece(kind, f"{x:.2f}%", f"{share:.2f}%", first, last))
    return out

"""Thirty days as one small line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import ngettext

from dashboard import wording

#: The view box of parts/sparkline.html; a line's width stays clear of its edges.
_WIDTH: Final = 100
_LOW, _HIGH = 22.0, 2.0


@dataclass(frozen=True, slots=True)
class Sparkline:
    """Path data for the line and for the area under it, and how many messages they stand for."""

    line: str
    area: str
    total: int
    days: int

    @property
    def label(self) -> str:
        """For who cannot see the line."""
        return ngettext(
            "%(total)s messages in %(days)d day", "%(total)s messages in %(days)d days", self.days
        ) % {"total": wording.compact(self.total), "days": self.days}


def sparkline(values: Sequence[int]) -> Sparkline:
    """A line through one value a day, oldest first; its top is the busiest day."""
    top = max(values, default=0) or 1
    step = _WIDTH / max(len(values) - 1, 1)
    points = [
        f"{place * step:.1f} {_LOW - (_LOW - _HIGH) * value / top:.1f}"
        for place, value in enumerate(values)
    ]
    line = "M" + "L".join(points) if points else ""
    area = f"{line}V24H0Z" if points else ""
    return Sparkline(line, area, sum(values), len(values))

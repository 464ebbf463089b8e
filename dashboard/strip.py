"""A strip of time: what happened when, drawn as one bar."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

#: Of the strip's width, in percent: a piece is never drawn thinner, however short it was.
_VISIBLE: Final = 0.4


@dataclass(frozen=True, slots=True)
class Piece:
    """`x` and `width` in percent of the strip, ready for the attributes of a <rect>."""

    kind: str
    x: str
    width: str
    begin: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        return (self.end - self.begin).total_seconds()


@dataclass(frozen=True, slots=True)
class Strip:
    """From `begin` to `end`; `label` is for who cannot see it."""

    begin: datetime
    end: datetime
    pieces: list[Piece] = field(default_factory=list)
    label: str = ""

    def piece(self, kind: str, begin: datetime, end: datetime) -> list[Piece]:
        """What lies in the strip of a span of time: one piece, or none."""
        begin, end = max(begin, self.begin), min(end, self.end)
        if end < begin:
            return []
        whole = max((self.end - self.begin).total_seconds(), 0.001)
        width = max(100 * (end - begin).total_seconds() / whole, _VISIBLE)
        x = min(100 * (begin - self.begin).total_seconds() / whole, 100 - width)
        return [Piece(kind, f"{x:.2f}%", f"{width:.2f}%", begin, end)]

    def with_pieces(self, pieces: Iterable[Piece], label: str) -> "Strip":
        return replace(self, pieces=list(pieces), label=label)

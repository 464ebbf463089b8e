"""The table below the tape: the longest stretches of ids that are not in the archive, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ingestion.coverage import CoverageReport

MOST: Final = 8


@dataclass(frozen=True, slots=True)
class Stretch:
    """Ids from `low` to `high`, both inclusive; `kind` is never, absent or hid."""

    kind: str
    low: int
    high: int

    @property
    def ids(self) -> int:
        return self.high - self.low + 1

    @property
    def why(self) -> str:
        return _WHY[self.kind]


_WHY: Final = {
    "never": "Sync now asks for them.",
    "absent": "Telegram answered that there is no message: deleted before it was archived.",
    "hid": "Telegram shows newcomers nothing from before they joined.",
}


@dataclass(frozen=True, slots=True)
class Stretches:
    """`rows` are shown; `gaps` is how many stretches were never asked for in all."""

    rows: list[Stretch]
    gaps: int


def stretches(report: CoverageReport, absent: Iterable[tuple[int, int]]) -> Stretches:
    """Never asked first, because those can be mended; then the longest."""
    never = [Stretch("never", low, high) for low, high in report.gaps.pairs]
    hidden = [Stretch("hid", low, high) for low, high in report.hidden.pairs]
    gone = [Stretch("absent", low, high) for low, high in absent]
    never.sort(key=lambda stretch: -stretch.ids)
    rest = sorted([*hidden, *gone], key=lambda stretch: -stretch.ids)
    shown = never[: MOST if not rest else MOST - 3]
    return Stretches([*shown, *rest[: MOST - len(shown)]], len(never))

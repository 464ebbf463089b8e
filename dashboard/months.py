"""A year as twelve small calendars, each day a link to what was said on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from archive.stats import HeatmapDay


@dataclass(frozen=True, slots=True)
class Month:
    """`weeks` of seven cells, Monday first; None where another month's day would be."""

    first: date
    messages: int
    weeks: list[list[HeatmapDay | None]]


def of_year(days: Sequence[HeatmapDay]) -> list[Month]:
    """From every day of a year, in order."""
    out = []
    for _number, found in groupby(days, key=lambda cell: cell.day.month):
        cells = list(found)
        row: list[HeatmapDay | None] = [None] * cells[0].day.weekday() + list(cells)
        row += [None] * (-len(row) % 7)
        weeks = [row[start : start + 7] for start in range(0, len(row), 7)]
        out.append(Month(cells[0].day, sum(cell.messages for cell in cells), weeks))
    return out

"""The calendar of 53 weeks, ready to be drawn by `parts/heatmap.html`."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.utils.translation import ngettext, pgettext

from archive.stats import Heatmap, HeatmapDay
from dashboard import wording

#: Width and height that a day takes, in the units of the drawing.
CELL = 13
#: The level of a day whose messages are not kept any longer.
LET_GO = 5
#: A square from its upper left corner; the stroke of css/charts.css rounds and completes it.
_SQUARE = "h6v6h-6z"
_INSET = 2.5


@dataclass(frozen=True, slots=True)
class Month:
    """A label above the squares, and a line of the table."""

    x: int
    label: str
    name: str
    messages: int
    address: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """`levels` are `(level, path)`: the squares of all days of a level are one shape, because as
    elements of their own they were a third of a page. `weekdays` are `(y, name)` of every second
    day. `counts`, from `first` on, tell js/charts.js what the day under the pointer is.
    """

    levels: tuple[tuple[int, str], ...]
    months: tuple[Month, ...]
    weekdays: tuple[tuple[int, str], ...]
    messages: int
    label: str
    first: date
    counts: str
    address: str
    kept_since: date | None = None


def draw(found: Heatmap, *, channel: int, kept_since: date | None = None) -> Calendar:
    """`channel` is whose messages a day leads to. What was posted before `kept_since` was let go."""
    base = f"{reverse('messages')}?channel={channel}&"
    days = [cell for column in found.weeks for cell in column if cell]
    label = ngettext(
        "%(count)s message in 53 weeks", "%(count)s messages in 53 weeks", found.messages
    ) % {"count": wording.number(found.messages)}
    return Calendar(
        levels=_levels(found, kept_since),
        months=_months(days, base),
        weekdays=tuple((CELL * n, format_date(days[n].day, "D")) for n in (0, 2, 4)),
        messages=found.messages,
        label=label,
        first=days[0].day,
        counts=",".join(str(day.messages or "") for day in days),
        address=base,
        kept_since=kept_since if kept_since and kept_since > days[0].day else None,
    )


def _levels(found: Heatmap, kept_since: date | None) -> tuple[tuple[int, str], ...]:
    paths: dict[int, list[str]] = defaultdict(list)
    at: dict[int, tuple[int, int]] = {}
    for week, column in enumerate(found.weeks):
        for weekday, cell in enumerate(column):
            if cell is None:
                continue
            place = (CELL * week, CELL * weekday)
            gone = kept_since is not None and cell.day < kept_since and not cell.messages
            level = LET_GO if gone else cell.level
            x, y = at.get(level, (-_INSET, -_INSET))
            # Relative to the square before: the same few letters again and again.
            paths[level].append(f"m{place[0] - x:g} {place[1] - y:g}{_SQUARE}")
            at[level] = place
    return tuple((level, "".join(paths[level])) for level in sorted(paths))


def _months(days: Sequence[HeatmapDay], base: str) -> tuple[Month, ...]:
    of_month: dict[date, int] = defaultdict(int)
    first_week: dict[date, int] = {}
    last: dict[date, date] = {}
    for place, cell in enumerate(days):
        month = cell.day.replace(day=1)
        of_month[month] += cell.messages
        last[month] = cell.day
        if cell.day.day <= 7:
            first_week.setdefault(month, place // 7)
    return tuple(
        Month(
            x=CELL * first_week.get(month, -10),
            label=format_date(month, pgettext("date format", "M")),
            name=format_date(month, pgettext("date format", "F Y")),
            messages=messages,
            address=_address(base, month, last[month]),
        )
        for month, messages in of_month.items()
    )


def _address(base: str, since: date, until: date) -> str:
    return base + urlencode({"from": since, "to": until})

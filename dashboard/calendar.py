"""The calendar of 53 weeks, ready to be drawn by `parts/heatmap.html`."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from archive.stats import Heatmap
from dashboard import wording

#: Width and height that a day takes, in the units of the drawing.
CELL = 13


@dataclass(frozen=True, slots=True)
class Day:
    """`x` and `y` of its square; `address` of its messages, empty for a day without any."""

    x: int
    y: int
    level: int
    title: str
    address: str


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
    """`weekdays` are `(y, name)` of every second day."""

    days: tuple[Day, ...]
    months: tuple[Month, ...]
    weekdays: tuple[tuple[int, str], ...]
    messages: int
    label: str


def draw(found: Heatmap, *, channel: int) -> Calendar:
    """`channel` is whose messages a day leads to."""
    base = f"{reverse('messages')}?channel={channel}&"
    days = []
    of_month: dict[date, int] = defaultdict(int)
    first_week: dict[date, int] = {}
    last = {}
    for week, column in enumerate(found.weeks):
        for weekday, cell in enumerate(column):
            if cell is None:
                continue
            month = cell.day.replace(day=1)
            of_month[month] += cell.messages
            last[month] = cell.day
            if cell.day.day <= 7:
                first_week.setdefault(month, week)
            days.append(
                Day(
                    x=CELL * week,
                    y=CELL * weekday,
                    level=cell.level,
                    title=_title(cell.day, cell.messages),
                    address=f"{base}day={cell.day}" if cell.messages else "",
                )
            )
    months = tuple(
        Month(
            x=CELL * first_week.get(month, -10),
            label=format_date(month, pgettext("date format", "M")),
            name=format_date(month, pgettext("date format", "F Y")),
            messages=messages,
            address=_address(base, month, last[month]),
        )
        for month, messages in of_month.items()
    )
    monday = next(cell.day for cell in found.weeks[0] if cell)
    weekdays = tuple(
        (CELL * n, format_date(date.fromordinal(monday.toordinal() + n), "D")) for n in (0, 2, 4)
    )
    label = ngettext(
        "%(count)s message in 53 weeks", "%(count)s messages in 53 weeks", found.messages
    ) % {"count": wording.number(found.messages)}
    return Calendar(tuple(days), months, weekdays, found.messages, label)


def _title(day: date, messages: int) -> str:
    said = {"day": format_date(day, pgettext("date format", "D j M Y"))}
    if not messages:
        return _("%(day)s: no message") % said
    return ngettext("%(day)s: %(count)s message", "%(day)s: %(count)s messages", messages) % {
        **said,
        "count": wording.number(messages),
    }


def _address(base: str, since: date, until: date) -> str:
    return base + urlencode({"from": since, "to": until})

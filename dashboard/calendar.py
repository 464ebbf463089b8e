"""The calendar of 53 weeks, ready to be drawn by `parts/heatmap.html`."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from archive.stats import Heatmap
from dashboard import wording

#: Width and height that a day takes, in the units of the drawing.
CELL = 13


@dataclass(frozen=True, slots=True)
class Day:
    """`y` of its square; `address` of its messages, empty for a day without any."""

    y: int
    level: int
    title: str
    address: str

    @property
    def square(self) -> SafeString:
        """Drawn here: a template needs ten times as long for the 371 of them."""
        square = format_html(
            "<rect class=l{} y={}><title>{}</title></rect>",
            str(self.level),
            str(self.y),
            self.title,
        )
        if not self.address:
            return square
        return format_html('<a href="{}" tabindex=-1>{}</a>', self.address, square)


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
    """`weeks` are `(x, days)`, `weekdays` are `(y, name)` of every second day."""

    weeks: tuple[tuple[int, tuple[Day, ...]], ...]
    months: tuple[Month, ...]
    weekdays: tuple[tuple[int, str], ...]
    messages: int
    label: str


def draw(found: Heatmap, *, channel: int) -> Calendar:
    """`channel` is whose messages a day leads to."""
    base = f"{reverse('messages')}?channel={channel}&"
    weeks = []
    of_month: dict[date, int] = defaultdict(int)
    first_week: dict[date, int] = {}
    last = {}
    for week, column in enumerate(found.weeks):
        days: list[Day] = []
        weeks.append((CELL * week, days))
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
    drawn = tuple((x, tuple(days)) for x, days in weeks)
    return Calendar(drawn, months, weekdays, found.messages, label)


@lru_cache(maxsize=4 * 371)
def _day(day: date, pattern: str, language: str) -> str:  # noqa: ARG001, names of days differ by language
    """Calendars of all channels name the same days."""
    return format_date(day, pattern)


def _title(day: date, messages: int) -> str:
    said = {"day": _day(day, pgettext("date format", "D j M Y"), get_language() or "")}
    if not messages:
        return _("%(day)s: no message") % said
    return ngettext("%(day)s: %(count)s message", "%(day)s: %(count)s messages", messages) % {
        **said,
        "count": wording.number(messages),
    }


def _address(base: str, since: date, until: date) -> str:
    return base + urlencode({"from": since, "to": until})

"""Charts as data: what `parts/chart.html` hands to static/js/charts.js, and shows as a table to
whoever cannot see them. Words and dates are made here, in the person's language and time zone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from archive.stats import Stacked, Step

#: The tint of “others”; named series have 1, 2, 3 …
OTHERS = 4
_TINTS = (1, 2, 3, 5, 6, 7)


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the x axis: its label, its full name, and the days (ISO dates) it stands for."""

    label: str
    title: str
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class Line:
    """A series. `tint` is one of the series' colours; `channel` filters what a click leads to."""

    name: str
    tint: int
    values: tuple[float | None, ...]
    total: float | None
    channel: int | None = None

    @property
    def address(self) -> str:
        """The channel's page, or nothing."""
        return reverse("channel", args=[self.channel]) if self.channel else ""


@dataclass(frozen=True, slots=True)
class Chart:
    """`messages` is the address of the list of messages, `zoom` that of the page with another
    range; both end where `from=…&to=…` goes on. `decimals` is for the values.
    """

    name: str
    kind: Literal["bars", "lines"]
    step: Step
    points: tuple[Point, ...]
    lines: tuple[Line, ...]
    messages: str = ""
    zoom: str = ""
    decimals: int = 0

    @property
    def data(self) -> dict[str, Any]:
        """For the script."""
        return {
            "kind": self.kind,
            "labels": [point.label for point in self.points],
            "titles": [point.title for point in self.points],
            "from": [point.since for point in self.points],
            "to": [point.until for point in self.points],
            "series": [
                {"name": line.name, "tint": line.tint, "values": line.values, "key": line.channel}
                for line in self.lines
            ],
            "messages": self.messages,
            "zoom": self.zoom if len({point.since for point in self.points}) > 1 else "",
            "decimals": self.decimals,
            "words": {"total": _("Total")},
        }

    @property
    def rows(self) -> list[tuple[Point, str, list[float | None]]]:
        """`(point, address of its messages, value of each series)`, newest first."""
        columns = zip(*(line.values for line in self.lines), strict=True)
        rows = [
            (point, self.address_of(point), list(values))
            for point, values in zip(self.points, columns, strict=False)
        ]
        return rows[::-1]

    def address_of(self, point: Point) -> str:
        if not self.messages:
            return ""
        return f"{self.messages}{urlencode({'from': point.since, 'to': point.until})}"

    @property
    def is_empty(self) -> bool:
        return not any(value for line in self.lines for value in line.values)


def stacked(
    found: Stacked,
    titles: Mapping[int, str],
    *,
    name: str,
    until: date,
    messages: str = "",
    zoom: str = "",
) -> Chart:
    """Stacked bars of what `archive.stats` found. `until` is the last day of the range."""
    lines = []
    for place, (channel, values) in enumerate(found.series):
        others = channel is None
        lines.append(
            Line(
                name=_("Others") if others else titles.get(channel or 0, f"#{channel}"),
                tint=OTHERS if others else _TINTS[place],
                values=values,
                total=sum(values),
                channel=channel,
            )
        )
    return Chart(
        name=name,
        kind="bars",
        step=found.step,
        points=points(found.starts, found.step, until),
        lines=tuple(lines),
        messages=messages,
        zoom=zoom,
    )


def tint(place: int) -> int:
    """The colour of a named series by its place."""
    return _TINTS[place % len(_TINTS)]


def points(starts: Sequence[date], step: Step, until: date) -> tuple[Point, ...]:
    """The places of an x axis whose last one ends with `until`."""
    out = []
    for place, start in enumerate(starts):
        if isinstance(start, datetime):
            out.append(_hour(timezone.localtime(start)))
            continue
        end = starts[place + 1] - start if place + 1 < len(starts) else None
        last = start + end if end else None
        last_day = date.fromordinal(last.toordinal() - 1) if last else max(until, start)
        out.append(Point(_label(start, step), _title(start, step), str(start), str(last_day)))
    return tuple(out)


def _hour(local: datetime) -> Point:
    day = local.date().isoformat()
    midnight = local.hour == 0
    label = _day(local.date()) if midnight else format_date(local, pgettext("date format", "H:i"))
    return Point(label, format_date(local, pgettext("date format", "D j M, H:i")), day, day)


def _label(start: date, step: Step) -> str:
    if step is Step.MONTH:
        return format_date(start, pgettext("date format", "M Y"))
    return _day(start)


def _title(start: date, step: Step) -> str:
    if step is Step.MONTH:
        return format_date(start, pgettext("date format", "F Y"))
    if step is Step.WEEK:
        day = format_date(start, pgettext("date format", "j M Y"))
        return _("Week from %(day)s") % {"day": day}
    return format_date(start, pgettext("date format", "D j M Y"))


def _day(day: date) -> str:
    return format_date(day, pgettext("date format", "j M"))


@dataclass(frozen=True, slots=True)
class Spark:
    """A line without axes, as the two paths of an SVG of 100 by 30."""

    line: str
    area: str


def spark(values: Sequence[float]) -> Spark | None:
    """None for fewer than two values: they make no line."""
    if len(values) < 2:
        return None
    most = max(*values, 1)
    places = [
        f"{100 * place / (len(values) - 1):.1f} {29 - 26 * value / most:.1f}"
        for place, value in enumerate(values)
    ]
    line = "M" + "L".join(places)
    return Spark(line, f"{line}L100 30L0 30z")

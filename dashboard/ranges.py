"""The time range of a page, as its address says it: `?range=30d`, or
`?range=custom&from=2026-01-01&to=2026-03-31`. Days are those of the person's time zone.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from archive.stats import Step, midnight
from dashboard import wording

DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)
DEFAULT: Final = "30d"

#: Name, what the control says, days.
CHOICES: Final = (
    ("24h", gettext_lazy("24h"), 1),
    ("7d", gettext_lazy("7d"), 7),
    ("30d", gettext_lazy("30d"), 30),
    ("90d", gettext_lazy("90d"), 90),
    ("1y", gettext_lazy("1y"), 365),
    ("all", gettext_lazy("All"), 0),
)
_DAYS: Final = {name: days for name, _label, days in CHOICES if days}

#: Telegram's first year: nothing is older.
_EARLIEST: Final = date(2013, 1, 1)
#: The widest ranges of bars by the hour, day and week.
_HOURS, _SINGLE_DAYS, _WEEKS = 7, 92, 731


@dataclass(frozen=True, slots=True)
class Range:
    """Local days from `since` to `until` inclusive. `start` and `end` are the same as moments
    (UTC); of the last 24 hours they are those, to the full hour.
    """

    name: str
    since: date
    until: date
    start: datetime
    end: datetime
    zone: ZoneInfo

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    @property
    def step(self) -> Step:
        """How wide a bar is."""
        if self.days <= _HOURS or self.name == "24h":
            return Step.HOUR
        if self.days <= _SINGLE_DAYS:
            return Step.DAY
        return Step.WEEK if self.days <= _WEEKS else Step.MONTH

    @property
    def before(self) -> "Range":
        """The period of the same length before it."""
        span = self.end - self.start
        since, until = self.since - self.days * DAY, self.since - DAY
        return Range(self.name, since, until, self.start - span, self.start, self.zone)

    @property
    def query(self) -> str:
        """As it stands in an address."""
        if self.name != "custom":
            return urlencode({"range": self.name})
        return urlencode({"range": "custom", "from": self.since, "to": self.until})

    @property
    def words(self) -> str:
        """`in 24 hours`, `in 30 days`, `1 Mar – 8 Apr 2026`."""
        if self.name == "24h":
            return _("in 24 hours")
        if self.name == "all":
            return _("in all")
        if self.name == "custom":
            return _("%(first)s – %(last)s") % {
                "first": wording.full_day(midnight(self.since, self.zone)),
                "last": wording.full_day(midnight(self.until, self.zone)),
            }
        return ngettext("in %(count)s day", "in %(count)s days", self.days) % {"count": self.days}


def parse(query: QueryDict, *, first: date | None = None) -> Range:
    """The range of an address; 30 days where it names none or nonsense. `first` is the first
    day of which there is anything: where “all” begins.
    """
    zone = ZoneInfo(timezone.get_current_timezone_name())
    today = timezone.localdate()
    name = query.get("range", DEFAULT)
    if name == "custom":
        ends = sorted(filter(None, (_date(query.get("from")), _date(query.get("to")))))
        if len(ends) == 2:
            until = max(min(ends[1], today), _EARLIEST)
            return _range("custom", max(min(ends[0], until), _EARLIEST), until, zone)
    if name == "all":
        return _range("all", max(min(first or today, today), _EARLIEST), today, zone)
    if name == "24h":
        end = datetime.now(tz=UTC).replace(minute=0, second=0, microsecond=0) + HOUR
        since = timezone.localtime(end - 24 * HOUR, zone).date()
        return Range("24h", since, today, end - 24 * HOUR, end, zone)
    name = name if name in _DAYS else DEFAULT
    return _range(name, today - (_DAYS[name] - 1) * DAY, today, zone)


def _range(name: str, since: date, until: date, zone: ZoneInfo) -> Range:
    return Range(name, since, until, midnight(since, zone), midnight(until + DAY, zone), zone)


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None

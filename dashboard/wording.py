"""Numbers, times and sizes in words, in the language that is active.

The examples are English; Russian says `12 345`, `3,4 млн`, `21 нояб. 2026 г.`.
"""

from datetime import date, datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, npgettext, pgettext

from tgadmin.lib.speech import UNITS, duration, exact, number

__all__ = ["duration", "exact", "number"]  # those of the library, too

_SCALES: Final = (
    (1_000_000_000, gettext_lazy("%(number)sB")),
    (1_000_000, gettext_lazy("%(number)sM")),
    (1000, gettext_lazy("%(number)sk")),
)
_SIZES: Final = (
    gettext_lazy("%(number)s B"),
    gettext_lazy("%(number)s kB"),
    gettext_lazy("%(number)s MB"),
    gettext_lazy("%(number)s GB"),
    gettext_lazy("%(number)s TB"),
)


def percent(value: float) -> str:
    """`71%`, `99.9%`: one decimal, rounded down: 100 % only when it is."""
    floored = int(value * 10 + 1e-9) / 10
    digits = number(floored, 0 if floored == int(floored) else 1)
    return _("%(number)s%%") % {"number": digits}


def compact(value: int) -> str:
    """`950`, `12.0k`, `3.4M`: counters, where the order of magnitude matters."""
    for scale, words in _SCALES:
        if value >= scale:
            scaled = int(value * 10 / scale) / 10
            return str(words) % {"number": number(scaled, 1) if scaled < 100 else int(scaled)}
    return str(value)


def clock(seconds: float) -> str:
    """A countdown: `0:09`, `14:32`, `3:05:10`."""
    left = max(round(seconds), 0)
    hours, rest = divmod(left, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{secs:02}" if hours else f"{minutes}:{secs:02}"


def ago(moment: datetime, now: datetime | None = None) -> str:
    """`just now`, `4 s ago`, `in 12 min`, `yesterday`, `6 days ago`, then the date."""
    now = now or timezone.now()
    seconds = (now - moment).total_seconds()
    away = abs(seconds)
    if away < 2:
        return _("just now")
    if away >= 86400:
        return _days(moment, now, seconds)
    unit, words = next(row for row in UNITS if away >= row[0])
    amount = {"amount": str(words) % {"count": int(away // unit)}}
    return (_("%(amount)s ago") if seconds > 0 else pgettext("from now", "in %(amount)s")) % amount


def _days(moment: datetime, now: datetime, seconds: float) -> str:
    days = abs((timezone.localtime(now).date() - timezone.localtime(moment).date()).days)
    if days <= 1:
        return _("yesterday") if seconds > 0 else _("tomorrow")
    if days > 7:
        return day(moment, now)
    if seconds > 0:
        return ngettext("%(count)s day ago", "%(count)s days ago", days) % {"count": days}
    words = npgettext("from now", "in %(count)s day", "in %(count)s days", days)
    return words % {"count": days}


def day(moment: datetime, now: datetime | None = None) -> str:
    """`9 Nov`, with the year when it is another one."""
    local = timezone.localtime(moment)
    same = local.year == timezone.localtime(now or timezone.now()).year
    return format_date(local, _day() if same else _day_and_year())


def full_day(moment: date) -> str:
    """`9 Nov 2026`, whatever the year. A day without a time is that day everywhere."""
    local = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    return format_date(local, _day_and_year())


def month(moment: datetime) -> str:
    """`Nov 2026`."""
    # Translators: as in https://docs.djangoproject.com/en/5.2/ref/templates/builtins/#date
    return format_date(timezone.localtime(moment), pgettext("date format", "M Y"))


def _day() -> str:
    # Translators: as in https://docs.djangoproject.com/en/5.2/ref/templates/builtins/#date
    return pgettext("date format", "j M")


def _day_and_year() -> str:
    # Translators: as in https://docs.djangoproject.com/en/5.2/ref/templates/builtins/#date
    return pgettext("date format", "j M Y")


def size(value: int) -> str:
    """`512 B`, `1.4 MB`: thousands, as disks are sold and browsers count downloads."""
    scaled, step = float(value), 0
    while scaled >= 1000 and step < len(_SIZES) - 1:
        scaled, step = scaled / 1000, step + 1
    whole = step == 0 or (scaled >= 100 and step < len(_SIZES) - 1)
    return str(_SIZES[step]) % {"number": number(scaled, 0 if whole else 1)}


def initials(title: str) -> str:
    """One or two letters for an avatar."""
    words = [word.strip("«»\"'([{#@+") for word in title.split()]
    letters = [word[0].upper() for word in words if word and word[0].isalnum()]
    if not letters:
        return title[:1] or "?"
    wide = letters[0] >= "\u2e80"
    return letters[0] if wide or len(letters) == 1 else letters[0] + letters[1]


def span(start: datetime | None, end: datetime | None) -> timedelta | None:
    """How long it took, or has taken until now."""
    return None if start is None else (end or timezone.now()) - start

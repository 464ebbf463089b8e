"""Numbers and times in words, in the language that is active, and the voice that says with them
what was told (`tgadmin.lib.told`).
"""

from datetime import date, datetime
from functools import cache, lru_cache
from typing import Final

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.formats import get_format
from django.utils.translation import get_language, gettext, gettext_lazy, override, pgettext

from tgadmin.lib.told import Seconds, Value

UNITS: Final = (
    (86400, gettext_lazy("%(count)s d")),
    (3600, gettext_lazy("%(count)s h")),
    (60, gettext_lazy("%(count)s min")),
    (1, gettext_lazy("%(count)s s")),
)

#: What Django's dates call so, as strftime does.
_CLOCK: Final = str.maketrans({"H": r"\%\H", "i": r"\%\M", "s": r"\%\S", "T": r"\%\Z"})


def number(value: float, decimals: int = 0) -> str:
    """`12,345`, `1.4`: digits in groups of three."""
    digits = f"{round(value, decimals) + 0:,.{decimals}f}"  # no "-0"
    return digits if digits.isdecimal() else digits.translate(_signs(get_language()))


@cache
def _signs(language: str | None) -> dict[int, str]:
    """What stands in a language for the signs that are English in Python."""
    with override(language):
        point, comma = get_format("DECIMAL_SEPARATOR"), get_format("THOUSAND_SEPARATOR")
    return str.maketrans({".": point, ",": comma})


def duration(seconds: float) -> str:
    """`45 s`, `1 min 32 s`, `8 min`, `2 h 5 min`, `3 d 4 h`: never more than two units."""
    left = max(int(seconds), 0)
    if left >= 300:  # seconds say nothing any more
        left -= left % 60
    parts: list[str] = []
    for unit, words in UNITS:
        if left >= unit:
            parts.append(str(words) % {"count": number(left // unit)})
            left %= unit
        elif parts:
            break
    return " ".join(parts[:2]) or str(UNITS[-1][1]) % {"count": 0}


def exact(moment: datetime) -> str:
    """What stands in the title of every time: `21 Nov 2026, 09:15:00 UTC`."""
    local = timezone.localtime(moment)
    return local.strftime(_of_day(get_language(), local.date()))


@lru_cache(maxsize=4096)
def _of_day(_language: str | None, day: date) -> str:
    """All but the time, which strftime adds. A page has a hundred of them, and Django puts each
    together anew.
    """
    # Translators: as in https://docs.djangoproject.com/en/5.2/ref/templates/builtins/#date
    return format_date(day, pgettext("date format", "d M Y, H:i:s T").translate(_CLOCK))


class ActiveLanguage:
    """The voice of a process with Django."""

    def sentence(self, template: str) -> str:
        return gettext(template)

    def value(self, value: Value) -> str:
        if isinstance(value, Seconds):
            return duration(value.count)
        if isinstance(value, datetime):
            return exact(value)
        if isinstance(value, str):
            return value
        return number(value, 0 if isinstance(value, int) or value == int(value) else 1)

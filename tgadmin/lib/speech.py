"""Numbers and times in words, in the language that is active, and the voice that says with them
what was told (`tgadmin.lib.told`).
"""

from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_lazy, pgettext

from tgadmin.lib.told import Seconds, Value

UNITS: Final = (
    (86400, gettext_lazy("%(count)s d")),
    (3600, gettext_lazy("%(count)s h")),
    (60, gettext_lazy("%(count)s min")),
    (1, gettext_lazy("%(count)s s")),
)


def number(value: float, decimals: int = 0) -> str:
    """`12,345`, `1.4`: digits in groups of three."""
    rounded = round(value, decimals)
    if not decimals and -1000 < rounded < 1000:  # most of them; no language groups these
        return str(int(rounded))
    # number_format cuts digits off; it does not round.
    return number_format(rounded, decimals, use_l10n=True, force_grouping=True)


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
    """What stands in the title of every relative time."""
    # Translators: as in https://docs.djangoproject.com/en/5.2/ref/templates/builtins/#date
    return format_date(timezone.localtime(moment), pgettext("date format", "d M Y, H:i:s T"))


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

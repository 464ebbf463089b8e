"""How often a channel can sync, as choices."""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

#: Minutes and words; None is no schedule.
PRESETS: Final = (
    (None, gettext_lazy("off")),
    (15, gettext_lazy("every 15 minutes")),
    (60, gettext_lazy("every hour")),
    (60 * 6, gettext_lazy("every 6 hours")),
    (60 * 24, gettext_lazy("every day")),
)


def choices(also: int | None = None) -> list[tuple[int | None, str]]:
    """The presets, and `also` among them where it is none of them."""
    found = [(minutes, str(words)) for minutes, words in PRESETS]
    if also not in dict(found):
        found.append((also, every(also)))
    return found


def every(minutes: int | None) -> str:
    """`every 45 minutes`, `every day`, `off`: what follows “It syncs” or “Schedule:”."""
    known = dict(PRESETS).get(minutes)
    if known is not None:
        return str(known)
    return ngettext("every minute", "every %(count)d minutes", minutes or 0) % {"count": minutes}


def said(minutes: int | None) -> str:
    """What is told after a schedule was set."""
    if minutes is None:
        return _("The schedule is off.")
    return _("It syncs %(every)s from now on.") % {"every": every(minutes)}

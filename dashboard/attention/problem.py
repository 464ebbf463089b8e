"""One line of “Needs attention”."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard import wording


@dataclass(frozen=True)
class Action:
    """A link, or a form's button where `posts` is true; `fields` go with the form."""

    label: str
    address: str
    posts: bool = False
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Problem:
    """`before`, `name` and `after` make its heading; `name` is what a person called something and
    leads to `address`. `figure` is a number that says how much, or for how long.
    """

    tone: Literal["bad", "warn"]
    icon: str
    before: str
    cause: str
    next: str
    name: str = ""
    address: str = ""
    after: str = ""
    safe: str = ""
    action: Action | None = None
    figure: str = ""
    unit: str = ""


def since(moment: datetime | None) -> dict[str, str]:
    """The figure of a problem that began then; nothing where that is not known."""
    if moment is None:
        return {}
    passed = wording.duration((timezone.now() - moment).total_seconds())
    return {"figure": passed, "unit": _("ago")}

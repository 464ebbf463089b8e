"""Small parts of pages: icons, times, numbers, badges, avatars."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.core.files.storage import Storage, storages
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dashboard import states, wording

register = template.Library()

register.filter("compact", wording.compact)
register.filter("size", wording.size)
register.filter("initials", wording.initials)
register.filter("clock", wording.clock)
register.filter("percent", wording.percent)
register.filter("day", wording.day)
register.filter("month", wording.month)
register.filter("full_day", wording.full_day)

_TONES = ("", "a", "b", "c", "d")


@register.filter
def num(value: int | None) -> str:
    """`12,345`; nothing known is a dash."""
    return "–" if value is None else wording.number(value)


@register.filter
def duration(value: timedelta | float | None) -> str:
    """A span of time in words."""
    if value is None:
        return "–"
    return wording.duration(value.total_seconds() if isinstance(value, timedelta) else value)


@register.filter
def took(row: Any) -> str:
    """How long a run or an export took, from its `started_at` and `ended_at`."""
    return duration(wording.span(row.started_at, row.ended_at))


@register.simple_tag
def languages() -> list[tuple[str, str]]:
    """Codes and names of the languages, each in itself: Django's own tag translates them."""
    return list(settings.LANGUAGES)


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """A Lucide icon from the sprite; the words beside it say what it means."""
    return _icon(_sprite(storages["staticfiles"]), name, classes)


@lru_cache(maxsize=4)
def _sprite(storage: Storage) -> str:
    """Where the sprite lies; a page asks a hundred times."""
    return storage.url("vendor/icons.svg")


@lru_cache(maxsize=512)
def _icon(sprite: str, name: str, classes: str) -> SafeString:
    return format_html(
        '<svg class="i{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        f" {classes}" if classes else "",
        sprite,
        name,
    )


@register.simple_tag
def ago(moment: datetime | None, otherwise: str | None = None, classes: str = "") -> SafeString:
    """A relative time with the exact one in its title."""
    if moment is None:
        words = _("never") if otherwise is None else otherwise
        return format_html('<span class="{}">{}</span>', classes, words)
    return format_html(
        '<time class="{}" datetime="{}" title="{}">{}</time>',
        classes,
        moment.isoformat(timespec="seconds"),
        wording.exact(moment),
        wording.ago(moment),
    )


@register.simple_tag
def backfill_badge(state: str) -> SafeString:
    """The state of a backfill."""
    return badge(states.of_backfill(state))


@register.simple_tag
def badge(state: states.Badge) -> SafeString:
    """A state: icon, word, tint."""
    return format_html(
        '<span class="badge {}">{}{}</span>',
        state.tone,
        icon(state.icon, "spin" if state.spins else ""),
        state.word,
    )


@register.filter
def run_badge(run: Any) -> SafeString:
    return badge(states.of_run(run))


@register.filter
def export_badge(export: Any) -> SafeString:
    return badge(states.of_export(export))


@register.filter
def account_badge(account: Any) -> SafeString:
    return badge(states.of_account(account))


@register.simple_tag
def avatar(title: str, key: int, size: str = "") -> SafeString:
    """Initials on a tint that stays the channel's own."""
    return format_html(
        '<span class="av {} {}" aria-hidden="true">{}</span>',
        _TONES[key % len(_TONES)],
        size,
        wording.initials(title),
    )


@register.simple_tag(takes_context=True)
def address(context: dict[str, Any], **changes: Any) -> str:
    """This page's address with other parameters; a value of None takes one away."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = value
    return f"?{query.urlencode()}"

"""The smallest parts of pages: icons, avatars, moments, reactions."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Final

from django.core.files.storage import Storage, storages
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from dashboard import wording

_TONES: Final = ("", "a", "b", "c", "d")


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


def avatar(title: str, key: int, size: str = "") -> SafeString:
    """Initials on a tint that stays the channel's own."""
    return format_html(
        '<span class="av {} {}" aria-hidden="true">{}</span>',
        _TONES[key % len(_TONES)],
        size,
        wording.initials(title),
    )


def posted(moment: datetime) -> SafeString:
    """The local time of day, with the exact moment in its title."""
    local = timezone.localtime(moment)
    exact = escape(wording.exact(moment))
    return mark_safe(  # noqa: S308 - the rest is digits
        f'<time datetime="{local.isoformat()}" title="{exact}">{local:%H:%M}</time>'
    )


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


def reactions(found: Iterable[tuple[str, int]], custom: str) -> str:
    """Each with its count; `custom` is what a custom emoji is called."""
    return "".join(_reaction(emoji, count, custom) for emoji, count in found)


def _reaction(emoji: str, count: int, custom: str) -> str:
    if emoji == "custom":
        shown = f'{icon("smile")}<span class="vh">{escape(custom)}</span>'
    else:
        shown = f"<span>{escape(emoji)}</span>"
    return f'<span class="rx">{shown}{escape(wording.compact(count))}</span>'

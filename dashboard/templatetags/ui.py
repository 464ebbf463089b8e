"""Small parts of pages: icons, times, numbers, badges, avatars."""

from datetime import timedelta
from typing import Any

from django import template
from django.conf import settings
from django.template.base import FilterExpression, Parser, Token
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboard import states, wording
from dashboard.drawn.parts import ago, avatar, icon, posted
from workspaces.appearance import appearance_of
from workspaces.models import Appearance

register = template.Library()

register.filter("compact", wording.compact)
register.filter("size", wording.size)
register.filter("initials", wording.initials)
register.filter("clock", wording.clock)
register.filter("percent", wording.percent)
register.filter("day", wording.day)
register.filter("month", wording.month)
register.filter("full_day", wording.full_day)
register.filter("posted", posted)
register.simple_tag(ago)
register.simple_tag(avatar)


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


@register.simple_tag(takes_context=True)
def appearance(context: dict[str, Any]) -> str:
    """`system`, `light` or `dark`; a page of an error that knows no request is as the system says."""
    request = context.get("request")
    return appearance_of(request).value if request else Appearance.SYSTEM.value


class _IconNode(template.Node):
    """A node of its own, because a page has hundreds of them."""

    def __init__(self, arguments: list[FilterExpression]) -> None:
        self.arguments = arguments

    def render(self, context: Context) -> SafeString:
        return icon(*(argument.resolve(context) for argument in self.arguments))


@register.tag("icon")
def _icon_tag(parser: Parser, token: Token) -> _IconNode:
    """`{% icon "eye" %}`, `{% icon problem.icon "bad" %}`."""
    return _IconNode([parser.compile_filter(part) for part in token.split_contents()[1:]])


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


@register.simple_tag(takes_context=True)
def address(context: dict[str, Any], **changes: Any) -> str:
    """This page's address with other parameters; a value of None takes one away."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = value
    return f"?{query.urlencode()}"

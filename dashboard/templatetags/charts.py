"""Drawings without a script: sparklines and the calendar of a year."""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboard import charts, wording

register = template.Library()


@register.simple_tag
def sparkline(values: Sequence[float], classes: str = "") -> SafeString | str:
    """A line without axes beside the number that it belongs to; nothing for fewer than two
    values.
    """
    drawn = charts.spark(values)
    if drawn is None:
        return ""
    return format_html(
        '<svg class="spark {}" viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true">'
        '<path class="a" d="{}"/><path class="l" d="{}"/></svg>',
        classes,
        drawn.area,
        drawn.line,
    )


@register.filter
def value(number: float | None, decimals: int = 0) -> str:
    """A value of a chart's table; nothing known is a dash."""
    return "–" if number is None else wording.number(number, decimals)

"""Parts of the pages about channels."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboard.channels.filters import Filters
from dashboard.templatetags.ui import icon

register = template.Library()


@register.simple_tag
def sort_head(head: dict[str, str], words: str, classes: str = "") -> SafeString:
    """The head of a column by which the list can be ordered."""
    return format_html(
        '<th scope="col" class="{}" aria-sort="{}"><a href="{}">{}{}</a></th>',
        classes,
        head["sorted"] or "none",
        head["address"],
        words,
        icon(head["icon"]) if head["sorted"] else "",
    )


@register.simple_tag
def tag_address(filters: Filters, tag: str) -> str:
    """Where a tag leads: the list with it as one more filter."""
    return filters.with_tag(tag)

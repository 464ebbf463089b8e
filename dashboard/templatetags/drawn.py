"""What Python draws, for templates."""

from django import template

from dashboard.drawn.bubble_parts import bubble_foot, bubble_menu
from dashboard.drawn.message_rows import message_rows

register = template.Library()

register.simple_tag(message_rows)
register.filter("bubble_foot", bubble_foot)
register.filter("bubble_menu", bubble_menu)

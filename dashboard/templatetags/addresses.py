"""`{% url %}` with a memory: a page asks for some seventy addresses, nearly all of them always the
same, and Django finds each anew. Loaded into every template by the settings.
"""

from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template import defaulttags
from django.template.base import Parser, Token
from django.template.context import Context
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.html import conditional_escape

register = template.Library()


class _URLNode(defaulttags.URLNode):
    def render(self, context: Context) -> str:
        name = str(self.view_name.resolve(context))
        if self.kwargs or self.asvar or ":" in name:
            # Where a namespace leads depends on the page.
            return super().render(context)
        args = tuple(argument.resolve(context) for argument in self.args)
        found = _address(get_urlconf() or settings.ROOT_URLCONF, get_script_prefix(), name, *args)
        return conditional_escape(found)


@lru_cache(maxsize=4096, typed=True)
def _address(urlconf: Any, _prefix: str, name: str, *args: Any) -> str:
    return reverse(name, urlconf=urlconf, args=args)


@register.tag
def url(parser: Parser, token: Token) -> defaulttags.URLNode:
    """As https://docs.djangoproject.com/en/5.2/ref/templates/builtins/#url."""
    node = defaulttags.url(parser, token)
    return _URLNode(node.view_name, node.args, node.kwargs, node.asvar)

"""Django's `i18n` tags with a memory: a page says some two hundred sentences, always the same ones,
and Django goes through its catalogue, its settings and its copies of the context for each anew.

Takes the place of `{% load i18n %}` by the settings; what the tags say is Django's own.
"""

from typing import Any, Final

from django import template
from django.template.base import Parser, Token, render_value_in_context
from django.template.context import Context
from django.templatetags import i18n
from django.utils import translation
from django.utils.safestring import SafeString

register = template.Library()
register.tags.update(i18n.register.tags)
register.filters.update(i18n.register.filters)

_MISSING: Final = object()


class _TranslateNode(i18n.TranslateNode):
    """Of a literal; its translations by language."""

    def __init__(self, node: i18n.TranslateNode) -> None:
        self.__dict__.update(node.__dict__)
        self._said: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        language = translation.get_language()
        said = self._said.get(language)
        if said is None:
            said = self._said[language] = super().render(context)
        return said


class _BlockTranslateNode(i18n.BlockTranslateNode):
    """Its sentence is put together once, not each time; names are looked up, not pushed."""

    def __init__(self, node: i18n.BlockTranslateNode) -> None:
        self.__dict__.update(node.__dict__)
        self._singular, names = self.render_token_list(self.singular)
        self._plural, more = self.render_token_list(self.plural or [])
        self._names = dict.fromkeys([*names, *more])

    def render(self, context: Context, nested: bool = False) -> SafeString:  # noqa: FBT001, FBT002 - Django's signature
        said = None if nested else self._said(context)
        return SafeString(super().render(context, nested)) if said is None else said

    def _said(self, context: Context) -> SafeString | None:
        """None where only Django knows what to do: a name is unknown, the translation is broken."""
        values: dict[str, Any] = {}
        if self.counter is None:
            sentence = translation.gettext(self._singular)
        else:
            count = values[str(self.countervar)] = self.counter.resolve(context)
            if not isinstance(count, int):
                return None
            sentence = translation.ngettext(self._singular, self._plural, count)
        for name in self._names:
            given = self.extra_context.get(name)
            if name not in values:
                values[name] = given.resolve(context) if given else context.get(name, _MISSING)
            if values[name] is _MISSING:
                return None
            values[name] = render_value_in_context(values[name], context)
        try:
            return SafeString(sentence % values)
        except (KeyError, ValueError):
            return None


def translate(parser: Parser, token: Token) -> template.Node:
    """As https://docs.djangoproject.com/en/5.2/topics/i18n/translation/#translate-template-tag."""
    node: i18n.TranslateNode = i18n.do_translate(parser, token)
    said = node.filter_expression
    is_literal = said.var.literal is not None and not said.filters
    is_plain = is_literal and not node.asvar and not node.message_context
    return _TranslateNode(node) if is_plain else node


def block_translate(parser: Parser, token: Token) -> template.Node:
    """As …/translation/#blocktranslate-template-tag, whose names are those of the context."""
    node: i18n.BlockTranslateNode = i18n.do_block_translate(parser, token)
    return node if node.asvar or node.message_context else _BlockTranslateNode(node)


for _name in ("translate", "trans"):
    register.tag(_name, translate)
for _name in ("blocktranslate", "blocktrans"):
    register.tag(_name, block_translate)

"""A JSON record as a tree of disclosures: no script, and of a size that a page can hold."""

from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

#: Nodes of one tree: beyond them, the download has the rest.
MOST_NODES: Final = 400
_DEEPEST: Final = 20
_LONGEST_TEXT: Final = 300
#: Levels that stand open.
_OPEN: Final = 1


class _Tree:
    def __init__(self) -> None:
        self.left = MOST_NODES

    def node(self, name: object, value: Any, depth: int) -> SafeString:
        self.left -= 1
        if isinstance(value, dict | list) and value and depth < _DEEPEST:
            return self._branch(name, value, depth)
        return format_html(
            '<li><span class="k">{}</span> <bdi class="{}">{}</bdi></li>',
            name,
            _kind(value),
            _shown(value),
        )

    def _branch(self, name: object, value: "dict[str, Any] | list[Any]", depth: int) -> SafeString:
        items = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
        shown = [self.node(key, item, depth + 1) for key, item in items if self.left > 0]
        if len(shown) < len(items):
            rest = len(items) - len(shown)
            words = ngettext("and %(n)s more", "and %(n)s more", rest) % {"n": rest}
            shown.append(format_html('<li class="muted">{}</li>', words))
        return format_html(
            '<li><details{}><summary><span class="k">{}</span> <span class="muted">{}</span>'
            "</summary><ul>{}</ul></details></li>",
            " open" if depth < _OPEN else "",
            name,
            _title(value),
            format_html_join("", "{}", ((item,) for item in shown)),
        )


def tree(record: Any, name: str) -> SafeString:
    """`<ul>…</ul>` of the record under that name."""
    return format_html('<ul class="tree">{}</ul>', _Tree().node(name, record, 0))


def _title(value: "dict[str, Any] | list[Any]") -> str:
    """Telegram's own name of an object, or how many items there are."""
    if isinstance(value, dict) and isinstance(value.get("_"), str):
        return str(value["_"])
    return ngettext("%(n)s item", "%(n)s items", len(value)) % {"n": len(value)}


def _kind(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return "l"
    return "n" if isinstance(value, int | float) else "t"


def _shown(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        if len(value) > _LONGEST_TEXT:
            return value[:_LONGEST_TEXT] + "… " + _("(cut)")
        return value or '""'
    return "{}" if value == {} else "[]" if value == [] else str(value)

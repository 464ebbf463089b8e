"""What each bubble of the timeline has below and beside it: its counters and time, and its menu."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from dashboard import wording
from dashboard.bubbles import Bubble
from dashboard.drawn import parts
from dashboard.drawn.parts import icon

_REACTIONS = 12


@dataclass(frozen=True, slots=True)
class _Words:
    """What is said in every bubble, escaped; `said` and `more` with the message's number."""

    custom: str
    edited: str
    replies: str
    views: str
    gone: str
    said: str
    more: str
    details: str
    open: str
    copied: str
    copy_text: str
    copy_link: str
    copy_place: str


@cache
def _words_in(_language: str | None) -> _Words:
    return _Words(
        custom=escape(_("Custom emoji")),
        edited=escape(_("edited")),
        replies=escape(_("Replies")),
        views=escape(_("Views")),
        gone=escape(_("gone from Telegram %(when)s")),
        said=escape(_("Message %(number)s in the timeline")),
        more=escape(_("More of message %(number)s")),
        details=escape(_("Details and history")),
        open=escape(_("Open in Telegram")),
        copied=escape(_("Copied")),
        copy_text=escape(_("Copy the text")),
        copy_link=escape(_("Copy the Telegram link")),
        copy_place=escape(_("Copy the link to here")),
    )


def bubble_foot(bubble: Bubble) -> SafeString:
    """Its reactions; whether it is gone or edited; replies, views, whoever signed it, its time."""
    words = _words_in(get_language())
    found = parts.reactions(bubble.reactions[:_REACTIONS], words.custom)
    above = f'<p class="tl-rx">{found}</p>' if found else ""
    below = "".join(part(bubble, words) for part in _FOOT)
    return mark_safe(f'<footer>{above}<p class="tl-meta">{below}</p></footer>')  # noqa: S308 - all is escaped


def _gone(bubble: Bubble, words: _Words) -> str:
    if not bubble.message.deleted_at:
        return ""
    said = words.gone % {"when": parts.ago(bubble.message.deleted_at)}
    return f'<a class="bad" href="{_page(bubble)}">{icon("trash-2")}<span>{said}</span></a>'


def _edited(bubble: Bubble, words: _Words) -> str:
    if not bubble.card.edited or not bubble.message.edit_date:
        return ""
    when = escape(wording.exact(bubble.message.edit_date))
    address = f"{_page(bubble)}#h-rev"
    return f'<a class="edited" href="{address}" title="{when}">{icon("pencil")}{words.edited}</a>'


def _replies(bubble: Bubble, words: _Words) -> str:
    count = bubble.card.stats.replies if bubble.card.stats else None
    if not count:
        return ""
    said = f'{icon("message-circle")}<span class="vh">{words.replies}</span>{_compact(count)}'
    return f'<a href="{_page(bubble)}#h-com" title="{words.replies}">{said}</a>'


def _views(bubble: Bubble, words: _Words) -> str:
    count = bubble.card.stats.views if bubble.card.stats else None
    if count is None:
        return ""
    title = ngettext("%(number)s view", "%(number)s views", count)
    title = escape(title % {"number": wording.number(count)})
    said = f'{icon("eye")}<span class="vh">{words.views}</span>{_compact(count)}'
    return f'<span title="{title}">{said}</span>'


def _signed(bubble: Bubble, _words: _Words) -> str:
    author = bubble.message.author
    return f"<bdi>{escape(author)}</bdi>" if author and author != bubble.who else ""


def _posted(bubble: Bubble, words: _Words) -> str:
    said = words.said % {"number": wording.number(bubble.message.message_id)}
    time = parts.posted(bubble.message.date)
    return f'<a class="at" href="{_here(bubble)}">{time}<span class="vh"> {said}</span></a>'


_FOOT: tuple[Callable[[Bubble, _Words], str], ...] = (
    *(_gone, _edited, _replies, _views, _signed, _posted),
)


def bubble_menu(bubble: Bubble, site: str) -> SafeString:
    """Where else it is, and what can be copied; `site` stands before addresses that are copied."""
    words = _words_in(get_language())
    number = wording.number(bubble.message.message_id)
    link, text = escape(bubble.link), bubble.message.text
    items = (
        f'<a href="{_page(bubble)}">{icon("info")}'
        f"<span>{words.details}<small>#{number}</small></span></a>"
    )
    if link:
        items += (
            f'<a href="{link}" rel="noopener noreferrer">{icon("external-link")}'
            f"<span>{words.open}</span></a>"
        )
    if text:
        items += _copies(escape(text), words.copy_text, words)
    if link:
        items += _copies(link, words.copy_link, words)
    items += _copies(f"{escape(site)}{_here(bubble)}", words.copy_place, words)
    more = words.more % {"number": number}
    return mark_safe(  # noqa: S308 - all is escaped
        '<details class="menu tl-menu">'
        f'<summary class="btn quiet sm icon" aria-label="{more}">{icon("ellipsis")}</summary>'
        f'<div class="pop">{items}</div></details>'
    )


def _copies(what: str, said: str, words: _Words) -> str:
    return (
        f'<button class="needs-js" type="button" data-copy="{what}">{icon("copy")}'
        f'<span data-copied="{words.copied}">{said}</span></button>'
    )


def _compact(count: int) -> str:
    return escape(wording.compact(count))


def _page(bubble: Bubble) -> str:
    message = bubble.message
    return escape(reverse("message", args=(message.channel_id, message.message_id)))


def _here(bubble: Bubble) -> str:
    message = bubble.message
    return escape(reverse("here", args=(message.channel_id, message.message_id)))

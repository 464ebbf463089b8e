"""The rows of the table of messages."""

from collections.abc import Iterable
from functools import cache

from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.utils.formats import get_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from dashboard import wording
from dashboard.cards import Card
from dashboard.drawn import parts
from dashboard.drawn.parts import icon
from dashboard.thumbs import Thumb
from ingestion.models import Channel

#: Pictures of an album in its row.
_STACK = 4
_REACTIONS = 2
_NOTHING = '<span class="muted">–</span>'


def message_rows(cards: Iterable[Card], *, narrowed: bool) -> SafeString:
    """A row for each, and one for each day. `narrowed`: each leads to what was said around it."""
    row = _Rows(narrowed=narrowed)
    return mark_safe("\n".join(row.drawn(card) for card in cards))  # noqa: S308 - all is escaped


class _Rows:
    """What is the same in all rows of a page is said once."""

    def __init__(self, *, narrowed: bool) -> None:
        self.opens = _("Open message %(number)s")
        self.around = escape(_("around it")) if narrowed else ""
        self.custom = _("Custom emoji")
        self.forwarded = f"<span>{icon('forward')}{escape(_('forwarded'))}</span>"
        self.reply = f"<span>{icon('reply')}{escape(_('reply'))}</span>"
        self.edited = f'<span class="warn">{icon("pencil")}{escape(_("edited"))}</span>'
        self.gone = f'<span class="bad">{icon("trash-2")}{escape(_("gone from Telegram"))}</span>'
        self.channel = cache(_channel)

    def drawn(self, card: Card) -> str:
        message, number = card.message, wording.number(card.message.message_id)
        there = escape(reverse("message", args=(card.channel.pk, message.message_id)))
        gone = ' class="gone"' if message.deleted_at else ""
        opens = escape(self.opens % {"number": number})
        return (
            f"{_day(card)}<tr{gone}>"
            f'<td class="when"><a href="{there}">{parts.posted(message.date)}'
            f'<span class="vh"> {opens}</span></a></td>'
            f'<td class="who">{self.channel(card.channel)}'
            f'<a class="mono muted" href="{there}"><bdi>#{number}</bdi></a>'
            f"{self._around(card)}</span></td>"
            f'<td class="what"><div>{_pictures(card)}<div>{_line(card, there)}{self._flags(card)}'
            "</div></div></td>"
            f"{self._counted(card)}</tr>"
        )

    def _around(self, card: Card) -> str:
        if not self.around:
            return ""
        timeline, number = reverse("timeline", args=(card.channel.pk,)), card.message.message_id
        address = f"{escape(timeline)}?at={number}#m{number}"
        return f'<a class="ctx small" href="{address}">{self.around}</a>'

    def _flags(self, card: Card) -> str:
        """What it is, where that is more than words."""
        message = card.message
        flags = ""
        if card.medium:
            name, words = card.medium
            flags += (
                f'<span>{icon(name)}<span class="clipped" dir="auto">{escape(words)}</span></span>'
            )
        if message.forward:
            flags += self.forwarded
        if message.reply_to and message.reply_to.get("message_id"):
            flags += self.reply
        if card.edited:
            flags += self.edited
        if message.deleted_at:
            flags += self.gone
        return f'<p class="flags">{flags}</p>' if flags else ""

    def _counted(self, card: Card) -> str:
        stats, views, forwards = card.stats, _NOTHING, _NOTHING
        if stats and stats.views is not None:
            views = icon("eye") + escape(wording.compact(stats.views))
        if stats and stats.forwards:
            forwards = icon("forward") + escape(wording.compact(stats.forwards))
        found = parts.reactions(card.top_reactions[:_REACTIONS], self.custom)
        return (
            f'<td class="num views">{views}</td><td class="num forwards">{forwards}</td>'
            f'<td class="rxs">{found}</td>'
        )


def _channel(channel: Channel) -> str:
    """The beginning of its cell."""
    address = escape(reverse("channel", args=(channel.pk,)))
    return (
        f"{parts.avatar(channel.title, channel.pk, 's')}<span>"
        f'<a class="strong" href="{address}"><bdi>{escape(channel.title)}</bdi></a>'
    )


def _day(card: Card) -> str:
    if not card.day:
        return ""
    words = escape(format_date(card.day, get_format("l, j E Y")))
    return f'<tr class="dayrow"><th scope="colgroup" colspan="6"><h2>{words}</h2></th></tr>'


def _pictures(card: Card) -> str:
    if not card.items:
        return _picture(card.thumb)
    return (
        f'<span class="stack">{"".join(_picture(one.thumb) for one in card.items[:_STACK])}</span>'
    )


def _picture(thumb: Thumb | None) -> str:
    if thumb is None:
        return ""
    source = escape(thumb.src)
    return f'<img class="thumb" src="{source}" alt="" width="40" height="40" loading="lazy">'


def _line(card: Card, there: str) -> str:
    if not card.line:
        return ""
    words = "".join(
        f"<mark>{escape(piece.text)}</mark>" if piece.is_hit else escape(piece.text)
        for piece in card.line
    )
    return f'<a class="line" href="{there}" dir="auto">{words}</a>'

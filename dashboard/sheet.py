"""The table of messages: its columns, its rows, and the same as tab-separated text."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from archive.ranking import ORDERS
from dashboard import media, wording
from dashboard.cards import Card

#: What a spreadsheet would read as a formula gets an apostrophe in front, as in CSV exports
#: (https://owasp.org/www-community/attacks/CSV_Injection).
_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
#: Characters of a text, and of any other cell.
_LINE: Final = 240
_SHORT: Final = 120


@dataclass(frozen=True, slots=True)
class Column:
    """`value` is what a cell holds: a number, a text, or None. `sum`: its total makes sense."""

    name: str
    label: str | Promise
    value: Callable[[Card], int | str | None]
    number: bool = False
    sum: bool = False

    @property
    def sorts(self) -> bool:
        return self.name in ORDERS

    @property
    def opening(self) -> SafeString:
        """The tag of its cells; phones show its name beside each."""
        kind = "num " if self.number else ""
        return format_html('<td class="{}c-{}" data-l="{}">', kind, self.name, self.label)


@dataclass(frozen=True, slots=True)
class Cell:
    """`opening`: its column's, made once for all rows."""

    column: Column
    value: int | str | None
    opening: SafeString

    @property
    def text(self) -> str:
        if isinstance(self.value, int):
            return wording.number(self.value) if self.column.sum else str(self.value)
        return self.value or ""

    def drawn(self, row: "Row", there: str) -> str:
        """As HTML; `there` is the address of the message, escaped."""
        if self.column.name == "text":
            words = escape(_cut(self.text, _LINE)) or _faint(
                row.card.medium[1] if row.card.medium else None
            )
            inside = f'<a href="{there}" dir="auto">{words}</a>'
        elif self.value is None or self.value == "":
            inside = _faint(None)
        else:
            inside = f"<bdi>{escape(_cut(self.text, _SHORT))}</bdi>"
        return f"{self.opening}{inside}</td>"


@dataclass(frozen=True, slots=True)
class Row:
    """`address`: of its message in the timeline."""

    card: Card
    cells: list[Cell]
    address: str

    @property
    def drawn(self) -> SafeString:
        """Its cells as HTML. A template needs thirty times as long for the six hundred of a page."""
        there = escape(self.address)
        return mark_safe("".join(cell.drawn(self, there) for cell in self.cells))  # noqa: S308 - each escapes


def _faint(words: str | None) -> str:
    return f'<span class="muted">{escape(words or "–")}</span>'


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _moment(card: Card) -> str:
    return timezone.localtime(card.message.date).strftime("%Y-%m-%d %H:%M:%S")


def _edited(card: Card) -> str | None:
    edited = card.message.edit_date if card.edited else None
    return timezone.localtime(edited).strftime("%Y-%m-%d %H:%M") if edited else None


def _deleted(card: Card) -> str | None:
    gone = card.message.deleted_at
    return timezone.localtime(gone).strftime("%Y-%m-%d %H:%M") if gone else None


def _counter(name: str) -> Callable[[Card], int | None]:
    return lambda card: getattr(card.stats, name, None)


def _reactions(card: Card) -> int | None:
    return sum(card.stats.reactions.values()) if card.stats else None


def _per_thousand(card: Card) -> int | None:
    views = card.stats.views if card.stats else None
    return round(1000 * (_reactions(card) or 0) / views) if views else None


def _reply(card: Card) -> int | None:
    number = (card.message.reply_to or {}).get("message_id")
    return number if isinstance(number, int) else None


def _who(card: Card) -> str:
    message = card.message
    return message.author or card.names.get(message.sender_id) or message.sender_id


COLUMNS: Final = (
    Column("id", _("Id"), lambda card: card.message.message_id, number=True),
    Column("date", _("Posted"), _moment),
    Column("sender", _("Sender"), _who),
    Column("kind", _("Kind"), lambda card: str(media.kind_word(card.message.kind))),
    Column("text", _("Text"), lambda card: " ".join(card.message.text.split())),
    Column("views", _("Views"), _counter("views"), number=True, sum=True),
    Column("forwards", _("Forwards"), _counter("forwards"), number=True, sum=True),
    Column("replies", _("Replies"), _counter("replies"), number=True, sum=True),
    Column("reactions", _("Reactions"), _reactions, number=True, sum=True),
    Column("rate", _("Reactions per 1,000 views"), _per_thousand, number=True),
    Column("length", _("Characters"), lambda card: len(card.message.text), number=True, sum=True),
    Column("links", _("Links"), lambda card: " ".join(card.message.links)),
    Column("hashtags", _("Hashtags"), lambda card: " ".join(card.message.hashtags)),
    Column("forwarded", _("Forwarded from"), lambda card: card.origin),
    Column("reply", _("Reply to"), _reply, number=True),
    Column("edited", _("Edited"), _edited),
    Column("gone", _("Gone from Telegram"), _deleted),
)
_BY_NAME: Final = {column.name: column for column in COLUMNS}
DEFAULT: Final = ("date", "text", "views", "forwards", "replies", "reactions")


def chosen(names: Iterable[str]) -> list[Column]:
    """The columns of these names in the order of the table; those that it begins with where none
    is known.
    """
    wanted = {name for name in names if name in _BY_NAME} or set(DEFAULT)
    return [column for column in COLUMNS if column.name in wanted]


def rows(cards: Iterable[Card], columns: Sequence[Column]) -> list[Row]:
    headed = [(column, column.opening) for column in columns]
    return [
        Row(
            card,
            [Cell(column, column.value(card), opening) for column, opening in headed],
            reverse("here", args=(card.message.channel_id, card.message.message_id)),
        )
        for card in cards
    ]


def totals(found: Sequence[Row], columns: Sequence[Column]) -> list[Cell]:
    """Of the rows that are shown; None in columns that cannot be added up."""
    out = []
    for place, column in enumerate(columns):
        values = [row.cells[place].value for row in found]
        numbers = [value for value in values if isinstance(value, int)]
        total = sum(numbers) if column.sum and numbers else None
        out.append(Cell(column, total, column.opening))
    return out


def as_tsv(found: Iterable[Row], columns: Sequence[Column]) -> str:
    """One line a message under one of headings; safe to paste into a spreadsheet."""
    lines = ["\t".join(_safe(str(column.label)) for column in columns)]
    lines += ["\t".join(_cell(cell) for cell in row.cells) for row in found]
    return "\n".join(lines) + "\n"


def _cell(cell: Cell) -> str:
    value = cell.value
    return str(value) if isinstance(value, int) else _safe(value or "")


def _safe(text: str) -> str:
    line = " ".join(text.split())
    return f"'{line}" if line.startswith(_FORMULA) else line

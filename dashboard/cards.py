"""Messages as the lists show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models.fields.json import KeyTransform
from django.utils import timezone
from django.utils.safestring import SafeString

from archive.search import Piece, Results, excerpt, pieces
from dashboard import entities, media
from dashboard.thumbs import Thumb, thumbnail
from ingestion.models import Channel, Message, MessageRaw, MessageStats
from workspaces.access import within
from workspaces.models import Workspace

#: A list shows this much of a text; the message's page has all of it.
EXCERPT = 700
#: A row of a table this much.
LINE = 180
#: What stands for a character that its author covered.
_COVER = "▒"


@dataclass(frozen=True)
class Card:
    """One message with what is shown around it."""

    message: Message
    channel: Channel
    #: What is marked.
    words: str
    #: `(icon, words)`
    medium: tuple[str, str] | None
    stats: MessageStats | None
    edited: bool
    #: Set on the first card of a day.
    day: date | None

    @cached_property
    def html(self) -> SafeString:
        """The beginning of the text, as it was formatted."""
        text = _excerpt(self.message.text)
        return entities.render(text, self.message.entities, _marks(text, self.words))

    @property
    def cut(self) -> bool:
        return len(_excerpt(self.message.text)) < len(self.message.text)

    @cached_property
    def line(self) -> list[Piece]:
        """A line of the text around the first hit: what a table has room for."""
        return excerpt(_covered(self.message), self.words, LINE)

    @cached_property
    def thumb(self) -> Thumb | None:
        return thumbnail(self.message.media_meta)

    @property
    def top_reactions(self) -> list[tuple[str, int]]:
        return reactions(self.stats)[:3]


def cards(workspace: Workspace, results: Results, words: str = "") -> list[Card]:
    """The cards of a page, in one query at most whatever their number. `words` are marked."""
    edited = visibly_edited(workspace, results.messages)
    out: list[Card] = []
    last: date | None = None
    for message in results.messages:
        key = (message.channel_id, message.message_id)
        day = timezone.localtime(message.date).date()
        out.append(
            Card(
                message=message,
                channel=message.channel,
                words=words,
                medium=media.describe(message.kind, message.media_meta),
                stats=results.stats.get(key),
                edited=key in edited,
                day=day if day != last else None,
            )
        )
        last = day
    return out


def visibly_edited(workspace: Workspace, messages: Sequence[Message]) -> set[tuple[int, int]]:
    """The keys of those that Telegram shows as edited: a new reaction moves the edit date, too,
    and `edit_hide` says so (https://core.telegram.org/constructor/message).
    """
    keys = [(row.channel_id, row.message_id) for row in messages if row.edit_date]
    if not keys:
        return set()
    wanted = {key[0] for key in keys}, {key[1] for key in keys}
    raws = within(
        workspace,
        MessageRaw.objects.filter(channel_id__in=wanted[0], message_id__in=wanted[1]),
    ).annotate(hidden=KeyTransform("edit_hide", "raw"))
    hidden = {
        (channel_id, message_id)
        for channel_id, message_id, hides in raws.values_list("channel_id", "message_id", "hidden")
        if hides
    }
    return set(keys) - hidden


def reactions(stats: MessageStats | None) -> list[tuple[str, int]]:
    """`(emoji or "custom", count)`, most frequent first; paid ones are Telegram's stars."""
    if stats is None:
        return []
    named = [
        ("custom" if name.startswith("custom:") else "⭐" if name == "paid" else name, count)
        for name, count in stats.reactions.items()
    ]
    return sorted(named, key=lambda item: -item[1])


def _marks(text: str, words: str) -> list[tuple[int, int]]:
    if not words:
        return []
    marks: list[tuple[int, int]] = []
    start = 0
    for piece in pieces(text, words):
        end = start + len(piece.text)
        if piece.is_hit:
            marks.append((start, end))
        start = end
    return marks


def _covered(message: Message) -> str:
    """The text as one line, with spoilers still covered."""
    text = message.text
    for start, end in entities.stretches_of("spoiler", text, message.entities):
        text = text[:start] + _COVER * (end - start) + text[end:]
    return " ".join(text.split())


def _excerpt(text: str) -> str:
    if len(text) <= EXCERPT:
        return text
    cut = text.rfind(" ", EXCERPT - 80, EXCERPT)
    return text[: cut if cut > 0 else EXCERPT]

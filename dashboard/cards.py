"""Messages as the lists show them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models.fields.json import KeyTransform
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from archive.filters import Filters
from archive.search import Album, Piece, Results, albums, excerpt, pieces
from dashboard import entities, kinds, media, stored
from dashboard.kinds import people
from dashboard.names import names_of
from dashboard.service import Names
from dashboard.stored import Shown
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
class Item:
    """One of an album, as a small picture that leads to its page; `here`: this page."""

    message: Message
    here: bool = False
    #: What is stored of it.
    stored: Shown | None = None

    @property
    def channel_id(self) -> int:
        return self.message.channel_id

    @property
    def message_id(self) -> int:
        return self.message.message_id

    @cached_property
    def medium(self) -> kinds.Medium | None:
        return kinds.medium_of(self.message.kind, self.message.media_meta)

    @property
    def thumb(self) -> Thumb | None:
        return _thumb(self.message, self.stored)


@dataclass(frozen=True)
class Card:
    """One post with what is shown around it: a message, or an album by the one of its messages
    that has the words.
    """

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
    names: Names
    #: All of an album; empty where the message stands alone.
    items: list[Item]
    #: What is stored of its medium.
    stored: Shown | None = None

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
        return _thumb(self.message, self.stored)

    @cached_property
    def carried(self) -> kinds.Medium | None:
        """The medium in full, where the album does not show it."""
        if self.items:
            return None
        message = self.message
        found = kinds.medium_of(message.kind, message.media_meta, self.attached, self.names)
        return with_preview(found, self.stored)

    @cached_property
    def hanging(self) -> kinds.Hanging:
        return kinds.hanging_of(self.attached, self.names)

    @property
    def attached(self) -> dict[str, Any] | None:
        return self.stats.attached if self.stats else None

    @property
    def origin(self) -> str:
        """Whom it was forwarded from; empty where that is not told."""
        return people.origin(self.message.forward, self.names)

    @property
    def top_reactions(self) -> list[tuple[str, int]]:
        return reactions(self.stats)[:3]


def cards(
    workspace: Workspace,
    results: Results,
    words: str = "",
    filters: Filters | None = None,
    *,
    pictures: bool = True,
    together: bool = True,
) -> list[Card]:
    """The cards of a page, in a few queries whatever their number. `words` are marked; `filters`
    are those of the list, by which an album finds its place in it. Without `pictures`, nobody asks
    what is stored; not `together`, each of an album stands alone.
    """
    found = albums(results.messages, filters) if together else {}
    posts = list(_posts(results.messages, found))
    stats = _stats(results, [post for post, _ in posts])
    shown = [post for post, _ in posts]
    edited = visibly_edited(workspace, shown)
    named = (people.named(message, stats.get(_key(message))) for message in shown)
    names = names_of(workspace, (peer for peers in named for peer in peers))
    members = [one for _, album in posts if album for one in album.members]
    here = stored.of_messages(workspace, [*shown, *members]) if pictures else {}
    out: list[Card] = []
    last: date | None = None
    for message, album in posts:
        day = timezone.localtime(message.date).date()
        out.append(
            Card(
                message=message,
                channel=message.channel,
                words=words,
                medium=_medium(message, album, names),
                stats=stats.get(_key(message)),
                edited=_key(message) in edited,
                day=day if day != last else None,
                names=names,
                items=[Item(one, stored=here.get(_key(one))) for one in album.members]
                if album
                else [],
                stored=here.get(_key(message)),
            )
        )
        last = day
    return out


def with_preview(medium: kinds.Medium | None, found: Shown | None) -> kinds.Medium | None:
    """The same with the small picture that is stored, in place of the few pixels that came."""
    thumb = found.thumb if found else None
    return replace(medium, thumb=thumb) if medium and thumb else medium


def _thumb(message: Message, found: Shown | None) -> Thumb | None:
    if (message.media_meta or {}).get("spoiler"):
        return None
    return (found.thumb if found else None) or thumbnail(message.media_meta)


def _key(message: Message) -> tuple[int, int]:
    return message.channel_id, message.message_id


def _posts(
    messages: Sequence[Message], found: dict[tuple[int, int], Album]
) -> Iterator[tuple[Message, Album | None]]:
    """Messages, and albums in the one place of each."""
    for message in messages:
        album = found.get((message.channel_id, message.grouped_id or 0))
        if album is None or len(album.members) == 1:
            yield message, None
        elif message.message_id == album.place:
            with_words = (one for one in album.members if one.text)
            yield next(with_words, album.members[0]), album


def _stats(results: Results, shown: Sequence[Message]) -> dict[tuple[int, int], MessageStats]:
    """Those at hand, and those of messages that stand for an album from beyond the page."""
    missing = [_key(message) for message in shown if _key(message) not in results.stats]
    missing = [key for key in missing if key not in {_key(one) for one in results.messages}]
    if not missing:
        return results.stats
    rows = MessageStats.objects.filter(pk__in=missing)
    return results.stats | {(row.channel_id, row.message_id): row for row in rows}


def _medium(message: Message, album: Album | None, names: Names) -> tuple[str, str] | None:
    if album:
        count = len(album.members)
        words = ngettext("Album, %(n)s item", "Album, %(n)s items", count)
        return "image", words % {"n": count}
    who = people.who(message, names)
    return media.describe(message.kind, message.media_meta, who, names)


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

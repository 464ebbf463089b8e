"""Messages as a conversation shows them: bubbles, with what they answer and who wrote them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final
from zlib import crc32

from django.utils import timezone
from django.utils.safestring import SafeString

from archive.search import Piece, Results, excerpt
from archive.timeline import GENERAL, Stretch
from dashboard import entities, media
from dashboard.cards import Card, Item, cards, reactions
from dashboard.links import telegram_link
from dashboard.names import names_of
from dashboard.provenance import quote_of
from dashboard.thumbs import Thumb, thumbnail
from ingestion.coverage import CoverageReport
from ingestion.models import Channel, Message
from tgadmin.lib.ranges import IdRanges
from workspaces.access import within
from workspaces.models import Workspace

#: A bubble shows this much of a text: more than Telegram lets a message without media have.
LONGEST: Final = 5_000
#: How many colours senders have; a sender's stays the same (css/timeline.css).
COLOURS: Final = 7
#: Whoever writes again within this time is not named again.
_SAME_BREATH: Final = 15 * 60
_QUOTED: Final = 120
#: How large a picture is shown, and what is made as large as that (CSS pixels).
_LARGEST: Final = (400, 420)
#: The same where there are some forty pixels, which stay a blur however large.
_LARGEST_BLUR: Final = (260, 220)
_SMALLEST: Final = 96
_TILE: Final = 160
_PICTURES: Final = frozenset({"photo", "video", "animation", "round_video", "sticker"})


@dataclass(frozen=True, slots=True)
class Picture:
    """`src` at the size at which it is shown; `blurred`: some forty pixels are all that there is."""

    src: str
    width: int
    height: int
    blurred: bool


@dataclass(frozen=True, slots=True)
class Tile:
    """One of an album."""

    item: Item
    picture: Picture | None


@dataclass(frozen=True, slots=True)
class Answered:
    """The message that another answers, in a line; `message_id` 0: it is not archived."""

    message_id: int
    number: int
    who: str
    colour: int
    line: list[Piece]
    medium: tuple[str, str] | None
    thumb: Thumb | None
    quote: SafeString | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Ids between two messages of which nothing is known. `hidden`: Telegram does not show them."""

    low: int
    high: int
    count: int
    hidden: bool


@dataclass(frozen=True)
class Bubble:
    """`named`: whoever wrote it is said above it; `unknown` is what lies between it and the
    message before it.
    """

    card: Card
    who: str
    #: 0 … COLOURS - 1, by who wrote it.
    colour: int
    named: bool
    answered: Answered | None
    unknown: list[Unknown]
    link: str

    @property
    def message(self) -> Message:
        return self.card.message

    @cached_property
    def html(self) -> SafeString:
        message = self.message
        return entities.render(message.text[:LONGEST], message.entities)

    @cached_property
    def picture(self) -> Picture | None:
        """Its picture, as large as a bubble has room for."""
        carried = self.card.carried
        if carried is None or carried.kind not in _PICTURES:
            return None
        found = self.card.stored
        thumb = carried.thumb
        if thumb is None:
            return None
        width, height = found.size if found else (0, 0)
        if not (width and height):
            width, height = _size(carried.meta.get("width")), _size(carried.meta.get("height"))
        width, height = (width, height) if width and height else (thumb.width, thumb.height)
        return _fitted(thumb.src, width, height, blurred=not (found and found.preview))

    @cached_property
    def mosaic(self) -> list[Tile]:
        return [Tile(item, _tile(item)) for item in self.card.items]

    @cached_property
    def ids(self) -> list[int]:
        """Of all that it stands for: an album has several."""
        return [item.message_id for item in self.card.items] or [self.message.message_id]

    @cached_property
    def reactions(self) -> list[tuple[str, int]]:
        return reactions(self.card.stats)

    @property
    def bare(self) -> bool:
        """A picture and nothing else: its time stands in it."""
        return bool((self.picture or self.card.items) and not self.message.text)


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    bubbles: list[Bubble]


def days(workspace: Workspace, stretch: Stretch, report: CoverageReport) -> list[Day]:
    """The bubbles of a stretch by local day, in a few queries whatever their number."""
    results = Results(stretch.messages, stats=stretch.stats)
    shown = cards(workspace, results)
    if not shown:
        return []
    answers = _answers(workspace, shown)
    senders = [card.message.sender_id for card in shown]
    senders += [message.sender_id for message in answers.values()]
    names = names_of(workspace, senders)
    out: list[Day] = []
    last: Message | None = None
    for card in shown:
        message = card.message
        day = timezone.localtime(message.date).date()
        if not out or out[-1].day != day:
            out.append(Day(day, []))
        out[-1].bubbles.append(
            Bubble(
                card=card,
                who=_who(message, names),
                colour=_colour(message),
                named=not out[-1].bubbles or last is None or not _same_breath(last, message),
                answered=_answered(message, answers, names),
                unknown=_unknown(last, message, report) if last else [],
                link=telegram_link(message.channel, message.message_id),
            )
        )
        last = message
    return out


def colour_of(sender: str) -> int:
    """The same for the same person, wherever they write and whatever they are called."""
    return crc32(sender.encode()) % COLOURS


def _colour(message: Message) -> int:
    return colour_of(message.sender_id or str(message.channel.peer_id))


def _size(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _fitted(src: str, width: int, height: int, *, blurred: bool) -> Picture:
    largest = _LARGEST_BLUR if blurred else _LARGEST
    scale = min(largest[0] / width, largest[1] / height, 1.0)
    scale = max(scale, min(_SMALLEST / width, _SMALLEST / height, 1.0))
    return Picture(
        src, min(max(round(width * scale), _SMALLEST), largest[0]), round(height * scale), blurred
    )


def _tile(item: Item) -> Picture | None:
    thumb = item.thumb
    if thumb is None:
        return None
    return Picture(thumb.src, _TILE, _TILE, blurred=not (item.stored and item.stored.preview))


def _who(message: Message, names: dict[str, str]) -> str:
    """Who wrote it; the channel where it speaks for itself."""
    own = {"", str(message.channel.peer_id)}
    if message.sender_id in own:
        return message.channel.title
    return names.get(message.sender_id) or message.author or message.sender_id


def _same_breath(before: Message, message: Message) -> bool:
    gone_by = (message.date - before.date).total_seconds()
    return (
        before.sender_id == message.sender_id
        and before.kind != "service"
        and gone_by < _SAME_BREATH
        and before.author == message.author
    )


def _answers(workspace: Workspace, shown: Sequence[Card]) -> dict[int, Message]:
    """The messages of the same channel that these answer, by id: one query."""
    wanted = {number for card in shown if (number := _answered_number(card.message))}
    if not wanted:
        return {}
    channel = shown[0].channel
    rows = within(
        workspace, Message.objects.filter(channel_id=channel.pk, message_id__in=wanted)
    ).defer("tsv", "entities", "links", "hashtags")
    found = {}
    for row in rows:
        row.channel = channel
        found[row.message_id] = row
    return found


def _answered_number(message: Message) -> int | None:
    """None where it answers nothing of its own channel; a topic's messages answer the message
    that made the topic, which is no answer to a person.
    """
    reply = message.reply_to or {}
    number, peer = reply.get("message_id"), reply.get("peer_id")
    if not isinstance(number, int) or (peer and str(peer) != str(message.channel.peer_id)):
        return None
    return None if number in {message.topic_id, GENERAL} and not reply.get("quote_text") else number


def _answered(
    message: Message, answers: dict[int, Message], names: dict[str, str]
) -> Answered | None:
    number = _answered_number(message)
    if number is None:
        return None
    found = answers.get(number)
    quote = quote_of(message)
    if found is None:
        return Answered(0, number, "", 0, [], None, None, quote)
    return Answered(
        message_id=number,
        number=number,
        who=_who(found, names),
        colour=_colour(found),
        line=excerpt(" ".join(found.text.split()), "", _QUOTED),
        medium=media.describe(found.kind, found.media_meta, _who(found, names), names),
        thumb=thumbnail(found.media_meta),
        quote=quote,
    )


def _unknown(before: Message, message: Message, report: CoverageReport) -> list[Unknown]:
    """What of the ids between two messages was never asked for, and what Telegram hides."""
    if not report.covered:
        return []  # nobody ever asked Telegram: the whole channel is unknown, and its page says so
    between = IdRanges.span(before.message_id + 1, message.message_id - 1)
    out = []
    for ranges, hidden in ((report.gaps, False), (report.hidden, True)):
        if found := between & ranges:
            out.append(Unknown(found.pairs[0][0], found.top, len(found), hidden))
    return out


def is_group(channel: Channel) -> bool:
    """Whether people write in it, each under their own name."""
    return channel.kind != "broadcast"

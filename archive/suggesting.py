"""What could stand where the caret is in the search box."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from archive.query import ARE, HAS, KINDS, TOKENS, Token, spelled_token, unfinished
from ingestion.languages import LANGUAGES
from ingestion.models import Channel, ForumTopic, Sender
from workspaces.access import within
from workspaces.models import Workspace

#: Suggestions at once.
MOST: Final = 8


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`text` takes the place of all from `start` to the caret; `detail` says what it is."""

    start: int
    text: str
    detail: str


@dataclass(frozen=True, slots=True)
class _Asked:
    workspace: Workspace
    text: str
    channels: tuple[int, ...]


_Values = Callable[[_Asked], Iterable[tuple[str, str]]]


def suggest(
    before: str, *, workspace: Workspace, channels: tuple[int, ...] = ()
) -> list[Suggestion]:
    """For the text before the caret, the likeliest first; at most two quick queries. `channels`
    are those that are chosen already.
    """
    found = unfinished(before)
    if not found.name:
        return [
            Suggestion(found.start, f"{name}:", detail)
            for name, detail in _tokens()
            if found.text and name.startswith(found.text.lower().rstrip(":"))
        ][:MOST]
    values = _VALUES.get(found.name)
    asked = _Asked(workspace, found.text, channels)
    offered = list(values(asked))[:MOST] if values else [(found.text, "")]
    return [
        Suggestion(found.start, spelled_token(Token(found.name, value)) + " ", detail)
        for value, detail in offered
        if value
    ]


def _tokens() -> Iterator[tuple[str, str]]:
    details = {
        "channel": _("by @name, title or number"),
        "from": _("who wrote it"),
        "has": _("photo, video, link, poll…"),
        "kind": _("what sort of message"),
        "after": _("from a day on"),
        "before": _("before a day"),
        "on": _("a day, month or year"),
        "is": _("edited, deleted, forwarded, pinned"),
        "views": _("how many views, such as >1000"),
        "lang": _("the language it was written in"),
        "topic": _("of a forum"),
        "thread": _("by the number of its first message"),
        "url": _("a link to a domain"),
        "tag": _("a hashtag"),
        "re": _("a regular expression, such as /colou?r/i"),
    }
    return ((name, details[name]) for name in TOKENS)


def _channels(asked: _Asked) -> Iterator[tuple[str, str]]:
    bare = asked.text.removeprefix("@")
    rows = within(asked.workspace, Channel.objects.order_by("removed_at", "title", "pk"))
    rows = rows.filter(Q(username__istartswith=bare) | Q(title__icontains=asked.text or ""))
    for row in rows.only("pk", "title", "username", "peer_id")[:MOST]:
        yield (f"@{row.username}", row.title) if row.username else (str(row.peer_id), row.title)


def _senders(asked: _Asked) -> Iterator[tuple[str, str]]:
    if not asked.text:
        return
    rows = within(asked.workspace, Sender.objects.filter(name__istartswith=asked.text))
    if asked.text.startswith("@"):
        name = asked.text.removeprefix("@")
        rows = within(asked.workspace, Sender.objects.filter(usernames__contains=[name]))
    for row in rows.order_by("pk")[:MOST]:
        detail = f"@{row.usernames[0]}" if row.usernames else str(row.peer_id)
        yield row.name.replace('"', "") or str(row.peer_id), detail


def _topics(asked: _Asked) -> Iterator[tuple[str, str]]:
    rows = within(asked.workspace, ForumTopic.objects.filter(title__icontains=asked.text))
    if asked.channels:
        rows = rows.filter(channel__in=asked.channels)
    for row in rows.select_related("channel").order_by("gone_at", "-messages", "pk")[:MOST]:
        yield row.title.replace('"', ""), row.channel.title


def _languages(asked: _Asked) -> Iterator[tuple[str, str]]:
    text = asked.text.lower()
    return (
        (code, name)
        for code, name in LANGUAGES.items()
        if code.startswith(text) or name.lower().startswith(text)
    )


def _one_of(*known: str) -> _Values:
    def found(asked: _Asked) -> Iterator[tuple[str, str]]:
        return ((value, "") for value in known if value.startswith(asked.text.lower()))

    return found


def _days(asked: _Asked) -> Iterator[tuple[str, str]]:
    today = timezone.localdate()
    month = today.replace(day=1)
    offered = (
        (str(today), _("today")),
        (str(today - timedelta(days=1)), _("yesterday")),
        (str(today - timedelta(days=7)), _("seven days ago")),
        (f"{month:%Y-%m}", _("this month")),
        (f"{month - timedelta(days=1):%Y-%m}", _("last month")),
        (f"{today:%Y}", _("this year")),
    )
    text = asked.text.lower()
    return ((day, word) for day, word in offered if day.startswith(text) or word.startswith(text))


_VALUES: Final[dict[str, _Values]] = {
    "channel": _channels,
    "from": _senders,
    "topic": _topics,
    "lang": _languages,
    "has": _one_of(*HAS, *KINDS[1:]),
    "kind": _one_of(*KINDS),
    "is": _one_of(*ARE),
    "after": _days,
    "before": _days,
    "on": _days,
    "views": lambda _asked: [(">1000", ""), (">10k", ""), (">100k", ""), ("<100", "")],
}

"""From the search box to filters, and back: which channels and topics the words of a query name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import DataError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from archive.filters import Filters
from archive.query import Mistake, Question, Token, clean, joined, parse, spelled
from archive.query.known import ARE, HAS, KINDS
from archive.query.values import bounds_of, days_of
from ingestion.models import Channel, ForumTopic
from tgadmin.lib.told import Told, tell
from workspaces.access import within
from workspaces.models import Workspace

__all__ = ["Asked", "clean", "names_of", "trouble_with", "understand", "written"]

#: Filters of which an address takes several.
_LISTS = {"lang": "langs", "tag": "tags", "url": "sites"}
#: Filter → the method that reads it.
_READERS = {
    "channel": "channel",
    "topic": "topic",
    "from": "sender",
    "has": "has",
    "kind": "has",
    "is": "state",
    **dict.fromkeys(_LISTS, "one_more"),
    "views": "views",
    "thread": "thread",
    "re": "pattern",
    **dict.fromkeys(("after", "before", "on"), "days"),
}
_MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """`filters` hold all that was understood, their words without tokens. `mistakes` point into
    the text; `moved`: some of the text is in the filters now.
    """

    filters: Filters
    mistakes: tuple[Mistake, ...] = ()
    moved: bool = False


def understand(text: str, *, workspace: Workspace, filters: Filters) -> Asked:
    """What a text asks for, on top of filters that were chosen otherwise. A filter that can hold
    one value takes that of the text.
    """
    question = parse(text, today=timezone.localdate())
    reading = _Reading(workspace, replace(filters, words=joined(question.wanted)))
    for token in question.tokens:
        reading.take(token)
    mistakes = sorted((*question.mistakes, *reading.mistakes), key=lambda one: one.start)
    return Asked(reading.filters, tuple(mistakes), bool(question.tokens))


class _Reading:
    def __init__(self, workspace: Workspace, filters: Filters) -> None:
        self.workspace = workspace
        self.filters = filters
        self.mistakes: list[Mistake] = []

    def wrong(self, token: Token, told: Told) -> None:
        self.mistakes.append(Mistake(token.start, token.end, told))

    def put(self, **fields: Any) -> None:
        self.filters = replace(self.filters, **fields)

    def take(self, token: Token) -> None:
        """Each filter by the reader of its name."""
        getattr(self, f"_{_READERS[token.name]}")(token)

    def _sender(self, token: Token) -> None:
        self.put(sender=token.value)

    def _has(self, token: Token) -> None:
        if token.value in HAS:
            self.put(has=_ordered((*self.filters.has, token.value), HAS))
        else:
            self.put(kinds=_ordered((*self.filters.kinds, token.value), KINDS))

    def _one_more(self, token: Token) -> None:
        field = _LISTS[token.name]
        self.put(**{field: tuple(sorted({*getattr(self.filters, field), token.value}))})

    def _views(self, token: Token) -> None:
        low, high = bounds_of(token.value)
        self.put(views_min=low, views_max=high)

    def _thread(self, token: Token) -> None:
        self.put(thread=int(token.value))

    def _days(self, token: Token) -> None:
        first, last = days_of(token.value)
        since, until = self.filters.since, self.filters.until
        if token.name == "on":
            since, until = first, last
        elif token.name == "after":
            since = first
        else:
            until = first - timedelta(days=1)
        if since and until and since > until:
            self.wrong(
                token,
                tell(
                    "No day is from %(since)s on and at most %(until)s.",
                    "It was left out; change one of the two days.",
                    since=str(since),
                    until=str(until),
                ),
            )
            return
        self.put(since=since, until=until)

    def _state(self, token: Token) -> None:
        both = {*self.filters.are, token.value}
        if {"deleted", "present"} <= both:
            self.wrong(
                token,
                tell(
                    "A message is not both deleted and still on Telegram.",
                    "It was left out; take one of the two away.",
                ),
            )
            return
        self.put(are=_ordered(both, ARE))

    def _pattern(self, token: Token) -> None:
        trouble = trouble_with(token.value)
        if trouble:
            self.wrong(token, trouble)
        else:
            self.put(pattern=token.value)

    def _channel(self, token: Token) -> None:
        found = _channels_called(self.workspace, token.value)
        if not found:
            self.wrong(
                token,
                tell(
                    "No channel here is called “%(name)s”.",
                    "Write its @name or its title; the suggestions below the box have them all.",
                    name=token.value,
                ),
            )
        elif len(found) > 1:
            self.wrong(
                token,
                tell(
                    "“%(name)s” can be several channels: %(some)s.",
                    "Write one of their @names, or the whole title in quotes.",
                    name=token.value,
                    some=", ".join(_called(channel) for channel in found[:_MOST_NAMED]),
                ),
            )
        else:
            self.put(channels=tuple(sorted({*self.filters.channels, found[0].pk})))

    def _topic(self, token: Token) -> None:
        number = token.value.removeprefix("#")
        if number.isascii() and number.isdigit() and 0 < int(number) < 2**62:
            self.put(topic=int(number))
            return
        topics = within(self.workspace, ForumTopic.objects.filter(title__iexact=token.value))
        if self.filters.channels:
            topics = topics.filter(channel__in=self.filters.channels)
        found = list(topics.order_by("gone_at", "pk")[:2])
        if len(found) == 1:
            self.put(topic=found[0].topic_id, channels=(found[0].channel_id,))
            return
        self.wrong(
            token,
            tell(
                "Topics of several groups are called “%(name)s”.",
                "Choose the group, too, as in channel:@name.",
                name=token.value,
            )
            if found
            else tell(
                "No topic is called “%(name)s”.",
                "Write its title as it stands on the group's page, or its number.",
                name=token.value,
            ),
        )


def _ordered(values: Iterable[str], known: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(values), key=known.index))


def _channels_called(workspace: Workspace, name: str) -> list[Channel]:
    """By @name, link, Telegram's number or whole title; else by a piece of the title."""
    rows = within(workspace, Channel.objects.order_by("removed_at", "pk"))
    bare = name.rsplit("/", 1)[-1].removeprefix("@")
    whole = Q(username__iexact=bare) | Q(title__iexact=name)
    if bare.lstrip("-").isdecimal() and len(bare) < 19:
        whole |= Q(peer_id=int(bare))
    found = list(rows.filter(whole)[: _MOST_NAMED + 1])
    if found or name.startswith("@"):
        return found
    return list(rows.filter(title__icontains=name)[: _MOST_NAMED + 1])


def _called(channel: Channel) -> str:
    return f"@{channel.username}" if channel.username else channel.title


def trouble_with(pattern: str) -> Told | None:
    """Why PostgreSQL does not take a regular expression."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT '' ~ %(pattern)s", {"pattern": pattern})
    except DataError as error:
        reason = str(error).splitlines()[0].removeprefix("invalid regular expression: ")
        return tell(
            "This is no regular expression: %(reason)s.",
            "It was left out; mend it, or look for its words without re:.",
            reason=reason,
        )
    return None


def names_of(channels: Iterable[Channel]) -> dict[int, str]:
    """How a query calls each, by its key."""
    return {row.pk: f"@{row.username}" if row.username else str(row.peer_id) for row in channels}


def written(filters: Filters, names: Mapping[int, str]) -> str:
    """The query that asks for the same; `understand` reads it so. `names` of its channels as
    `names_of` has them.
    """
    found = [Token("channel", names[key]) for key in filters.channels if key in names]
    found += [Token("from", filters.sender.replace('"', ""))] if filters.sender else []
    found += [Token("kind", kind) for kind in filters.kinds]
    found += [Token("has", name) for name in filters.has]
    found += [Token("is", name) for name in filters.are]
    found += _dates(filters)
    if filters.views_min is not None or filters.views_max is not None:
        ends = ("" if end is None else str(end) for end in (filters.views_min, filters.views_max))
        found.append(Token("views", "..".join(ends)))
    for name, field in _LISTS.items():
        found += [Token(name, value) for value in getattr(filters, field)]
    numbers = (("topic", filters.topic), ("thread", filters.thread))
    found += [Token(name, str(value)) for name, value in numbers if value is not None]
    found += [Token("re", filters.pattern)] if filters.pattern else []
    wanted = parse(filters.words, today=timezone.localdate()).wanted
    return spelled(Question(wanted, tuple(found)))


def _dates(filters: Filters) -> list[Token]:
    since, until = filters.since, filters.until
    if since and until:
        return [Token("on", str(since) if since == until else f"{since}..{until}")]
    found = [Token("after", str(since))] if since else []
    return found + ([Token("before", str(until + timedelta(days=1)))] if until else [])

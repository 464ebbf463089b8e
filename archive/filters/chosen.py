"""What a person chose, as it stands in an address and on an export's row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Final, NamedTuple, Self
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone
from django.utils.translation import gettext as _

from archive.filters.query import LONGEST
from archive.query import ARE as IS
from archive.query import HAS, KINDS, TOKENS
from archive.query.values import Wrong
from ingestion.errors import DataError

#: More channels than that are not chosen one by one.
MOST_CHANNELS: Final = 50
_LONGEST_SENDER: Final = 128
_LONGEST_PATTERN: Final = 300
_LONGEST_ID: Final = 18
#: Tags, domains or languages, at most.
_MOST_VALUES: Final = 20


class Parsed(NamedTuple):
    """What was understood, and a sentence for each value that was not."""

    filters: "Filters"
    complaints: list[str]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which messages. Empty: all of them.

    `since` and `until` are days, both included, in `zone` (an IANA name; empty: the active one).
    `channels` are keys of our rows; whether a person may see them is for the caller to check.
    """

    words: str = ""
    channels: tuple[int, ...] = ()
    since: date | None = None
    until: date | None = None
    kinds: tuple[str, ...] = ()
    #: `media`, `link`: what it has to have.
    has: tuple[str, ...] = ()
    #: `edited`, `deleted` (on Telegram), `present` (still there), `forwarded`, `pinned` (now).
    are: tuple[str, ...] = ()
    #: A marked id, or an author's name as Telegram shows it.
    sender: str = ""
    #: A forum's topic: the id of the message that made it; 1 is "General".
    topic: int | None = None
    #: A thread: the id of the message that it began with.
    thread: int | None = None
    #: Codes of languages, any of which it may be in.
    langs: tuple[str, ...] = ()
    #: Hashtags, lower case and without "#", all of which it has to have.
    tags: tuple[str, ...] = ()
    #: Domains, to each of which (or to what is below it) it has to have a link.
    sites: tuple[str, ...] = ()
    #: Both included.
    views_min: int | None = None
    views_max: int | None = None
    #: A regular expression of PostgreSQL that its text matches.
    pattern: str = ""
    zone: str = ""

    @classmethod
    def parse(cls, values: Mapping[str, Sequence[str]]) -> Parsed:
        """From an address or from `as_dict`. Never fails: what is wrong is left out, and told."""
        reader = _Reader(values)
        # `day` is short for both: a calendar has hundreds of such links.
        day = reader.day("day")
        since, until = reader.day("from") or day, reader.day("to") or day
        if since and until and since > until:
            reader.complain(
                _("“From” (%(since)s) is after “To” (%(until)s), so “To” was left out.")
                % {"since": since, "until": until}
            )
            until = None
        are = reader.choices("is", IS)
        if {"deleted", "present"} <= set(are):
            reader.complain(
                _("A message is not both deleted and still on Telegram: both were left out.")
            )
            are = tuple(name for name in are if name not in {"deleted", "present"})
        least, most = reader.number("views_min", least=0), reader.number("views_max", least=0)
        if least is not None and most is not None and least > most:
            reader.complain(
                _(
                    "No message has at least %(least)s and at most %(most)s views: both were left out."
                )
                % {"least": least, "most": most}
            )
            least = most = None
        filters = cls(
            words=reader.text("q", LONGEST),
            channels=reader.numbers("channel"),
            since=since,
            until=until,
            kinds=reader.choices("kind", KINDS),
            has=reader.choices("has", HAS),
            are=are,
            sender=reader.text("sender", _LONGEST_SENDER),
            topic=reader.number("topic"),
            thread=reader.number("thread"),
            langs=reader.values("lang", "lang"),
            tags=reader.values("tag", "tag"),
            sites=reader.values("site", "url"),
            views_min=least,
            views_max=most,
            pattern=reader.text("re", _LONGEST_PATTERN),
            zone=reader.zone("zone"),
        )
        return Parsed(filters, reader.complaints)

    @classmethod
    def stored(cls, values: Mapping[str, Sequence[str]]) -> "Filters":
        """From `as_dict`, for what goes out by itself: a filter that is not understood any more must
        not let everything through. Raises `DataError`.
        """
        filters, complaints = cls.parse(values)
        if complaints:
            raise DataError(
                "FILTER_UNREADABLE",
                "What this was to be filtered by is not understood, so nothing goes out.",
                "Choose the filter again.",
            )
        return filters

    def pairs(self) -> list[tuple[str, str]]:
        """As an address has it; parsed, the same filters again."""
        found = [("q", self.words)] if self.words else []
        found += [("channel", str(key)) for key in self.channels]
        days = (("from", self.since), ("to", self.until))
        found += [(name, day.isoformat()) for name, day in days if day]
        found += [("kind", kind) for kind in self.kinds]
        found += [("has", name) for name in self.has]
        found += [("is", name) for name in self.are]
        found += [(name, text) for name, text in (("sender", self.sender),) if text]
        lists = (("lang", self.langs), ("tag", self.tags), ("site", self.sites))
        found += [(name, value) for name, values in lists for value in values]
        numbers = (
            ("topic", self.topic),
            ("thread", self.thread),
            ("views_min", self.views_min),
            ("views_max", self.views_max),
        )
        found += [(name, str(number)) for name, number in numbers if number is not None]
        found += [("re", self.pattern)] if self.pattern else []
        found += [("zone", self.zone)] if self.zone else []
        return found

    def as_dict(self) -> dict[str, list[str]]:
        """For a JSON column."""
        found: dict[str, list[str]] = {}
        for name, value in self.pairs():
            found.setdefault(name, []).append(value)
        return found

    def query_string(self) -> str:
        return urlencode(self.pairs())

    def without(self, name: str, value: str) -> Self:
        """The same without one of its pairs."""
        left = [pair for pair in self.pairs() if pair != (name, value)]
        values: dict[str, list[str]] = {}
        for key, text in left:
            values.setdefault(key, []).append(text)
        return replace(self, **_fields(Filters.parse(values).filters))

    @property
    def looks_at_rows(self) -> bool:
        """Whether anything is asked of a row besides its channel, its day and its words."""
        chosen = (self.kinds, self.has, self.are, self.langs, self.tags, self.sites)
        numbers = (self.topic, self.thread, self.views_min, self.views_max)
        one_of = self.sender or self.pattern or any(chosen)
        return bool(one_of) or any(number is not None for number in numbers)

    def parameters(self) -> dict[str, Any]:
        """For `sql.BOUNDS` and `sql.CONDITIONS`, the words excepted."""
        zone = ZoneInfo(self.zone) if self.zone else timezone.get_current_timezone()
        day_after = self.until + timedelta(days=1) if self.until else None
        return {
            "since": _midnight(self.since, zone) if self.since else None,
            "until": _midnight(day_after, zone) if day_after else None,
            "kinds": list(self.kinds) or None,
            "media": "media" in self.has,
            "link": "link" in self.has,
            "edited": "edited" in self.are,
            "deleted": "deleted" in self.are,
            "present": "present" in self.are,
            "sender": self.sender or None,
            "topic": self.topic,
            "thread": None if self.thread is None else str(self.thread),
            "forwarded": "forwarded" in self.are,
            "pinned": "pinned" in self.are,
            "langs": list(self.langs) or None,
            "tags": list(self.tags) or None,
            "sites": list(self.sites) or None,
            "views_min": self.views_min,
            "views_max": self.views_max,
            "pattern": self.pattern or None,
        }


def _fields(filters: Filters) -> dict[str, Any]:
    return {name: getattr(filters, name) for name in Filters.__slots__}


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone)


class _Reader:
    """Takes values out of an address, and notes those that make no sense."""

    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        self._values = values
        self.complaints: list[str] = []

    def complain(self, sentence: str) -> None:
        self.complaints.append(sentence)

    def _all(self, name: str) -> list[str]:
        found = self._values.get(name) or ()
        texts = [found] if isinstance(found, str) else found
        return list(dict.fromkeys(text.strip() for text in texts if text.strip()))

    def text(self, name: str, longest: int) -> str:
        found = (self._all(name) or [""])[-1].replace("\0", "")
        return found.encode("utf-8", "ignore").decode("utf-8")[:longest].strip()

    def day(self, name: str) -> date | None:
        text = self.text(name, 40)
        if not text:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = None
        if day is None or not 1970 <= day.year <= 9000:
            self.complain(
                _("“%(text)s” is no day; write it as 2026-05-01. It was left out.") % {"text": text}
            )
            return None
        return day

    def choices(self, name: str, known: Sequence[str]) -> tuple[str, ...]:
        """The known ones, in the order in which they are known."""
        asked = self._all(name)
        for text in asked:
            if text not in known:
                self.complain(
                    _("“%(name)s=%(text)s” is no filter. It was left out; there are: %(known)s.")
                    % {"name": name, "text": text[:40], "known": ", ".join(known)}
                )
        return tuple(text for text in known if text in asked)

    def number(self, name: str, *, least: int = 1) -> int | None:
        """A message's id, or how many views."""
        text = self.text(name, 40)
        if not text:
            return None
        if text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID and int(text) >= least:
            return int(text)
        self.complain(
            _("“%(text)s” is no message's number. It was left out.") % {"text": text}
            if least
            else _("“%(text)s” is no number of views. It was left out.") % {"text": text}
        )
        return None

    def values(self, name: str, token: str) -> tuple[str, ...]:
        """As they are written in a query behind `token`, in their normal form, sorted."""
        found = []
        for text in self._all(name)[:_MOST_VALUES]:
            try:
                value = text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")
                found.append(TOKENS[token].read(value, date.min))
            except Wrong as wrong:
                self.complain(str(wrong.told))
        return tuple(sorted(set(found)))

    def numbers(self, name: str) -> tuple[int, ...]:
        found = []
        for text in self._all(name):
            if text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID:
                found.append(int(text))
            else:
                self.complain(
                    _("“%(text)s” is no channel's number. It was left out.") % {"text": text[:40]}
                )
        if len(found) > MOST_CHANNELS:
            self.complain(
                _("Only the first %(most)s channels were taken.") % {"most": MOST_CHANNELS}
            )
        return tuple(sorted(set(found[:MOST_CHANNELS])))

    def zone(self, name: str) -> str:
        text = self.text(name, 64)
        if not text:
            return ""
        try:
            ZoneInfo(text)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.complain(_("“%(text)s” is no time zone. It was left out.") % {"text": text})
            return ""
        return text

"""The people of a workspace: what they are called, so that they are found in texts."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from archive.redaction.kinds import Kind, Span

_WORD: Final = re.compile(r"[^\W_](?:[\w'’-]*[^\W_])?")
#: Links that name a person by id (https://core.telegram.org/api/links#user-links) or by username.
_ID_LINK: Final = re.compile(r"(?<=tg://user\?id=)\d+|(?<=tg://openmessage\?user_id=)\d+")
_NAME_LINK: Final = re.compile(
    r"(?:t\.me/|telegram\.me/|tg://resolve\?domain=)([A-Za-z]\w{3,31})(?!\w)"
)
#: A name of one word is taken for the person's only when it is as long, and written the same way.
_SHORTEST_SINGLE: Final = 4
_MOST_WORDS: Final = 5


@dataclass(slots=True)
class People:
    """By id, name (in any case) and username; channels and bots are no people."""

    #: Names of several words, in lower case → id.
    _names: dict[tuple[str, ...], str] = field(default_factory=dict)
    #: Names of one word, as they are written → id.
    _single: dict[str, str] = field(default_factory=dict)
    #: First words of names of several → the most words of one.
    _first: dict[str, int] = field(default_factory=dict)
    _usernames: dict[str, str] = field(default_factory=dict)
    #: Ids that are nobody's: bots.
    bots: set[str] = field(default_factory=set)

    def add(self, person: str, *, name: str = "", usernames: Iterable[str] = ()) -> None:
        """Somebody; of two that are called the same, the first is meant."""
        for username in usernames:
            self._usernames.setdefault(username.lower(), person)
        words = tuple(_WORD.findall(name))
        if len(words) == 1 and len(words[0]) >= _SHORTEST_SINGLE:
            self._single.setdefault(words[0], person)
        elif 1 < len(words) <= _MOST_WORDS:
            key = tuple(word.casefold() for word in words)
            self._names.setdefault(key, person)
            self._first[key[0]] = max(self._first.get(key[0], 0), len(key))

    def __bool__(self) -> bool:
        return bool(self._names or self._single or self._usernames)

    def of_username(self, username: str) -> str | None:
        return self._usernames.get(username.lower())

    def of_name(self, name: str) -> str | None:
        words = tuple(_WORD.findall(name))
        if len(words) == 1:
            return self._single.get(words[0])
        return self._names.get(tuple(word.casefold() for word in words))

    def find(self, text: str) -> Iterator[Span]:
        """Names and links in a text, the longest name at each word; `value` is the person."""
        for link in _NAME_LINK.finditer(text) if self._usernames else ():
            if person := self.of_username(link.group(1)):
                yield Span(Kind.NAME, *link.span(1), person)
        if not (self._first or self._single):
            return
        words = [(found.group(), *found.span()) for found in _WORD.finditer(text)]
        until = 0
        for place, (word, start, end) in enumerate(words):
            if start < until:
                continue
            found = self._longest([one for one, *_ in words[place : place + _MOST_WORDS]])
            if found:
                person, count = found
                until = words[place + count - 1][2]
                yield Span(Kind.NAME, start, until, person)
            elif word in self._single:
                until = end
                yield Span(Kind.NAME, start, end, self._single[word])

    def _longest(self, words: list[str]) -> tuple[str, int] | None:
        most = self._first.get(words[0].casefold(), 0)
        for count in range(min(most, len(words)), 1, -1):
            person = self._names.get(tuple(word.casefold() for word in words[:count]))
            if person:
                return person, count
        return None


def ids(text: str) -> Iterator[Span]:
    """Ids of people in links."""
    if "tg://" in text:
        for found in _ID_LINK.finditer(text):
            yield Span(Kind.NAME, *found.span(), found.group())

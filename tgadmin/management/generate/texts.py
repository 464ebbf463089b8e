"""Texts of messages with what is marked in them. Offsets count UTF-16 code units
(https://core.telegram.org/api/entities), so whatever stands outside of the basic plane comes last.
"""

from collections import deque
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from tgadmin.management.generate.lexicon import EMOJI, Lexicon, lexicon

_HOSTS: Final = ("example.org", "news.example.com", "video.example.net", "t.me", "blog.example")
_TAGS: Final = ("news", "weather", "новости", "погода", "urgent", "أخبار", "新闻", "mercado")
#: Texts of late, which others forward or copy.
_REMEMBERED: Final = 400
#: How long a clause is, in words.
_CLAUSE: Final = 9
_BASIC_PLANE: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class Text:
    """A text and its entities, as Telegram sends them."""

    text: str
    entities: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Original:
    """A post that others take up: whose it is, and what it says."""

    channel_number: int
    message_id: int
    language: str
    text: Text


@dataclass(slots=True)
class Memory:
    """What was posted lately, in any channel."""

    posts: deque[Original] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def pick(self, dice: Random) -> Original | None:
        return self.posts[int(dice.random() * len(self.posts))] if self.posts else None


def compose(dice: Random, words: Lexicon) -> Text:
    """A post: mostly short, sometimes an article."""
    count = max(2, int(dice.lognormvariate(3.0, 0.8)))
    drawn = words.draw(dice, min(count, 500))
    roll = dice.random()
    if roll < 0.2:
        drawn[int(roll * 5 * len(drawn))] = words.once(dice)
    entities: list[dict[str, Any]] = []
    text = _sentences(drawn, words)
    if roll > 0.7:
        entities.append({"_": "MessageEntityBold", "offset": 0, "length": len(drawn[0])})
    text = _with_link(dice, text, entities)
    text = _with_tags(dice, text, entities)
    if dice.random() < 0.25:
        text = f"{text} {dice.choice(EMOJI)}"
    return Text(text, entities)


def _sentences(drawn: list[str], words: Lexicon) -> str:
    language = words.language
    if len(drawn) <= _CLAUSE:
        return language.joiner.join(drawn)
    return language.stop.join(
        language.joiner.join(drawn[start : start + _CLAUSE])
        for start in range(0, len(drawn), _CLAUSE)
    )


def _with_link(dice: Random, text: str, entities: list[dict[str, Any]]) -> str:
    roll = dice.random()
    if roll < 0.12:
        url = f"https://{dice.choice(_HOSTS)}/{dice.getrandbits(32):x}"
        entities.append(
            {"_": "MessageEntityUrl", "offset": len(text) + 1, "length": len(url)},
        )
        return f"{text}\n{url}"
    if roll < 0.2:
        url = f"https://{dice.choice(_HOSTS)}/{int(roll * 1e6)}"
        entities.append(
            {"_": "MessageEntityTextUrl", "offset": 0, "length": min(len(text), 6), "url": url}
        )
    return text


def _with_tags(dice: Random, text: str, entities: list[dict[str, Any]]) -> str:
    if dice.random() >= 0.15:
        return text
    tag = f"#{dice.choice(_TAGS)}"
    entities.append({"_": "MessageEntityHashtag", "offset": len(text) + 1, "length": len(tag)})
    return f"{text} {tag}"


def nearly(dice: Random, original: Text, language: str) -> Text:
    """The same in a word or two other words: a near-duplicate. What was marked is lost, as it is
    where people copy by hand.
    """
    words = lexicon(language)
    joiner = words.language.joiner or words.language.stop
    parts = original.text.split(joiner)
    parts[int(dice.random() * len(parts))] = words.draw(dice, 1)[0]
    return Text(joiner.join(parts), [])


def edited(dice: Random, text: Text, words: Lexicon) -> Text:
    """What it said before it was edited: without its last words."""
    cut = int(len(text.text) * (0.5 + dice.random() / 3))
    before = text.text[:cut].rstrip() or words.draw(dice, 1)[0]
    kept = [one for one in text.entities if one["offset"] + one["length"] <= len(before)]
    return Text(before, kept if max(before) <= chr(_BASIC_PLANE) else [])

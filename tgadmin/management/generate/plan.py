"""What a made-up archive consists of, known before the first message is made: which channels there
are, how many messages each has, which ids it lacks, and which posts others take up.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from random import Random
from typing import Final

from tgadmin.lib.ranges import IdRanges
from tgadmin.management.generate.lexicon import LANGUAGES, lexicon
from tgadmin.management.generate.texts import Original, compose

#: Of the ids that were asked for, those that Telegram has no message for.
_ABSENT: Final = 0.03
#: Marked ids of the channels: beyond those of real ones.
FIRST_PEER: Final = -1_009_000_000_000
#: Posts that others forward and copy.
_ORIGINALS: Final = 600
_KINDS: Final = (("broadcast", 60), ("supergroup", 30), ("forum", 10))
_PEOPLE_IDS: Final = 7_000_000_000
_MOST_PEOPLE: Final = 20_000


@dataclass(frozen=True, slots=True)
class Shape:
    """A channel: what it is called, how much was posted in it, and which of its ids are not there.

    `holes` were never asked for, `absent` have no message; all others up to `top` have one.
    """

    number: int
    kind: str
    language: str
    title: str
    messages: int
    days: int
    top: int
    holes: IdRanges
    absent: tuple[int, ...]

    @property
    def peer_id(self) -> int:
        return FIRST_PEER - self.number

    @property
    def bare_id(self) -> int:
        """As Telegram's own records have it, without the mark."""
        return -self.peer_id - 10**12

    @property
    def covered(self) -> IdRanges:
        return IdRanges.span(1, self.top) - self.holes

    @property
    def is_group(self) -> bool:
        return self.kind != "broadcast"


@dataclass(frozen=True)
class Plan:
    """So many messages in so many channels, up to (not including) a day. The same seed and day make
    the same archive.
    """

    messages: int
    channels: int
    seed: int
    until: date
    _shapes: dict[int, Shape] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, *, messages: int, channels: int | None, seed: int, until: date) -> "Plan":
        """`channels` None: as many as an archive of that size has."""
        usual = min(max(round(messages**0.5 / 25), 3), 200)
        return cls(messages, min(channels or usual, messages), seed, until)

    def dice(self, what: str) -> Random:
        """Chance for one part of it, whatever was made before."""
        return Random(f"{self.seed}/{what}")  # noqa: S311, made-up data

    @cached_property
    def shapes(self) -> list[Shape]:
        """The channels, the largest first."""
        weights = [1 / (rank + 2) ** 0.9 for rank in range(self.channels)]
        whole = sum(weights)
        sizes = [max(int(self.messages * weight / whole), 1) for weight in weights]
        sizes[0] += self.messages - sum(sizes)
        return [self._shape(number, size) for number, size in enumerate(sizes)]

    def _shape(self, number: int, messages: int) -> Shape:
        dice = self.dice(f"channel {number}")
        code = dice.choices(
            [one.code for one in LANGUAGES], weights=[one.share for one in LANGUAGES]
        )[0]
        kind = dice.choices([one for one, _ in _KINDS], weights=[share for _, share in _KINDS])[0]
        absent = int(messages * _ABSENT)
        asked = messages + absent
        holes = _holes(dice, asked)
        top = asked + len(holes)
        there = IdRanges.span(1, top) - holes
        missing = sorted(dice.sample(range(asked), absent))
        return Shape(
            number=number,
            kind=kind,
            language=code,
            title=" ".join(lexicon(code).draw(dice, 2)).title() + f" {number + 1}",
            messages=messages,
            days=dice.randint(200, 2000),
            top=top,
            holes=holes,
            absent=tuple(_nth(there, missing)),
        )

    @cached_property
    def originals(self) -> list[Original]:
        """Posts that others take up."""
        dice = self.dice("originals")
        found = []
        for _ in range(min(_ORIGINALS, self.messages // 10)):
            shape = dice.choices(self.shapes, weights=[one.messages for one in self.shapes])[0]
            message_id = dice.randint(1, shape.top)
            if message_id in shape.holes or message_id in _Sorted(shape.absent):
                continue
            text = compose(dice, lexicon(shape.language))
            found.append(Original(shape.number, message_id, shape.language, text))
        return found

    @cached_property
    def people(self) -> dict[int, str]:
        """Who writes in groups: names by Telegram's id, the busiest first."""
        dice = self.dice("people")
        names = [name for language in LANGUAGES for name in language.names]
        return {
            _PEOPLE_IDS + number: f"{dice.choice(names)} {dice.choice(names)[0]}."
            for number in range(min(max(self.messages // 50, 20), _MOST_PEOPLE))
        }


@dataclass(frozen=True, slots=True)
class _Sorted:
    values: tuple[int, ...]

    def __contains__(self, value: int) -> bool:
        place = bisect_left(self.values, value)
        return place < len(self.values) and self.values[place] == value


def _holes(dice: Random, asked: int) -> IdRanges:
    """Up to three ranges that nobody has asked for yet, never at the end."""
    pairs = []
    for _ in range(dice.randint(0, 3)):
        start = dice.randint(1, max(asked // 2, 1))
        pairs.append((start, start + dice.randint(0, max(asked // 50, 1))))
    return IdRanges.of(pair for pair in pairs if pair[1] < asked)


def _nth(there: IdRanges, places: list[int]) -> list[int]:
    """The ids at these places (sorted, from 0) of a set."""
    found: list[int] = []
    before = 0
    wanted = iter(places)
    place = next(wanted, None)
    for low, high in there.pairs:
        size = high - low + 1
        while place is not None and place < before + size:
            found.append(low + place - before)
            place = next(wanted, None)
        before += size
    return found

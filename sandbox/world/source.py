"""Where a channel's messages come from before anybody changed them.

A generated source makes blocks of a hundred when they are asked for, each from the
seed, the channel and the block's number alone: starting costs nothing, memory is
bounded, and a restart finds the same messages.
"""

from __future__ import annotations

import math
from array import array
from collections import OrderedDict
from random import Random
from typing import TYPE_CHECKING, Protocol

from sandbox.world.model import Action, Message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.world.author import Author

BLOCK = 100
_DAY = 86_400


class Source(Protocol):
    """The messages that a channel started with."""

    top_id: int

    def ids(self) -> array[int]:
        """Every id that has a message, ascending."""

    def get(self, message_id: int) -> Message | None:
        """The message with this id, if there is one."""

    def listed(self) -> Iterable[Message]:
        """Messages that were named one by one, none of the generated."""


class FixedSource:
    """Messages that a file named one by one."""

    def __init__(self, messages: Iterable[Message], top_id: int = 0) -> None:
        self._messages = {message.id: message for message in messages}
        self.top_id = max([top_id, *self._messages])

    def ids(self) -> array[int]:
        return array("q", sorted(self._messages))

    def get(self, message_id: int) -> Message | None:
        return self._messages.get(message_id)

    def listed(self) -> Iterable[Message]:
        return self._messages.values()


class GeneratedSource:
    """Messages made from a seed, a block at a time."""

    def __init__(
        self,
        author: Author,
        *,
        seed: str,
        top_id: int,
        start: int,
        end: int,
        holes: float = 0.03,
        keep_blocks: int = 80,
    ) -> None:
        self.top_id = top_id
        self._author = author
        self._seed = seed
        self._start = start
        self._end = end
        self._holes = holes
        self._keep = keep_blocks
        self._blocks: OrderedDict[int, list[Message | None]] = OrderedDict()
        self._fixed = {topic.id: topic for topic in author.profile.topics}

    def ids(self) -> array[int]:
        present = array("q")
        for block in range((self.top_id + BLOCK - 1) // BLOCK):
            first = block * BLOCK + 1
            holes = self._deleted(block)
            last = min(self.top_id, first + BLOCK - 1)
            present.extend(i for i in range(first, last + 1) if i not in holes)
        return present

    def get(self, message_id: int) -> Message | None:
        if not 1 <= message_id <= self.top_id:
            return None
        number, position = divmod(message_id - 1, BLOCK)
        block = self._blocks.get(number)
        if block is None:
            block = self._blocks[number] = self._make(number)
            if len(self._blocks) > self._keep:
                self._blocks.popitem(last=False)
        return block[position]

    def listed(self) -> Iterable[Message]:
        return ()

    def _deleted(self, block: int) -> set[int]:
        """Ids of a block that were deleted long ago; sometimes a long run of them."""
        rng = Random(f"{self._seed}:holes:{block}")  # noqa: S311 - a world, not a secret
        first = block * BLOCK + 1
        gone = {first + i for i in range(BLOCK) if rng.random() < self._holes}
        if self._holes and block % 23 == 7:
            start = first + int(rng.random() * 30)
            gone |= set(range(start, start + int(rng.random() * BLOCK)))
        return gone - {1, self.top_id, *self._fixed}

    def _when(self, number: float) -> float:
        """The moment of the n-th message: steady over the years, busier by day."""
        moment = self._start + (self._end - self._start) * number / self.top_id
        part = (moment % _DAY) / _DAY
        return moment + _DAY * 0.12 * math.sin(2 * math.pi * part)

    def _make(self, number: int) -> list[Message | None]:
        rng = Random(f"{self._seed}:block:{number}")  # noqa: S311 - a world, not a secret
        first = number * BLOCK + 1
        size = min(BLOCK, self.top_id - first + 1)
        gone = self._deleted(number)
        jitter = sorted(rng.random() for _ in range(size))
        # never after the end, where live messages go on
        dates = [min(self._end, int(self._when(number * BLOCK + size * part))) for part in jitter]
        out: list[Message | None] = []
        author, albums = self._author, self._author.profile.albums
        while len(out) < size:
            index = len(out)
            message_id, date = first + index, dates[index]
            topic = self._fixed.get(message_id)
            if message_id == 1:
                out.append(author.first(date))
            elif topic is not None:
                action = Action("topic_create", title=topic.title, value=topic.icon_color)
                sender = author.profile.people[0] if author.profile.people else None
                out.append(Message(message_id, date, sender_id=sender, action=action))
            elif rng.random() < albums and size - index > 2 and not self._fixed:
                count = min(2 + int(rng.random() * 9), size - index)
                out.extend(author.album(rng, message_id, count, date, self._end))
                dates[index : index + count] = [date] * count
            else:
                out.append(author.message(rng, message_id, date, self._end))
        return [m if m is not None and m.id not in gone else None for m in out]

"""The world going on by itself: posts, edits, deletions, growing counters."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.world.channel import Channel
    from sandbox.world.model import Message
    from sandbox.world.store import Store
    from sandbox.world.world import World

RECENT = 300


class Live:
    """Makes events; the n-th depends on the seed and n, and on what is there."""

    def __init__(self, world: World, store: Store, rate: float) -> None:
        self._world = world
        self._store = store
        self.rate = rate
        self.ticks = int(store.meta("ticks") or 0)

    async def run(self) -> None:
        """Goes on for ever, `rate` events a second, unless the world is frozen."""
        while True:
            await asyncio.sleep(1 / self.rate if self.rate > 0 else 1)
            if self.rate > 0 and not self._world.frozen:
                self.tick()

    def tick(self) -> str:
        """One event now; tells what it was."""
        self.ticks += 1
        self._store.set_meta("ticks", self.ticks)
        rng = Random(f"{self._world.spec['seed']}:live:{self.ticks}")  # noqa: S311 - a world, not a secret
        names = sorted(self._world.authors)
        if not names:
            return "nothing"
        channel = self._world.channels[names[int(rng.random() * len(names))]]
        roll = rng.random()
        if roll < 0.5 or len(channel.ids) < 3:
            return self._post(rng, channel)
        recent = [m for m in channel.messages(channel.ids[-RECENT:]) if m.id > 1 and not m.action]
        if not recent:
            return "nothing"
        if roll < 0.65:
            return self._edit(rng, channel, recent)
        if roll < 0.72:
            gone = recent[int(rng.random() * len(recent))]
            self._world.delete(channel, [gone.id])
            return "delete"
        return self._grow(rng, channel, recent)

    def _post(self, rng: Random, channel: Channel) -> str:
        author, now = self._world.authors[channel.info.id], self._world.now()
        first = channel.top_id + 1
        if rng.random() < author.profile.albums:
            self._world.post_many(channel, author.album(rng, first, 3, now, now))
            return "album"
        self._world.post(channel, author.message(rng, first, now, now))
        return "new"

    def _edit(self, rng: Random, channel: Channel, recent: list[Message]) -> str:
        message = recent[int(rng.random() * len(recent))]
        author = self._world.authors[channel.info.id]
        text, entities = author.words(rng)
        self._world.edit(channel, message.id, text=text, entities=entities, edit_hide=False)
        return "edit"

    def _grow(self, rng: Random, channel: Channel, recent: list[Message]) -> str:
        grown = []
        for message in recent[-30:]:
            if message.views is not None:
                more = 1 + int(rng.random() * max(3, message.views * 0.02))
                forwards = (message.forwards or 0) + int(rng.random() * 1.2)
                grown.append(replace(message, views=message.views + more, forwards=forwards))
            elif rng.random() < 0.2:
                first, *rest = message.reactions or (("👍", 0),)
                reactions = ((first[0], first[1] + 1), *rest)
                grown.append(replace(message, reactions=reactions))
        self._world.counters(channel, grown)
        return "counters"

"""Messages as they go into answers: written once, described per account."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from telethon.tl import types

from sandbox.rpc import peers
from sandbox.tl.message import Raw, Written, write
from sandbox.tl.peers import peer
from sandbox.world.source import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox.world.channel import Channel
    from sandbox.world.world import World


class Pages:
    """A cache of written messages, of bounded size unless everything is prepared."""

    def __init__(self, world: World, *, keep_blocks: int = 500) -> None:
        self._world = world
        self._keep = keep_blocks
        self._blocks: OrderedDict[tuple[int, int], dict[int, Written]] = OrderedDict()
        self._users: dict[tuple[int, int], Raw] = {}
        self._chats: dict[tuple[int, int], Raw] = {}
        world.listeners.append(self._changed)

    def clear(self) -> None:
        """Forgets everything: the world is another."""
        self._blocks.clear()
        self._users.clear()
        self._chats.clear()

    def prepare(self) -> int:
        """Writes every message now and keeps them all; tells how many."""
        self._keep = 1 << 62
        return sum(
            self.written(channel, message_id) is not None
            for channel in self._world.channels.values()
            for message_id in channel.ids
        )

    def written(self, channel: Channel, message_id: int) -> Written | None:
        """The bytes of a message, or None where there is none."""
        number = (channel.info.id, message_id // BLOCK)
        block = self._blocks.get(number)
        if block is None:
            block = self._blocks[number] = {}
            if len(self._blocks) > self._keep:
                self._blocks.popitem(last=False)
        made = block.get(message_id)
        if made is None:
            message = channel.get(message_id)
            if message is None:
                return None
            made = block[message_id] = write(channel, message)
        return made

    def empty(self, channel: Channel, message_id: int) -> Raw:
        """``messageEmpty``: what stands for a message that does not exist."""
        where = peer(channel.info.marked_id)
        return Raw(bytes(types.MessageEmpty(message_id, peer_id=where)))

    def around(
        self, viewer: int, channels: Iterable[Channel], items: Sequence[Written]
    ) -> tuple[list[Raw], list[Raw]]:
        """The chats and users that an answer with these messages has to describe."""
        users: set[int] = set()
        chats = {channel.info.id for channel in channels}
        for item in items:
            users.update(item.users)
            chats.update(item.channels)
        return (
            [raw for raw in (self.chat(viewer, i) for i in sorted(chats)) if raw is not None],
            [raw for raw in (self.user(viewer, i) for i in sorted(users)) if raw is not None],
        )

    def user(self, viewer: int, user_id: int) -> Raw | None:
        made = self._users.get((viewer, user_id))
        if made is None:
            user = self._world.users.get(user_id)
            if user is None:
                return None
            made = Raw(bytes(peers.user_tl(self._world, viewer, user)))
            self._users[viewer, user_id] = made
        return made

    def chat(self, viewer: int, channel_id: int) -> Raw | None:
        made = self._chats.get((viewer, channel_id))
        if made is None:
            channel = self._world.channels.get(channel_id)
            if channel is None:
                return None
            made = Raw(bytes(peers.channel_tl(self._world, viewer, channel)))
            self._chats[viewer, channel_id] = made
        return made

    def _changed(self, channel: Channel, kind: str, ids: list[int]) -> None:
        for message_id in ids:
            block = self._blocks.get((channel.info.id, message_id // BLOCK))
            if block is not None:
                block.pop(message_id, None)
        if kind == "card":
            for key in [key for key in self._chats if key[1] == channel.info.id]:
                del self._chats[key]

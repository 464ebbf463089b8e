"""One channel as it stands: what its source gave, and what changed since."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.world.model import ChannelInfo, Message
    from sandbox.world.source import Source


class Channel:
    """Messages by id; `ids` are those that exist, ascending."""

    def __init__(self, info: ChannelInfo, source: Source) -> None:
        self.info = info
        self.source = source
        self.ids = source.ids()
        self.changed: dict[int, Message] = {}
        self.gone: set[int] = set()
        self.top_id = source.top_id

    def get(self, message_id: int) -> Message | None:
        """The message, whether or not newcomers may see it."""
        message = self.changed.get(message_id)
        if message is not None:
            return message
        return None if message_id in self.gone else self.source.get(message_id)

    def visible(self, message_id: int) -> bool:
        """Whether an id lies outside the hidden early history.

        ``available_min_id`` is the highest id that is unavailable
        (https://core.telegram.org/constructor/updateChannelAvailableMessages).
        """
        return message_id > self.info.available_min_id

    @property
    def first_visible(self) -> int:
        """Position in `ids` of the first message that is not hidden."""
        return bisect_left(self.ids, self.info.available_min_id + 1)

    def put(self, message: Message) -> None:
        """A new message or a new state of an old one."""
        if message.id not in self.changed and self.get(message.id) is None:
            insort(self.ids, message.id)
        self.gone.discard(message.id)
        self.changed[message.id] = message
        self.top_id = max(self.top_id, message.id)

    def remove(self, message_id: int) -> bool:
        """Deletes; tells whether there was something to delete."""
        if self.get(message_id) is None:
            return False
        self.changed.pop(message_id, None)
        self.gone.add(message_id)
        del self.ids[bisect_left(self.ids, message_id)]
        return True

    def messages(self, ids: Iterable[int] | None = None) -> Iterator[Message]:
        """Existing messages in ascending order, or those of `ids`."""
        for message_id in list(self.ids) if ids is None else ids:
            message = self.get(message_id)
            if message is not None:
                yield message

    def deleted_ids(self) -> list[int]:
        """Ids up to the top that have no message, hidden ones included."""
        present = set(self.ids)
        return [i for i in range(1, self.top_id + 1) if i not in present]

    def count_before(self, date: int) -> int:
        """How many messages are older than a moment; dates grow with ids."""
        low, high = 0, len(self.ids)
        while low < high:
            middle = (low + high) // 2
            message = self.get(self.ids[middle])
            if message is not None and message.date < date:
                low = middle + 1
            else:
                high = middle
        return low

"""Lists of Telethon's `to_dict()` in JSON files, as many programs have saved them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import IO, Any, Final

from ingestion.errors import DataError
from ingestion.records import MessageRecord, Unparsed
from ingestion.sources.base import PORTION, Chat, Portion
from ingestion.sources.bounds import dumped
from ingestion.sources.mtproto.mapping import map_message
from ingestion.sources.mtproto.mapping.values import peer_text
from ingestion.sources.pages import page_of
from ingestion.sources.splitting import Splitter

#: Not of a channel or supergroup.
NOT_A_CHANNEL: Final = "not_a_channel"

Item = dict[str, Any] | bytes


class TelethonDump:
    """`open_file` opens the list, `size` bytes of it. It says of channels no more than their ids."""

    name = "telethon_dump"

    def __init__(
        self, open_file: Callable[[], AbstractContextManager[IO[bytes]]], size: int
    ) -> None:
        self._open = open_file
        self.size = size

    def chats(self) -> Iterator[Chat]:
        seen: set[int] = set()
        for portion in self.portions():
            peer_id = portion.chat.peer_id
            if peer_id is not None and peer_id not in seen:
                seen.add(peer_id)
                yield portion.chat

    def portions(self, *, skip: int = 0) -> Iterator[Portion]:
        with self._open() as file:
            last = 0
            for piece in Splitter(file, first_key=b"_").items():
                items = piece.items
                if skip:
                    items, skip = items[skip:], max(0, skip - len(items))
                begin = 0
                for end in range(1, len(items) + 1):
                    peer = _peer(items[begin], last)
                    over = end == len(items) or _peer(items[end], peer) != peer
                    if over or end - begin >= PORTION:
                        last = peer
                        yield _portion(peer, items[begin:end], piece.offset)
                        begin = end


def _peer(item: Item, last: int) -> int:
    """The marked id of the chat; of what cannot be read, that of the one before."""
    if isinstance(item, bytes):
        return last
    try:
        return int(peer_text(item.get("peer_id") or item.get("to_id")) or last)
    except (LookupError, TypeError, ValueError):
        return last


def _portion(peer: int, items: list[Item], offset: int) -> Portion:
    if peer > -1_000_000_000_000:
        skipped = {NOT_A_CHANNEL: len(items)}
        return Portion(Chat(None, str(peer)), page_of([]), len(items), skipped, offset)
    records: list[MessageRecord] = []
    unparsed: list[Unparsed] = []
    for item in items:
        try:
            records.append(_map(item))
        except DataError as error:
            number = None if isinstance(item, bytes) else item.get("id")
            raw = item if isinstance(item, bytes) else dumped(item)
            unparsed.append(Unparsed(number if type(number) is int else None, error.told, raw))
    return Portion(Chat(peer, str(peer)), page_of(records, unparsed), len(items), {}, offset)


def _map(item: Item) -> MessageRecord:
    if isinstance(item, bytes):
        raise DataError("UNREADABLE_ITEM", "An item is no object of JSON.")
    return map_message(item)

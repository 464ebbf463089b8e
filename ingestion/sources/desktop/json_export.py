"""Telegram Desktop's JSON export: one chat, or a whole account, as a stream of portions."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, tzinfo
from typing import IO, Any, Final

import orjson

from ingestion.errors import DataError
from ingestion.records import MessageRecord, Unparsed
from ingestion.sources.base import PORTION, Beside, Chat, Portion, SavedFile
from ingestion.sources.bounds import dumped
from ingestion.sources.desktop.media import saved_file
from ingestion.sources.desktop.message import map_message
from ingestion.sources.desktop.peers import chat_of
from ingestion.sources.pages import page_of
from ingestion.sources.splitting import Header, Items, Splitter
from ingestion.sources.words import clean

#: Why an item was left out, as `Portion.skipped` names it.
BEFORE_MIGRATION: Final = "before_migration"
NOT_A_CHANNEL: Final = "not_a_channel"


class JsonExport:
    """`open_file` opens the file for reading bytes, `size` bytes of them, from the beginning. What
    was saved with the messages lies `beside` it.
    """

    name = "desktop"

    def __init__(
        self,
        open_file: Callable[[], AbstractContextManager[IO[bytes]]],
        size: int,
        *,
        zone: tzinfo = UTC,
        beside: Beside | None = None,
    ) -> None:
        self._open = open_file
        self._beside = beside
        self.size = size
        self._zone = zone

    def chats(self) -> Iterator[Chat]:
        with self._open() as file:
            for piece in Splitter(file).pieces():
                chat = chat_of(piece.fields) if isinstance(piece, Header) else None
                if chat is not None:
                    yield chat

    def portions(self, *, skip: int = 0) -> Iterator[Portion]:
        with self._open() as file:
            title, chat = "", None
            for piece in Splitter(file).pieces():
                if isinstance(piece, Header):
                    title, chat = clean(piece.fields.get("name")), chat_of(piece.fields)
                    continue
                items = piece.items
                if skip:
                    items, skip = items[skip:], max(0, skip - len(items))
                if chat is None:
                    yield from _left_out(title, items, piece)
                    continue
                for start in range(0, len(items), PORTION):
                    yield self._portion(chat, items[start : start + PORTION], piece.offset)

    def _portion(self, chat: Chat, items: list[dict[str, Any] | bytes], offset: int) -> Portion:
        records: list[MessageRecord] = []
        unparsed: list[Unparsed] = []
        skipped: Counter[str] = Counter()
        files: dict[int, SavedFile] = {}
        own_id = str(chat.peer_id)
        for item in items:
            number = None if isinstance(item, bytes) else item.get("id")
            if type(number) is int and number <= 0:
                # Of the basic group that it was: other ids, other chat
                # (https://core.telegram.org/api/channel#migration).
                skipped[BEFORE_MIGRATION] += 1
                continue
            try:
                if isinstance(item, bytes):
                    raise _unreadable(item)
                record = map_message(item, own_id=own_id, zone=self._zone)
                records.append(record)
                if saved := saved_file(item, self._beside):
                    files[record.message_id] = saved
            except DataError as error:
                raw = item if isinstance(item, bytes) else dumped(item)
                known = number if type(number) is int else None
                unparsed.append(Unparsed(known, error.told, raw))
        page = page_of(records, unparsed)
        return Portion(chat, page, len(items), skipped, offset, files=files)


def _left_out(title: str, items: list[dict[str, Any] | bytes], piece: Items) -> Iterator[Portion]:
    """Private chats and basic groups are no channels."""
    if items:
        nothing = page_of([], [])
        skipped = {NOT_A_CHANNEL: len(items)}
        yield Portion(Chat(None, title), nothing, len(items), skipped, piece.offset)


def _unreadable(item: bytes) -> DataError:
    try:
        orjson.loads(item)
    except orjson.JSONDecodeError as error:
        return DataError(
            "UNREADABLE_ITEM",
            "An item of %(bytes)d bytes is no valid JSON: %(reason)s.",
            bytes=len(item),
            reason=error,
        )
    return DataError("UNREADABLE_ITEM", "An item is no object of JSON.")

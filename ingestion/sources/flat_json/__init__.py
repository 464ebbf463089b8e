"""Flat lists of messages in JSON files: an id, a date, a text in Markdown, and whose it is.

`[{"message_id", "date", "text", "sender_id" or "chat_id" (marked), "channel" (its title)}, …]`.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import IO, Any

from ingestion.errors import DataError
from ingestion.records import MessageRecord, Unparsed
from ingestion.sources.base import PORTION, Chat, Portion
from ingestion.sources.bounds import dumped, moment
from ingestion.sources.markdown import read_markdown
from ingestion.sources.pages import page_of
from ingestion.sources.splitting import Splitter
from ingestion.sources.unmappable import unmappable
from ingestion.sources.words import clean, links_of

__all__ = ["FlatJson"]

Item = dict[str, Any] | bytes


class FlatJson:
    """`open_file` opens the list, `size` bytes of it; all of it is of one channel."""

    name = "flat_json"

    def __init__(
        self, open_file: Callable[[], AbstractContextManager[IO[bytes]]], size: int
    ) -> None:
        self._open = open_file
        self.size = size

    def chats(self) -> Iterator[Chat]:
        for portion in self.portions():
            yield portion.chat
            return

    def portions(self, *, skip: int = 0) -> Iterator[Portion]:
        chat: Chat | None = None
        with self._open() as file:
            for piece in Splitter(file, first_key=b"message_id").items():
                items = piece.items
                chat = chat or next((_chat(one) for one in items if isinstance(one, dict)), None)
                if skip:
                    items, skip = items[skip:], max(0, skip - len(items))
                for start in range(0, len(items), PORTION):
                    part = items[start : start + PORTION]
                    yield _portion(chat or Chat(None, ""), part, piece.offset)


def _chat(item: dict[str, Any]) -> Chat:
    number = item.get("chat_id") or item.get("channel_id") or item.get("sender_id")
    marked = number if type(number) is int and number < -1_000_000_000_000 else None
    return Chat(marked, clean(item.get("channel")) or str(marked or ""))


def _portion(chat: Chat, items: list[Item], offset: int) -> Portion:
    records: list[MessageRecord] = []
    unparsed: list[Unparsed] = []
    for item in items:
        try:
            records.append(_read(item))
        except DataError as error:
            number = None if isinstance(item, bytes) else item.get("message_id")
            raw = item if isinstance(item, bytes) else dumped(item)
            known = number if type(number) is int else None
            unparsed.append(Unparsed(known, error.told, raw))
    return Portion(chat, page_of(records, unparsed), len(items), {}, offset)


def _read(item: Item) -> MessageRecord:
    """Raises `DataError`, and nothing else, for what cannot be read."""
    if isinstance(item, bytes):
        raise DataError("UNREADABLE_ITEM", "An item is no object of JSON.")
    try:
        return _map(item)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise unmappable(error) from error


def _map(item: dict[str, Any]) -> MessageRecord:
    text, entities = read_markdown(item.get("text") or "")
    links, hashtags = links_of(text, entities) if entities else ([], [])
    return MessageRecord(
        message_id=item["message_id"],
        date=moment(item["date"]),
        edit_date=None,
        sender_id="",
        author="",
        text=text,
        entities=entities,
        kind="text",
        media_meta=None,
        reply_to=None,
        forward=None,
        grouped_id=None,
        topic_id=None,
        links=links,
        hashtags=hashtags,
        views=item.get("views"),
        forwards=item.get("forwards"),
        replies=None,
        reactions={},
        raw=item,
    )

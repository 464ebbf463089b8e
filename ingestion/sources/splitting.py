"""Long lists in JSON files, cut into their items without holding them.

A file can be one line of hundreds of megabytes. Inside a JSON text a raw quote ends a string, so
`},{"id":` (whatever space is between) is never part of a message's words: it is where one item of a
list ends and the next begins. Groups of items are cut there and parsed at once; where that fails
(the end of a chat, a damaged item) they are taken one by one, by counting braces.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, Final

import orjson

from ingestion.errors import DataError, InputError
from ingestion.sources.words import clean

#: Bytes that are read at a time.
BLOCK: Final = 256 * 1024
#: What no single message, and nothing in front of the first chat, is longer than.
LONGEST: Final = 64 * 2**20

_MESSAGES: Final = re.compile(rb'"messages"\s*:\s*\[')
_BETWEEN: Final = rb'\}\s*,\s*\{\s*"%b"\s*:'
_LIST: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[")
_TOKEN: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}]', re.DOTALL)
_SPACE: Final = re.compile(rb"[\s,]*")


@dataclass(frozen=True, slots=True)
class Header:
    """A chat begins: what stands before its messages."""

    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Items:
    """Messages of the chat that began last. What could not be parsed is `bytes`."""

    items: list[dict[str, Any] | bytes]
    offset: int


class Splitter:
    """Yields `Header`s and `Items` from a file that is opened for reading bytes. `first_key` is the
    name with which an item begins.
    """

    def __init__(self, file: IO[bytes], *, first_key: bytes = b"id") -> None:
        self._file = file
        self._pattern = re.compile(_BETWEEN % re.escape(first_key))
        self._buffer = b""
        #: Where the buffer begins in the file.
        self._start = 0
        self._at = 0
        self._ended = False
        self._between = b""

    def items(self) -> Iterator[Items]:
        """Of a file that is nothing but a list."""
        self._more()
        begin = _LIST.match(self._buffer)
        if begin is None:
            raise _no_export(len(self._buffer))
        self._at = begin.end()
        yield from self._messages()

    def pieces(self) -> Iterator[Header | Items]:
        """Of a file with chats that have a list `messages` each."""
        found = False
        while True:
            header = self._next_chat()
            if header is None:
                break
            found = True
            yield header
            yield from self._messages()
        if not found:
            raise _no_export(self._start + len(self._buffer))
        self._check_end()

    def _more(self) -> bool:
        """Read on; False at the end of the file."""
        block = self._file.read(BLOCK)
        if not block:
            self._ended = True
            return False
        if self._at:
            self._start += self._at
            self._buffer = self._buffer[self._at :]
            self._at = 0
        self._buffer += block
        if len(self._buffer) > LONGEST:
            raise DataError(
                "EXPORT_TOO_LONG_ITEM",
                "One item of the file is longer than %(megabytes)d MB, which no message is.",
                "Export the chat again, with Telegram Desktop's JSON format.",
                megabytes=LONGEST // 2**20,
            )
        return True

    def _next_chat(self) -> Header | None:
        """Go to the next `"messages": [`; its enclosing object begins with the chat's own fields."""
        scanned = self._at
        while True:
            found = _MESSAGES.search(self._buffer, max(scanned - 32, self._at))
            if found:
                break
            scanned = len(self._buffer) - self._at
            if not self._more():
                return None
        begin = _last_open(self._buffer, self._at, found.start())
        head = self._buffer[begin : found.start()] + b'"messages":[]}'
        self._at = found.end()
        try:
            fields = orjson.loads(head)
        except orjson.JSONDecodeError as error:
            raise _no_export(self._start) from error
        return Header(fields)

    def _messages(self) -> Iterator[Items]:
        """Until the end of this chat's list."""
        while True:
            group = self._group()
            if group is not None:
                yield Items(group, self._start + self._at)
                continue
            items, ended = self._one_by_one()
            if items:
                yield Items(items, self._start + self._at)
            if ended:
                return

    def _group(self) -> list[dict[str, Any] | bytes] | None:
        """All whole items of the buffer but the last, parsed at once; None where that fails."""
        if len(self._buffer) - self._at < BLOCK:
            self._more()
        end = self._last_boundary()
        if end < 0:
            return None
        begin = _SPACE.match(self._buffer, self._at).end()  # type: ignore[union-attr] # matches nothing, too
        try:
            items = orjson.loads(b"[%b]" % self._buffer[begin : end + 1])
        except orjson.JSONDecodeError:
            return None
        self._at = end + 1
        return items if all(type(item) is dict for item in items) else None

    def _last_boundary(self) -> int:
        """Where the last item that is followed by another one ends."""
        if self._between:
            end = self._buffer.rfind(self._between, self._at)
            if end >= 0:
                return end
        end = -1
        for found in self._pattern.finditer(self._buffer, self._at):
            end = found.start()
            self._between = found[0]
        return end

    def _one_by_one(self) -> tuple[list[dict[str, Any] | bytes], bool]:
        """Items up to the end of the list, or of the buffer; whether the list ended."""
        items: list[dict[str, Any] | bytes] = []
        while True:
            begin = _SPACE.match(self._buffer, self._at).end()  # type: ignore[union-attr]
            follows = self._buffer[begin : begin + 1]
            if follows == b"]":
                self._at = begin + 1
                return items, True
            if follows and follows != b"{":
                raise _damaged(self._start + begin)
            end = _object_end(self._buffer, begin) if follows else -1
            if end >= 0:
                items.append(_parsed(self._buffer[begin:end]))
                self._at = end
            elif items:
                return items, False
            elif not self._more():
                raise truncated(self._start + self._at)

    def _check_end(self) -> None:
        """After the last chat nothing but the end of the object may come."""
        if not self._buffer[self._at :].rstrip().endswith(b"}"):
            raise truncated(self._start + len(self._buffer))


def _last_open(buffer: bytes, begin: int, end: int) -> int:
    """The brace that encloses `end`; `begin` where there is none."""
    opened: list[int] = []
    for token in _TOKEN.finditer(buffer, begin, end):
        if token[0] == b"{":
            opened.append(token.start())
        elif token[0] == b"}" and opened:
            opened.pop()
    return opened[-1] if opened else begin


def _object_end(buffer: bytes, begin: int) -> int:
    """Behind the brace that closes the one at `begin`; -1 when it is not in the buffer yet."""
    depth = 0
    for token in _TOKEN.finditer(buffer, begin):
        if token[0] == b"{":
            depth += 1
        elif token[0] == b"}":
            depth -= 1
            if not depth:
                return token.end()
    return -1


def _parsed(item: bytes) -> dict[str, Any] | bytes:
    try:
        return orjson.loads(item)  # type: ignore[no-any-return]
    except orjson.JSONDecodeError:
        # Half of an emoji, which programs that cut texts write, is no reason to lose the message.
        try:
            found = _mended(json.loads(item))
        except (ValueError, RecursionError):
            return item
        return found if isinstance(found, dict) else item


def _mended(value: Any) -> Any:
    """The same with U+FFFD for halves of pairs."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(key): _mended(item) for key, item in value.items()}
    return [_mended(item) for item in value] if isinstance(value, list) else value


def _no_export(size: int) -> InputError:
    return InputError(
        "NOT_AN_EXPORT",
        "The file (%(size)d bytes looked at) has no chat with messages in it.",
        "Choose the result.json that Telegram Desktop wrote, or the folder that it is in.",
        size=size,
    )


def _damaged(offset: int) -> DataError:
    return DataError(
        "EXPORT_DAMAGED",
        "The file is damaged at byte %(offset)d: something else than a message stands there.",
        "What came before is imported. Export the chat again for the rest.",
        offset=offset,
    )


def truncated(offset: int) -> DataError:
    """The file ends where more has to come."""
    return DataError(
        "EXPORT_TRUNCATED",
        "The file ends in the middle, after %(offset)d bytes.",
        "What came before is imported. Copy or export the file again, and import it once more: "
        "what is there already stays as it is.",
        offset=offset,
    )

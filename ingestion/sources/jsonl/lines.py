"""tgadmin's JSON Lines → records, with what the archive itself knew of each message."""

import gzip
import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import IO, Any, Final

import orjson

from ingestion.errors import DataError
from ingestion.records import MessageRecord, Unparsed
from ingestion.sources import bounds
from ingestion.sources.base import PORTION, Chat, Earlier, Portion
from ingestion.sources.jsonl.manifest import Manifest
from ingestion.sources.pages import page_of
from ingestion.sources.words import clean

#: What no line is longer than.
LONGEST: Final = 64 * 2**20
_GZIP: Final = b"\x1f\x8b"


class JsonLines:
    """`open_file` opens the file, packed with gzip or not; `manifest` is that which lies beside."""

    name = "jsonl"

    def __init__(
        self,
        open_file: Callable[[], AbstractContextManager[IO[bytes]]],
        size: int,
        *,
        manifest: Manifest | None = None,
    ) -> None:
        self._open = open_file
        self.size = size
        self.manifest = manifest

    def chats(self) -> Iterator[Chat]:
        if self.manifest is not None:
            yield from (one.chat for one in self.manifest.originals.values())
            return
        seen: set[int | None] = set()
        for portion in self.portions():
            if portion.chat.peer_id not in seen:
                seen.add(portion.chat.peer_id)
                yield portion.chat

    def portions(self, *, skip: int = 0) -> Iterator[Portion]:
        """A file that is not what its manifest says it is brings nothing."""
        if self.manifest is not None and self._sha256() != self.manifest.sha256:
            raise DataError(
                "MANIFEST_MISMATCH",
                "The file is not the one that its manifest describes: their checksums differ.",
                "Copy both again. Without the manifest beside it the file is imported as it is.",
            )
        with self._open() as file:
            offset = 0
            gathered: list[bytes] = []
            peer: int | None = None
            for line in _lines(file):
                offset += len(line)
                if skip:
                    skip -= 1
                    continue
                number = _peer(line)
                if gathered and (number != peer or len(gathered) >= PORTION):
                    yield self._portion(peer, gathered, offset)
                    gathered = []
                peer = number
                gathered.append(line)
            if gathered:
                yield self._portion(peer, gathered, offset)

    def _sha256(self) -> str:
        digest = hashlib.sha256()
        with self._open() as file:
            while block := file.read(2**20):
                digest.update(block)
        return digest.hexdigest()

    def _chat(self, peer: int | None) -> Chat:
        original = self.manifest.originals.get(peer or 0) if self.manifest else None
        if original is not None:
            return original.chat
        return Chat(peer, "" if peer is None else str(peer))

    def _portion(self, peer: int | None, lines: list[bytes], offset: int) -> Portion:
        records: list[MessageRecord] = []
        unparsed: list[Unparsed] = []
        history: dict[int, Earlier] = {}
        for line in lines:
            try:
                record, earlier = _read(line)
            except DataError as error:
                unparsed.append(Unparsed(None, error.told, line))
            else:
                records.append(record)
                history[record.message_id] = earlier
        page = page_of(records, unparsed)
        return Portion(self._chat(peer), page, len(lines), {}, offset, history)


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    head = file.read(2)
    stream: IO[bytes] = _Joined(head, file)  # type: ignore[assignment] # it reads, and that is all
    if head == _GZIP:
        stream = gzip.GzipFile(fileobj=stream)  # type: ignore[assignment]
    rest = b""
    try:
        while block := stream.read(2**20):
            lines = (rest + block).split(b"\n")
            rest = lines.pop()
            if len(rest) > LONGEST:
                raise _too_long()
            yield from (line for line in lines if line.strip())
    except (EOFError, OSError, gzip.BadGzipFile) as error:
        raise _truncated() from error
    if rest.strip():
        if not rest.rstrip().endswith(b"}"):
            raise _truncated()
        yield rest


class _Joined:
    """Two bytes that were read already, and the rest of the file."""

    def __init__(self, head: bytes, file: IO[bytes]) -> None:
        self._head = head
        self._file = file

    def read(self, size: int = -1) -> bytes:
        head, self._head = self._head, b""
        return head + self._file.read(size if size < 0 else max(size - len(head), 0))


def _peer(line: bytes) -> int | None:
    """The channel's marked id, without reading the whole line where that can be."""
    begin = line.find(b'"peer_id":', 0, 200)
    if begin >= 0:
        digits = line[begin + 10 : begin + 40].split(b",")[0].strip().rstrip(b"}")
        if digits.lstrip(b"-").isdigit() and bounds.is_number(int(digits)):
            return int(digits)
    return None


def _read(line: bytes) -> tuple[MessageRecord, Earlier]:
    try:
        one: dict[str, Any] = orjson.loads(line)
        record, earlier = _record(one), _earlier(one)
    except (orjson.JSONDecodeError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise DataError(
            "UNMAPPABLE",
            "A line could not be read: %(kind)s: %(reason)s.",
            "It is kept as it came.",
            kind=type(error).__name__,
            reason=str(error)[:200],
        ) from error
    return record, earlier


def _earlier(one: Mapping[str, Any]) -> Earlier:
    """Raises `ValueError` for what no archive knows."""
    times = [one[name] for name in ("first_seen_at", "deleted_at") if one.get(name) is not None]
    revisions = one.get("revisions") or ()
    for old in revisions:
        times.append(old["replaced_at"])
        times += [old["edit_date"]] if old.get("edit_date") is not None else []
        if not isinstance(old.get("text") or "", str) or not isinstance(old["kind"], str):
            raise TypeError("revisions")
    for time in times:
        bounds.moment(time)
    if b"\\u0000" in orjson.dumps(revisions):
        raise ValueError("NUL")
    return Earlier(
        first_seen_at=one.get("first_seen_at"),
        deleted_at=one.get("deleted_at"),
        revisions=tuple(revisions),
    )


def _record(one: dict[str, Any]) -> MessageRecord:
    edited = one.get("edit_date")
    raw = one.get("raw")
    return MessageRecord(
        message_id=one["message_id"],
        date=bounds.moment(one["date"]),
        edit_date=bounds.moment(edited) if edited else None,
        sender_id=clean(one.get("sender_id")),
        author=clean(one.get("author")),
        text=clean(one.get("text")),
        entities=one.get("entities") or [],
        kind=clean(one.get("kind")) or "text",
        media_meta=one.get("media"),
        reply_to=one.get("reply_to"),
        forward=one.get("forward"),
        grouped_id=one.get("grouped_id"),
        topic_id=one.get("topic_id"),
        links=one.get("links") or [],
        hashtags=one.get("hashtags") or [],
        views=one.get("views"),
        forwards=one.get("forwards"),
        replies=one.get("replies"),
        reactions=one.get("reactions") or {},
        raw=raw if raw is not None else {},
        edit_hidden=bool(isinstance(raw, dict) and raw.get("edit_hide")),
        attached=one.get("attached"),
    )


def _truncated() -> DataError:
    return DataError(
        "EXPORT_TRUNCATED",
        "The file ends in the middle of a line.",
        "What came before is imported. Copy or export it again, and import it once more: what is "
        "there already stays as it is.",
    )


def _too_long() -> DataError:
    return DataError(
        "EXPORT_TOO_LONG_ITEM",
        "One item of the file is longer than %(megabytes)d MB, which no message is.",
        "Export the channel again.",
        megabytes=LONGEST // 2**20,
    )

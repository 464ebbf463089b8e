"""What a source is: the Protocol that every way into the archive fulfils.

There are two kinds: one is asked for ranges of ids, as Telegram is; the other streams what a file
holds. Both yield `Page`s of records and say of each whether it proves absence. The contract suite
in `tests/ingestion/sources/contract.py` runs on all of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import IO, Any, Protocol

from ingestion.records import ChannelKind, ChannelRecord, Page


@dataclass(frozen=True, slots=True)
class ChannelAddress:
    """How one account reaches one channel. `peer_id` is in the marked form (-100…)."""

    peer_id: int
    access_hash: int


class Source(Protocol):
    """Whatever brings records. `name` is that of its coverage and of its raw records."""

    @property
    def name(self) -> str: ...


class HistorySource(Protocol):
    """A source that can be asked for any id range of a channel's history."""

    async def page(
        self, address: ChannelAddress, *, low: int, high: int | None, limit: int = 100
    ) -> Page:
        """The newest messages with `low <= id <= high` (no `high`: from the newest on).

        Usually one request. The page answers for `page.low … page.high`; ask again with
        `high=page.low - 1` until `page.low == low`. Give no `high` above an id that was seen:
        the page would answer for ids that do not exist yet.
        """
        ...

    async def lookup(self, address: ChannelAddress, ids: Sequence[int]) -> "Lookup":
        """Each of at most 100 ids, asked for by name."""
        ...

    async def describe(self, address: ChannelAddress) -> ChannelRecord:
        """The channel's title, description, members and what it hides."""
        ...


@dataclass(frozen=True, slots=True)
class Lookup:
    """The answer for single ids: those that came, and those that Telegram says are empty."""

    page: Page
    empty: frozenset[int]


@dataclass(frozen=True, slots=True)
class Chat:
    """A channel as a file names it. `peer_id` is in the marked form; None where the file does not
    say it (HTML exports).
    """

    peer_id: int | None
    title: str
    kind: ChannelKind = ChannelKind.BROADCAST
    username: str = ""
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an archive knew of a message besides what it is: times are ISO 8601 as text."""

    first_seen_at: str | None
    deleted_at: str | None
    #: Oldest first: `{"replaced_at", "edit_date", "kind", "text", "entities", "media", "reply_to",
    #: "forward"}`.
    revisions: tuple[Mapping[str, Any], ...] = ()


class Beside(Protocol):
    """The files that lie with what a source reads. Names are relative to it."""

    def find(self, name: str) -> int | None:
        """Bytes of a file; None where it is not there, or leads elsewhere."""
        ...

    def open(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """One that was found. Reading raises `DataError` where it is damaged."""
        ...


@dataclass(frozen=True, slots=True)
class SavedFile:
    """A file of a message, as an export names it: it may be there or not. `beside` is None where
    only the list of messages came. `poster` is a small picture of it, empty where none was saved.
    """

    beside: Beside | None
    name: str
    poster: str = ""

    @property
    def size(self) -> int | None:
        """Bytes; None where it is not there, or nothing is in it."""
        return self.beside.find(self.name) or None if self.beside else None


@dataclass(frozen=True, slots=True)
class Portion:
    """What a file holds next: some messages of one chat, in the order of the file.

    `read` counts all items that it stands for: those of `page` (records and unparsed) and those
    that were left out, which `skipped` counts by reason. Sums of `read` are positions in the file.
    """

    chat: Chat
    page: Page
    read: int
    skipped: Mapping[str, int] = field(default_factory=dict)
    #: Bytes of the source that were read so far, for progress.
    offset: int = 0
    #: Of sources that are archives themselves, by message id.
    history: Mapping[int, Earlier] = field(default_factory=dict)
    #: What messages carry, of sources that name files of their own, by message id.
    files: Mapping[int, SavedFile] = field(default_factory=dict)


class ArchiveSource(Source, Protocol):
    """A source that streams what a file or directory holds, in constant memory.

    Reading it again brings the same items in the same order.
    """

    @property
    def size(self) -> int:
        """Bytes in all; what `Portion.offset` grows to."""
        ...

    def chats(self) -> Iterator[Chat]:
        """The channels that are in it, as far as it names them without being read in full."""
        ...

    def portions(self, *, skip: int = 0) -> Iterator[Portion]:
        """What is there, without the first `skip` items. A portion has at most `PORTION` items.

        Raises `DataError` where the file is damaged, after what came before was yielded, and
        `InputError` where it is something else.
        """
        ...


#: Items of a portion at most.
PORTION = 1_000


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file at Telegram, as one account may ask for it for some hours.

    `thumb` is the letter of a size of a picture (https://core.telegram.org/api/files), empty for
    a document itself. `size` is in bytes, 0 where Telegram does not say.
    """

    remote_id: int
    access_hash: int
    reference: bytes
    dc_id: int
    is_photo: bool
    thumb: str
    size: int


@dataclass(frozen=True, slots=True)
class CarriedFile:
    """What a message carries now: the file itself, and the small picture that Telegram has of
    it (about 320 px), where there is one.
    """

    remote_id: int
    whole: RemoteFile
    small: RemoteFile | None


@dataclass(frozen=True, slots=True)
class PartHash:
    """SHA-256 of `limit` bytes of a file from `offset` on."""

    offset: int
    limit: int
    sha256: bytes

"""What is written together, who may write it, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from ingestion import people
from ingestion.records import HASH_VERSION, MessageRecord, Page, PeerRecord, Unparsed
from ingestion.sources.live import Counters
from tgadmin.lib.ranges import IdRanges

if TYPE_CHECKING:
    import psycopg


@dataclass(slots=True)
class Batch:
    """What is written together: pages of one channel from one source."""

    channel_id: int
    source: str
    records: dict[int, MessageRecord] = field(default_factory=dict)
    unparsed: list[Unparsed] = field(default_factory=list)
    #: Every id that a page answered for: what the run need not ask again.
    answered: IdRanges = field(default_factory=IdRanges)
    #: The ids that count as covered: of a page that proves no absence, only what it brought.
    covered: IdRanges = field(default_factory=IdRanges)
    #: Archived ids that Telegram said are empty.
    gone: list[int] = field(default_factory=list)
    #: How that was noticed: one of `DeletedHow`.
    gone_how: str = "absence"
    #: What was told of counters of archived messages, by id.
    counters: dict[int, Counters] = field(default_factory=dict)
    requests: int = 0
    #: Who is named in the messages, by marked id.
    peers: dict[int, PeerRecord] = field(default_factory=dict)
    hash_version: int = HASH_VERSION

    def add(self, page: Page, gone: Sequence[int] = ()) -> None:
        """Take in one page; of an id that came twice the later answer counts."""
        self.records.update((record.message_id, record) for record in page.records)
        self.unparsed.extend(page.unparsed)
        people.collect(self.peers, page.peers)
        self.gone.extend(gone)
        span = IdRanges.span(page.low, page.high)
        self.answered |= span
        self.covered |= (
            span
            if page.proves_absence
            else IdRanges.single(record.message_id for record in page.records)
        )

    def __bool__(self) -> bool:
        return bool(self.answered) or bool(self.records)


@dataclass(frozen=True, slots=True)
class RunClaim:
    """The worker's right to write for a run. `rate` is in ids a second."""

    run_id: int
    token: UUID
    rate: float = 0


class Claim(Protocol):
    """A right to write that is not a run's: it is settled in the batch's transaction."""

    def settle(self, cursor: "psycopg.Cursor[Any]", batch: Batch, outcome: "Outcome") -> None:
        """Note what was done. Raises `LeaseLost` when it was not ours to do."""
        ...


@dataclass(slots=True)
class Outcome:
    """What a batch did. `absent` are answered ids for which nothing is archived."""

    new: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    #: Archived ids to which a source of another rank added or corrected something.
    merged: list[int] = field(default_factory=list)
    #: Archived ids of which anything changed: content, counters, deleted or back.
    touched: list[int] = field(default_factory=list)
    #: When those that were changed to another date had been posted.
    moved_from: list[datetime] = field(default_factory=list)
    counters: int = 0
    unchanged: int = 0
    deleted: int = 0
    undeleted: int = 0
    revisions: int = 0
    quarantined: int = 0
    absent: int = 0
    #: Brought, and not written: they were let go.
    let_go: int = 0

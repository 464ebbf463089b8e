"""What a source is: the Protocol that every way into the archive fulfils."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ingestion.records import ChannelRecord, Page


@dataclass(frozen=True, slots=True)
class ChannelAddress:
    """How one account reaches one channel. `peer_id` is in the marked form (-100…)."""

    peer_id: int
    access_hash: int


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

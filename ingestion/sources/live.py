"""What a source tells of by itself, and how to ask what was missed meanwhile.

Each channel has a sequence of its own: an event counts `pts_count` and leads to `pts`. An event
that does not follow the one before it was preceded by others that did not come
(https://core.telegram.org/api/updates#message-related-event-sequences).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from ingestion.records import MessageRecord, PeerRecord, Unparsed
from ingestion.sources.base import ChannelAddress


class EventKind(StrEnum):
    """What an event says of a channel."""

    #: Messages that are new, or were edited.
    NEW = "new"
    EDIT = "edit"
    DELETE = "delete"
    #: Views, forwards or reactions of a message; outside of the sequence.
    COUNTERS = "counters"
    PINNED = "pinned"
    #: Part of the sequence, and of nothing that is archived.
    OTHER = "other"
    #: The channel itself: its name, its photo, whether the account may read it.
    CHANNEL = "channel"
    #: There is more than was told: ask for the difference.
    BEHIND = "behind"


@dataclass(frozen=True, slots=True)
class Counters:
    """What was told of a message's counters; None: nothing was said of it."""

    views: int | None = None
    forwards: int | None = None
    reactions: Mapping[str, int] | None = None
    #: Of a poll, as in `MessageRecord.attached["poll"]`; what it does not tell stays.
    poll: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """One event of one channel (`peer_id` in the marked form).

    `pts` is None where it is outside of the sequence.
    """

    peer_id: int
    kind: EventKind
    pts: int | None = None
    pts_count: int = 0
    records: Sequence[MessageRecord] = ()
    unparsed: Sequence[Unparsed] = ()
    #: Ids that were deleted, or pinned.
    ids: Sequence[int] = ()
    counters: Mapping[int, Counters] = field(default_factory=dict)
    #: Who wrote, was forwarded from or is named in the messages.
    peers: Sequence[PeerRecord] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """What came in a moment. `lost`: so much came that it was let go, ask every channel."""

    events: Sequence[LiveEvent] = ()
    lost: bool = False


@dataclass(frozen=True, slots=True)
class AccountState:
    """Where the account's own sequence stands (https://core.telegram.org/type/updates.State)."""

    pts: int
    qts: int
    date: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a channel's sequence stands, and its newest message at that moment.

    `joined`: its events are told to this account; other channels have to be asked.
    """

    pts: int
    top: int
    joined: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """What happened in a channel after a `pts`, up to `self.pts`; with `final` there is no more.

    `too_long`: that is no longer known; `pts` and `top` (the newest message) are where the channel
    stands now. `timeout` are the seconds after which to ask again.
    """

    pts: int
    events: Sequence[LiveEvent] = ()
    final: bool = True
    timeout: int = 30
    too_long: bool = False
    top: int = 0


class LiveSource(Protocol):
    """A connection that is told what happens in the channels that its account is in."""

    async def subscribe(self, since: AccountState | None) -> tuple[AccountState, Collection[int]]:
        """Begin to listen. Returns the account's state by now, and in which channels (marked ids)
        something happened since the one that is given.
        """
        ...

    async def hear(self, peers: Collection[int], wait: float) -> Heard:
        """What was told of these channels; waits at most so many seconds for the first event."""
        ...

    async def standings(self, addresses: Sequence[ChannelAddress]) -> Mapping[int, Standing]:
        """Where at most 100 channels stand, by marked id; those that cannot be read are left out."""
        ...

    async def difference(self, address: ChannelAddress, pts: int) -> Difference:
        """What happened in a channel since then: the first part of it."""
        ...

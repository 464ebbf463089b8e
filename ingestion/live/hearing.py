"""What was heard of one channel and is not written yet."""

import math
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from ingestion import people
from ingestion.live.claims import LiveClaim
from ingestion.live.sequence import Sequence
from ingestion.models import Channel, DeletedHow
from ingestion.records import MessageRecord
from ingestion.sources.base import ChannelAddress
from ingestion.sources.live import Counters, EventKind, LiveEvent
from ingestion.writer import Batch
from tgadmin.lib.ranges import IdRanges

_SOURCE: Final = "mtproto"
_NOTHING: Final = IdRanges()


@dataclass(slots=True)
class Listened:
    """A channel that is listened to: where it stands, what came, when to ask next."""

    channel: Channel
    address: ChannelAddress
    #: What is stored: the batch that comes next begins there.
    written: int | None
    #: The newest message as of the sequence's `pts`; None: not known.
    top: int | None
    #: The highest id that is covered.
    covered_top: int
    state: str
    sequence: Sequence
    joined: bool = True
    #: When to ask, on the monotonic clock, whatever was told; and how often Telegram wants that.
    ask_at: float = math.inf
    timeout: int = 30
    #: Not before, on the monotonic clock.
    not_before: float = 0.0
    described_at: float = -math.inf
    batch: Batch = field(init=False)
    pts: int | None = None
    events: int = 0
    dirty: bool = False

    def __post_init__(self) -> None:
        self._renew()

    def _renew(self) -> None:
        self.batch = Batch(self.channel.pk, _SOURCE, gone_how=DeletedHow.LIVE)
        self.events = 0
        self.pts = self.written
        self.dirty = False

    def collect(self, event: LiveEvent) -> bool:
        """Put an event into the batch. False, and nothing is done, when the batch has to be
        written first: what a message was between two events is kept.
        """
        if self._collides(event):
            return False
        self.dirty = True
        self.events += 1
        if event.pts is not None:
            self.pts = event.pts
        if event.kind in (EventKind.NEW, EventKind.EDIT):
            self._messages(event)
        elif event.kind is EventKind.DELETE:
            self.batch.gone.extend(event.ids)
        elif event.kind is EventKind.COUNTERS:
            for message_id, counters in event.counters.items():
                self._count(message_id, counters)
        return True

    def _collides(self, event: LiveEvent) -> bool:
        if event.kind is EventKind.DELETE:
            return not self.batch.records.keys().isdisjoint(event.ids)
        return any(
            (known := self.batch.records.get(record.message_id))
            and known.content_hash() != record.content_hash()
            for record in event.records
        )

    def _messages(self, event: LiveEvent) -> None:
        ids = {record.message_id for record in event.records}
        unread = {item.message_id for item in event.unparsed if item.message_id}
        if event.kind is EventKind.NEW:
            self._reach(max(ids | unread, default=0))
        # An older message that was never asked for is left to the run that will ask for it.
        known = [record for record in event.records if record.message_id <= self.covered_top]
        self.batch.records.update((record.message_id, record) for record in known)
        self.batch.unparsed.extend(event.unparsed)
        self.batch.covered |= IdRanges.single(record.message_id for record in known)
        people.collect(self.batch.peers, event.peers)

    def _reach(self, newest: int) -> None:
        """There is a new message. With no gap in the sequence, ids between the newest before it
        and itself that did not come do not exist.
        """
        if self.top is not None and newest > self.top:
            self.batch.covered |= IdRanges.span(self.top + 1, newest)
        if newest > (self.top or 0):
            self.top = newest
            self.covered_top = max(self.covered_top, newest)

    def _count(self, message_id: int, counters: Counters) -> None:
        record = self.batch.records.get(message_id)
        if record is not None:
            self.batch.records[message_id] = _counted(record, counters)
            return
        before = self.batch.counters.get(message_id, Counters())
        self.batch.counters[message_id] = Counters(
            views=before.views if counters.views is None else counters.views,
            forwards=before.forwards if counters.forwards is None else counters.forwards,
            reactions=before.reactions if counters.reactions is None else counters.reactions,
            poll=before.poll if counters.poll is None else {**(before.poll or {}), **counters.poll},
        )

    def missed(self, top: int) -> IdRanges:
        """The ids up to `top` that went by unseen. Of a channel that was never read only the newest
        page: the rest is a gap, and the backfill's.
        """
        since = self.top if self.top is not None else self.covered_top
        lowest = since + 1 if since else max(1, top - 99)
        return IdRanges.span(max(lowest, self.channel.available_min_id + 1), top)

    def claim(
        self, account_id: int, token: UUID, *, missing: IdRanges = _NOTHING, refresh: bool = False
    ) -> LiveClaim:
        """The right to write the batch as it is now."""
        return LiveClaim(
            account_id,
            token,
            before=self.written,
            pts=self.pts,
            top=self.top,
            missing=missing,
            refresh=refresh,
            events=self.events,
        )

    def wrote(self) -> None:
        """The batch is written; another one is filled."""
        self.written = self.pts
        self._renew()


def _counted(record: MessageRecord, counters: Counters) -> MessageRecord:
    attached = record.attached
    if counters.poll is not None:
        known = attached or {}
        attached = {**known, "poll": {**(known.get("poll") or {}), **counters.poll}}
    return replace(
        record,
        views=record.views if counters.views is None else counters.views,
        forwards=record.forwards if counters.forwards is None else counters.forwards,
        reactions=record.reactions if counters.reactions is None else counters.reactions,
        attached=attached,
    )

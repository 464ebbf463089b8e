"""One slice of a run that reads the web: no account, no lease, the same states and progress.

Pages come at an even, polite pace, and each is written as it comes. Its coverage is its own and
proves no absence: what Telegram does not show to everybody stays a gap for an account to ask for.
"""

import asyncio
import logging
import signal
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from ingestion import descriptions, runs
from ingestion.errors import IngestionError, LeaseLost, Unforeseen
from ingestion.models import Channel, Coverage, Message, SyncRun
from ingestion.records import ChannelRecord, Page
from ingestion.services import channels
from ingestion.sources.base import ChannelAddress
from ingestion.sources.web_preview import WebPreview
from ingestion.web import fetch
from ingestion.writer import Batch, RunClaim, write
from tgadmin.lib import databases, logs
from tgadmin.lib.ranges import IdRanges

logger = logging.getLogger(__name__)

SOURCE: Final = Coverage.Source.WEB_PREVIEW
#: What a name leads to that was mistyped.
NOBODYS: Final = frozenset({"PREVIEW_UNKNOWN", "PREVIEW_NO_CHANNEL"})
#: Seconds between two looks at wishes while the pace makes it wait.
LOOK: Final = 0.3


class _Stopped(Exception):
    """A wish, SIGTERM or the end of the slice's time."""


def work_slice(*, run_id: int, slice_number: int) -> bool:
    """Do one slice; False when the run is none of these."""
    run = SyncRun.objects.select_related("channel").filter(pk=run_id, source=SOURCE).first()
    if run is None:
        return False
    logs.bind(channel=run.channel_id)
    token = uuid.uuid4()
    # Before it runs: the tick takes a run without a sign of life for one whose worker is gone.
    SyncRun.objects.filter(pk=run_id, slice=slice_number).update(heartbeat_at=Now())
    if run.slice != slice_number or not runs.start(run_id, slice_number, token):
        return True
    try:
        with _ends_on_sigterm() as ended:
            Reading(run, token, ended).go()
    except _Stopped:
        runs.stop(run_id, token)
    except LeaseLost:
        logger.warning("Run %s is another worker's now", run_id)
    except IngestionError as error:
        _fail(run, token, error)
    except databases.AWAY as error:
        logger.warning("Run %s: the database does not answer (%s)", run_id, error)
    except Exception as error:
        logger.exception("Run %s failed", run_id)
        runs.end_with(run, token, Unforeseen(error))
    else:
        runs.finish(run_id, token)
        if run.kind == SyncRun.Kind.UPDATE:
            Channel.objects.filter(pk=run.channel_id).update(last_synced_at=timezone.now())
    return True


def _fail(run: SyncRun, token: UUID, error: IngestionError) -> None:
    """End the run. A channel of which nothing was ever read, because its name is no channel's, is
    taken off the list then: its page and its run still say why, and adding the name again brings it
    back.
    """
    if not runs.end_with(run, token, error) or error.code not in NOBODYS:
        return
    channel = Channel.objects.get(pk=run.channel_id)
    known = channel.accesses.exists() or Message.objects.filter(channel=channel).exists()
    if channel.is_provisional and channel.removed_at is None and not known:
        channels.remove(channel=channel)


@contextmanager
def _ends_on_sigterm() -> Iterator[list[bool]]:
    ended: list[bool] = []
    try:
        before = signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    except ValueError:  # not in the main thread
        yield ended
        return
    try:
        yield ended
    finally:
        signal.signal(signal.SIGTERM, before)


class Reading:
    """A slice at work. `go` returns when the plan is done."""

    def __init__(self, run: SyncRun, token: UUID, ended: list[bool]) -> None:
        self.run = run
        self.channel = run.channel
        self._token = token
        self._ended = ended
        self._source = WebPreview(self.channel.username, fetch, base_url=settings.WEB_PREVIEW_URL)
        self._address = ChannelAddress(self.channel.peer_id, 0)
        self._until = time.monotonic() + settings.SLICE_SECONDS
        self._next_at = 0.0
        self._began = time.monotonic()
        self._answered = 0

    def go(self) -> None:
        if self.run.kind == SyncRun.Kind.UPDATE:
            self._update()
        else:
            self._backfill()

    def _update(self) -> None:
        """The newest page, read again each time for its counters, then what came since the last
        one, oldest first: a run that ends early leaves no hole behind it.
        """
        known = _covered(self.channel).top
        if self.run.planned is None:
            page = self._page(low=1, high=None)
            self._describe()
            low = min(known + 1, page.low) if known else page.low
            self._plan(IdRanges.span(low, page.high))
            self._write(page)
        todo = (self.run.planned or IdRanges()) - self.run.done - self._done
        for low, high in todo.pairs:
            after = low - 1
            while after < high:
                page = self._paced(after=after)
                if page.high <= after:
                    page = Page([], [], low=after + 1, high=high, proves_absence=False)
                self._write(page)
                after = page.high

    def _backfill(self) -> None:
        """What no run has asked for yet, newest first."""
        if self.run.planned is None:
            self._plan(IdRanges.span(1, self.channel.top_id) - _asked(self.channel))
        todo = (self.run.planned or IdRanges()) - self.run.done
        for low, high in reversed(todo.pairs):
            upper = high
            while upper >= low:
                page = self._page(low=low, high=upper)
                self._write(page)
                upper = page.low - 1

    def _page(self, *, low: int, high: int | None) -> Page:
        self._wait()
        return asyncio.run(self._source.page(self._address, low=low, high=high))

    def _paced(self, *, after: int) -> Page:
        self._wait()
        return asyncio.run(self._source.newer(after=after))

    def _wait(self) -> None:
        """Until the next request may go out; raises `_Stopped` when it is not to."""
        while True:
            self._look()
            left = self._next_at - time.monotonic()
            if left <= 0:
                break
            time.sleep(min(left, LOOK))
        self._next_at = time.monotonic() + settings.WEB_PREVIEW_INTERVAL

    def _look(self) -> None:
        rows = SyncRun.objects.filter(
            pk=self.run.pk, state=SyncRun.State.RUNNING, lease_token=self._token
        )
        if not rows.update(heartbeat_at=Now()):
            raise LeaseLost
        wished = rows.values_list("stop_wish", flat=True).first()
        if wished or self._ended or time.monotonic() > self._until:
            raise _Stopped

    def _plan(self, planned: IdRanges) -> None:
        self.run.planned = planned
        runs.set_plan(self.run.pk, self._token, planned)

    @property
    def _done(self) -> IdRanges:
        done: IdRanges = SyncRun.objects.values_list("done", flat=True).get(pk=self.run.pk)
        return done

    def _write(self, page: Page) -> None:
        batch = Batch(self.channel.pk, SOURCE)
        batch.add(page)
        batch.requests = 1
        self._answered += max(page.high - page.low + 1, 0)
        rate = self._answered / max(time.monotonic() - self._began, 0.001)
        write(batch, RunClaim(self.run.pk, self._token, rate))

    def _describe(self) -> None:
        found = self._source.last
        if found is not None:
            describe(self.channel, found.channel)


def describe(channel: Channel, record: ChannelRecord) -> None:
    """Keep what the page says of the channel, and its id where that was not known. Once an account
    has described it, that is richer, and stays.
    """
    if record.peer_id and channel.is_provisional:
        there = Channel.objects.filter(workspace=channel.workspace_id, peer_id=record.peer_id)
        if not there.exists():
            channel.peer_id = record.peer_id
            Channel.objects.filter(pk=channel.pk).update(peer_id=record.peer_id)
    if not channel.accesses.exists() and descriptions.is_due(channel):
        descriptions.describe(channel, record)


def _covered(channel: Channel) -> IdRanges:
    row = Coverage.objects.filter(channel=channel, source=SOURCE).first()
    return row.ranges if row else IdRanges()


def _asked(channel: Channel) -> IdRanges:
    """What runs have asked the web for; nothing after the messages were deleted."""
    if not _covered(channel):
        return IdRanges()
    asked = IdRanges()
    for done in SyncRun.objects.filter(channel=channel, source=SOURCE).values_list(
        "done", flat=True
    ):
        asked |= done
    return asked

"""One slice of a run: fetch ahead, write, pace, notice pause and cancel."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from ingestion import (
    budget,
    calls,
    coverage,
    descriptions,
    holding,
    leases,
    plans,
    readers,
    runs,
    surroundings,
    takeout,
    usage,
)
from ingestion.errors import (
    AccountError,
    FloodWait,
    IngestionError,
    LeaseLost,
    Unforeseen,
)
from ingestion.leases import Priority
from ingestion.models import Account, Channel, ChannelAccess, SyncRun
from ingestion.pages import CONFIRMED_STRETCH, PAGE, known_ids, missing, prove, spans
from ingestion.records import Page
from ingestion.sources.base import ChannelAddress, Lookup
from ingestion.telegram import open_session
from ingestion.wishes import Wishes
from ingestion.writer import Batch, RunClaim, write
from tgadmin.lib import databases, garbage, logs
from tgadmin.lib.ranges import IdRanges
from tgadmin.lib.threads import DatabaseThread

logger = logging.getLogger(__name__)

T = TypeVar("T")

#: For whom a run holds its account.
PRIORITIES = {
    SyncRun.Kind.UPDATE: Priority.UPDATE,
    SyncRun.Kind.REFRESH: Priority.REFRESH,
    SyncRun.Kind.REPAIR: Priority.REFRESH,
    SyncRun.Kind.BACKFILL: Priority.BACKFILL,
}

#: Seconds that a slice waits for a holder that gives way.
PATIENCE = 5.0


#: Seconds that a request in flight gets to finish after a stop wish.
GRACE = 2.0


class _Stopped(Exception):
    """A stop was wished for while a request was under way."""


def work_slice(*, run_id: int, slice_number: int) -> None:
    """Do one slice of a run, and leave the run in the state that follows from it.

    Nothing happens when another worker holds the account, or the run has moved on.
    """
    run = SyncRun.objects.select_related("channel", "account__workspace").filter(pk=run_id).first()
    if run is None or run.account is None or run.slice != slice_number:
        return
    logs.bind(account=run.account.pk, channel=run.channel_id)
    lease = holding.acquire(run.account.pk, PRIORITIES[SyncRun.Kind(run.kind)], patience=PATIENCE)
    if lease is None:
        return
    try:
        if not runs.start(run.pk, slice_number, lease.token):
            return
        try:
            _work(run, run.account, lease)
        except IngestionError as error:
            _settle(run, run.account, lease.token, error)
        except databases.AWAY as error:
            # PostgreSQL went away: this worker cannot even say so. The tick finds the run.
            logger.warning("Run %s: the database does not answer (%s)", run.pk, error)
        except Exception as error:
            logger.exception("Run %s failed", run.pk)
            _settle(run, run.account, lease.token, Unforeseen(error))
    finally:
        # Where PostgreSQL is away, the lease ends by itself.
        with suppress(*databases.AWAY):
            leases.release(lease.account_id, lease.token)


def _settle(run: SyncRun, account: Account, token: UUID, error: IngestionError) -> None:
    if isinstance(error, LeaseLost):
        logger.warning("Run %s: %s", run.pk, error)
        return
    takeout.was_ended(account, error)
    readers.settle(run, account, token, error)


def _work(run: SyncRun, account: Account, lease: holding.Lease) -> None:
    """Plan what needs no connection; then connect and walk the plan."""
    if account.state != Account.State.READY:
        raise AccountError(
            account.error_code or "NOT_CONNECTED",
            "The account %(account)s is not connected.",
            "Connect it again on its page, then press Sync now.",
            account=account,
        )
    if run.planned is None and run.kind != SyncRun.Kind.UPDATE:
        run.planned = plans.plan(run)
        runs.set_plan(run.pk, lease.token, run.planned)
    if run.planned is not None and not run.planned - run.done:
        runs.finish(run.pk, lease.token)
        plans.was_done(run)
        return
    budget.check_quiet_hours(account)
    if wait := usage.wait_for(account.pk, *readers.HISTORY_METHODS):
        raise wait
    access = ChannelAccess.objects.filter(channel_id=run.channel_id, account=account).first()
    address = None
    if access and access.access_hash:
        address = ChannelAddress(peer_id=run.channel.peer_id, access_hash=access.access_hash)
    with garbage.left_alone():
        asyncio.run(Slice(run, account, address, lease).run())


class Slice:
    """A slice with its connection, its two database threads and its two batches: the one that
    is being written and the one that is being filled.
    """

    def __init__(
        self, run: SyncRun, account: Account, address: ChannelAddress | None, lease: holding.Lease
    ) -> None:
        self.sync_run = run
        self.account = account
        #: None: the account has not opened the channel yet, and does so first.
        self._address = address
        self.lease = lease
        self.channel: Channel = run.channel
        self.wishes = Wishes(
            run.pk, account.pk, settings.SLICE_SECONDS, PRIORITIES[SyncRun.Kind(run.kind)]
        )
        self.batch = self._new_batch()
        self.batch_began = 0.0
        self.began = time.monotonic()
        self.answered = 0
        self.described = False
        #: Ids that other sources brought and Telegram was never asked for.
        self.elsewhere = IdRanges()
        self.writing: asyncio.Future[None] | None = None

    def _new_batch(self) -> Batch:
        how = plans.how_noticed(self.sync_run)
        return Batch(self.channel.pk, "mtproto", gone_how=how)

    async def run(self) -> None:
        """Work until the plan is done or something else is; raises what ended it otherwise."""
        async with DatabaseThread("writer") as self.writer, DatabaseThread("reader") as self.reader:
            await holding.while_held(self.lease, self.reader, self._connected)

    async def _connected(self) -> None:
        counting = usage.Counting(self.account.pk, self.reader)
        watching = asyncio.gather(self.wishes.watch(self.reader), counting.run())
        try:
            async with open_session(self.account, self.lease.lasts, self.reader) as self.session:
                counting.sender = self.session
                await self._open()
                await self._ask(
                    takeout.begin(self.sync_run, self.account, self.session, self.reader)
                )
                await self._walk_and_flush()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await counting.now()

    @property
    def address(self) -> ChannelAddress:
        if self._address is None:
            raise RuntimeError("The channel was not opened")
        return self._address

    async def _open(self) -> None:
        """How this account reaches the channel, when another one added it."""
        if self._address is None:
            line = calls.Line(self.account, self.session, self.reader)
            self._address = await self._ask(calls.reach(line, self.channel))

    async def _walk_and_flush(self) -> None:
        """Whatever ends the walk, the pages that came before it are written."""
        token = self.lease.token
        try:
            finished = await self._walk()
        except _Stopped:
            finished = False
        except IngestionError:
            await self._flush()
            if self.wishes.stop_wish:
                await self.reader(runs.stop, self.sync_run.pk, token)
                return
            raise
        await self._flush()
        await self.reader(_used, self.account.pk)
        await self.reader(readers.worked, self.channel.pk, self.account.pk)
        if finished:
            await takeout.finish_after_the_last(
                self.sync_run, self.account, self.session, self.reader
            )
            await self.reader(runs.finish, self.sync_run.pk, token)
            await self.reader(plans.was_done, self.sync_run)
        elif self.wishes.stop_wish:
            await self.reader(runs.stop, self.sync_run.pk, token)
        else:
            await self.reader(runs.give_way, self.sync_run.pk, token)

    async def _walk(self) -> bool:
        """Ask for everything that is left of the plan; False when stopped before its end."""
        covered = await self.reader(coverage.covered, self.channel)
        self.elsewhere = await self.reader(coverage.brought_elsewhere, self.channel)
        first = IdRanges()
        if self.sync_run.planned is None:
            if descriptions.is_due(self.channel):
                await self._describe()
            first = await self._look_at_top(covered)
        todo = (self.sync_run.planned or IdRanges()) - self.sync_run.done - first
        for low, high in spans(todo):
            upper = high
            while upper >= low:
                if not await self._may_go_on():
                    return False
                page = await self._page(low=self._lower(low, upper), high=upper)
                await self._take(page, covered)
                upper = page.low - 1
        await self._look_around()
        return True

    async def _look_around(self) -> None:
        """Once a day, by an update, and after its messages: topics, pinned messages, who runs it."""
        if self.sync_run.kind == SyncRun.Kind.UPDATE and await self.reader(
            surroundings.is_due, self.channel
        ):
            await surroundings.read(
                self.session, self.reader, self.channel, self.address, self._ask
            )

    def _lower(self, low: int, upper: int) -> int:
        """How far down one page may answer."""
        if self.sync_run.accepts_empty or self.elsewhere & IdRanges.span(low, upper):
            return max(low, upper - CONFIRMED_STRETCH + 1)
        return low

    async def _describe(self) -> None:
        """Once a day, by an update: the channel's title, about, members and photo."""
        self.described = await descriptions.renew(
            self.account.pk, self.session, self.reader, self.channel, self.address, self._ask
        )

    async def _look_at_top(self, covered: IdRanges) -> IdRanges:
        """An update asks for what is newer than everything it knows. The first page tells how
        far that goes; of a channel that was never read it is all that an update brings, the
        rest is a gap and so the backfill's. Returns what that page answered for.
        """
        known_top = max(covered.top, self.channel.available_min_id)
        page = await self._page(low=known_top + 1, high=None)
        first_sight = not covered
        if not page.records and not page.unparsed:
            planned = IdRanges()
        elif first_sight:
            planned = IdRanges.span(page.low, page.high)
        else:
            planned = IdRanges.span(known_top + 1, page.high)
        self.sync_run.planned = planned
        await self.reader(runs.set_plan, self.sync_run.pk, self.lease.token, planned)
        if not planned:
            return IdRanges()
        await self._take(page, covered)
        return IdRanges.span(page.low, page.high)

    async def _may_go_on(self) -> bool:
        """At a page boundary: answer people who wait, and see whether to stop."""
        if self.wishes.calls_wait:
            self.wishes.calls_wait = False
            await calls.answer_waiting(self.account, self.session, self.reader, self.wishes.stop)
        return not self.wishes.stop.is_set()

    async def _page(self, *, low: int, high: int | None) -> Page:
        return await self._patiently(
            lambda: self.session.page(self.address, low=low, high=high, limit=PAGE)
        )

    async def _lookup(self, ids: Sequence[int]) -> Lookup:
        return await self._patiently(lambda: self.session.lookup(self.address, ids))

    async def _patiently(self, request: Callable[[], Awaitable[T]]) -> T:
        """One request, after a short flood wait again."""
        while True:
            try:
                return await self._ask(request())
            except FloodWait as wait:
                if wait.seconds > budget.SHORT_WAIT:
                    raise

    async def _ask(self, request: Awaitable[T]) -> T:
        """One request to Telegram, counted."""
        self.batch.requests += 1
        return await self._unless_stopped(request)

    async def _unless_stopped(self, work: Awaitable[T]) -> T:
        """The result, unless a stop is wished for and it takes longer than the grace."""
        task = asyncio.ensure_future(work)
        stopped = asyncio.ensure_future(self.wishes.stop.wait())
        try:
            await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                await asyncio.wait({task}, timeout=GRACE)
            if not task.done():
                raise _Stopped
            return task.result()
        finally:
            stopped.cancel()
            task.cancel()
            await asyncio.gather(task, stopped, return_exceptions=True)

    async def _take(self, page: Page, covered: IdRanges) -> None:
        """Prove what vanished, add the page to the batch, and write the batch when it is full."""
        gone: list[int] = []
        if page.proves_absence and (covered | self.elsewhere) & IdRanges.span(page.low, page.high):
            suspects = await self._suspects(page)
            if suspects:
                page, gone = await prove(self._lookup, page, suspects)
        if not self.batch:
            self.batch_began = time.monotonic()
        self.batch.add(page, gone)
        self.answered += page.high - page.low + 1
        full = len(self.batch.records) >= settings.BATCH_SIZE
        if full or time.monotonic() - self.batch_began >= settings.BATCH_SECONDS:
            await self._write_behind()

    async def _suspects(self, page: Page) -> list[int]:
        """Archived ids that the page should hold and does not.

        Before anything is suspected, Telegram is asked once a slice whether the channel hides
        its history by now: what is hidden is missing from every answer, and not deleted.
        """
        known = await self.reader(known_ids, self.channel.pk, page.low, page.high)
        brought = {record.message_id for record in page.records}
        if not self.described and not brought.issuperset(known):
            self.described = True
            record = await self._ask(self.session.describe(self.address))
            await self.reader(descriptions.describe, self.channel, record)
        known = [n for n in known if n > self.channel.available_min_id]
        # What another source brought, and Telegram was never asked for, says nothing of its answer.
        foreign = [n for n in known if n in self.elsewhere and n not in brought]
        return foreign + missing(
            page,
            [n for n in known if n not in self.elsewhere],
            confirmed=self.sync_run.accepts_empty,
        )

    async def _write_behind(self) -> None:
        """Hand the batch to the writer and go on fetching; at most one batch is behind."""
        await self._written()
        batch, self.batch = self.batch, self._new_batch()
        rate = self.answered / max(time.monotonic() - self.began, 0.001)
        claim = RunClaim(self.sync_run.pk, self.lease.token, rate)
        self.writing = asyncio.ensure_future(self._write(batch, claim))

    async def _write(self, batch: Batch, claim: RunClaim) -> None:
        await self.writer(write, batch, claim)

    async def _written(self) -> None:
        if self.writing:
            writing, self.writing = self.writing, None
            await writing

    async def _flush(self) -> None:
        if self.batch:
            await self._write_behind()
        await self._written()


def _used(account_id: int) -> None:
    Account.objects.filter(pk=account_id).update(last_used_at=timezone.now())

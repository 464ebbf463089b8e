"""One slice of a channel's downloads: find, fetch, store, and give way to everybody else."""

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeVar

from django.conf import settings

from ingestion import budget, calls, holding, readers, usage
from ingestion.downloads import outcomes
from ingestion.downloads.one import Bench, fetch_one
from ingestion.downloads.parts import Progress, Stopped
from ingestion.downloads.wishes import Wishes
from ingestion.errors import (
    AccessError,
    AccountError,
    DataError,
    FloodWait,
    IngestionError,
    LeaseLost,
    TransientError,
    Unforeseen,
    Wait,
)
from ingestion.leases import Priority
from ingestion.media import lines, space
from ingestion.models import Account, ChannelAccess, MediaLine, Medium
from ingestion.sources.base import CarriedFile, ChannelAddress
from ingestion.telegram import open_session
from tgadmin.lib import databases, logs
from tgadmin.lib.threads import DatabaseThread

logger = logging.getLogger(__name__)

T = TypeVar("T")

#: Seconds that a slice waits for a holder that gives way.
PATIENCE: Final = 5.0
#: Files that are looked up at a time: one request.
BATCH: Final = 50
#: Files that are fetched at a time.
FILES_AT_ONCE: Final = 4
#: Errors in a row, of whatever files, after which it is not the files.
MOST_IN_A_ROW: Final = 3
#: Seconds between two times that progress is written down.
BOOKS: Final = 1.0
#: What a slice cannot do without: while Telegram wants a pause from one of them, it waits.
METHODS: Final = ("upload.getFile", "channels.getMessages", "messages.getMessages")


def work_slice(*, channel_id: int, slice_number: int) -> None:
    """Do one slice of a channel's downloads, and leave them in the state that follows from it.

    Nothing happens when another worker holds the account, or the line has moved on.
    """
    lines_ = MediaLine.objects.select_related("channel", "account__workspace")
    line = lines_.filter(pk=channel_id, slice=slice_number).first()
    if line is None or line.account is None:
        return
    logs.bind(account=line.account.pk)
    priority = Priority.UPDATE if lines.is_impatient(line) else Priority.MEDIA
    lease = holding.acquire(line.account.pk, priority, patience=PATIENCE)
    if lease is None:
        return
    try:
        if not lines.start(channel_id, slice_number, lease.token):
            return
        try:
            _work(line, line.account, lease, priority)
        except IngestionError as error:
            _settle(line, line.account, lease, error)
        except databases.AWAY as error:
            logger.warning("Files of channel %s: the database is away (%s)", channel_id, error)
        except Exception as error:
            logger.exception("Files of channel %s failed", channel_id)
            _settle(line, line.account, lease, Unforeseen(error))
    finally:
        # Where PostgreSQL is away, the lease ends by itself.
        with suppress(*databases.AWAY):
            holding.release(lease)


def _settle(line: MediaLine, account: Account, lease: holding.Lease, error: IngestionError) -> None:
    if isinstance(error, LeaseLost):
        logger.warning("Files of channel %s: %s", line.pk, error)
        return
    if isinstance(error, AccountError):
        readers.lose(account, error)
    elif _refuses(error):
        readers.refused(line.pk, account.pk, error)
    if isinstance(error, AccountError) or _refuses(error):
        other = readers.another(line.channel, account.pk)
        if other and lines.move(line.pk, lease.token, other.pk):
            logger.info("Files of channel %s come through account %s", line.pk, other.pk)
            return
    lines.end_with(line, lease.token, error)


def _refuses(error: IngestionError) -> bool:
    """Whether it says that this account cannot read the channel, whatever others can."""
    return isinstance(error, AccessError) and error.code in readers.REFUSALS


def _work(line: MediaLine, account: Account, lease: holding.Lease, priority: Priority) -> None:
    if not line.asked_at:
        budget.check_quiet_hours(account)
    if wait := usage.wait_for(account.pk, *METHODS):
        raise wait
    access = ChannelAccess.objects.filter(channel_id=line.pk, account=account).first()
    address = None
    if access and access.access_hash:
        address = ChannelAddress(peer_id=line.channel.peer_id, access_hash=access.access_hash)
    outcomes.sweep_parts()
    asyncio.run(Slice(line, account, address, lease, priority).run())


class Slice:
    """A slice with its connection, its database threads and the files it is fetching."""

    def __init__(
        self,
        line: MediaLine,
        account: Account,
        address: ChannelAddress | None,
        lease: holding.Lease,
        priority: Priority,
    ) -> None:
        self.line = line
        self.account = account
        #: None: the account has not opened the channel yet, and does so first.
        self._address = address
        self.lease = lease
        self.asked_only = not outcomes.asked_are_done(line.pk)
        self.wishes = Wishes(line.pk, account.pk, priority, settings.SLICE_SECONDS)
        self.active: dict[tuple[int, int], tuple[Medium, Progress]] = {}
        self.failures = 0
        self.received = 0
        #: Files and bytes that are done and not written down yet.
        self.gained = (0, 0)

    async def run(self) -> None:
        """Work until nothing is left or something else is; raises what ended it otherwise."""
        async with (
            DatabaseThread("reader") as self.reader,
            DatabaseThread("lease") as keeping,
            DatabaseThread("store") as self.storing,
        ):
            await holding.while_held(self.lease, keeping, self._connected)

    async def _connected(self) -> None:
        counting = usage.Counting(self.account.pk, self.reader)
        watching = asyncio.gather(
            self.wishes.watch(self.reader), counting.run(), self._keep_books()
        )
        try:
            async with open_session(self.account, self.lease.lasts, self.reader) as self.session:
                counting.sender = self.session
                self.bench = Bench(self.session, self.patiently, self.storing)
                self.bench.stored = (await self.reader(space.room)).stored
                self._address = await self._opened()
                finished = await self._walk()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await counting.now()
        await self._leave(finished=finished)

    async def _opened(self) -> ChannelAddress:
        """How this account reaches the channel, also when another one added it."""
        if self._address is not None:
            return self._address
        line = calls.Line(self.account, self.session, self.reader)
        return await calls.reach(line, self.line.channel)

    async def _leave(self, *, finished: bool) -> None:
        token = self.lease.token
        if self.wishes.stop_wish:
            await self.reader(lines.stop, self.line.pk, token)
            return
        await self.reader(outcomes.asked_are_done, self.line.pk)
        leave = lines.finish if finished else lines.give_way
        await self.reader(leave, self.line.pk, token)

    async def _walk(self) -> bool:
        """Fetch everything that is due; False when stopped before."""
        while True:
            media = await self.reader(
                outcomes.following, self.line.pk, asked_only=self.asked_only, limit=BATCH
            )
            if not media:
                return True
            if not await self._may_go_on() or self._somebody_asked():
                return False
            ids = sorted({medium.message_id for medium in media})
            await self._fetch_all(media, await self._carried(ids))

    async def _may_go_on(self) -> bool:
        """Between files: answer people who wait, and see whether to stop."""
        if self.wishes.calls_wait:
            self.wishes.calls_wait = False
            await calls.answer_waiting(self.account, self.session, self.reader, self.wishes.stop)
        return not self.wishes.stop.is_set()

    async def _fetch_all(self, media: list[Medium], carried: dict[int, CarriedFile | None]) -> None:
        """Some files at a time, until all are done or something ends the slice."""
        todo = iter(media)

        async def go_on() -> None:
            for medium in todo:
                if not await self._may_go_on() or self._somebody_asked():
                    return
                await self._one(medium, carried)

        tasks = [asyncio.ensure_future(go_on()) for _ in range(FILES_AT_ONCE)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _somebody_asked(self) -> bool:
        """A person waits for a file: it goes before what is left of this batch."""
        return self.wishes.asked and not self.asked_only

    def stopping(self) -> bool:
        """Whether no other part is to be asked for."""
        return self.wishes.stop.is_set()

    async def renewed(self, medium: Medium) -> CarriedFile | None:
        """What a message carries, with fresh references."""
        found = await self._carried([medium.message_id])
        return found.get(medium.message_id)

    async def _carried(self, ids: list[int]) -> dict[int, CarriedFile | None]:
        address = await self._opened()
        return await self.patiently(lambda: self.session.carried(address, ids))

    async def _one(self, medium: Medium, carried: dict[int, CarriedFile | None]) -> None:
        """One file to its end; errors of the file are its own, all others end the slice."""
        progress = Progress(medium.offset)
        key = (medium.message_id, medium.slot)
        self.active[key] = (medium, progress)
        try:
            if medium.message_id not in carried:
                raise DataError(
                    "MEDIA_UNANSWERED", "Telegram did not answer for the message of this file."
                )
            await fetch_one(self, medium, carried[medium.message_id], progress)
        except Stopped:
            await self._put_back(medium, progress)
        except (Wait, AccountError, LeaseLost):
            await self._put_back(medium, progress)
            raise
        except IngestionError as error:
            await self._note_offset(medium, progress)
            if error.code in lines.NO_ROOM or _refuses(error):
                await self.reader(outcomes.put_back, [medium])
                raise
            await self.reader(outcomes.fail, medium, error)
            self.failures += 1
            gone = isinstance(error, TransientError) and not self.session.connected
            if gone or (isinstance(error, TransientError) and self.failures >= MOST_IN_A_ROW):
                raise
        else:
            self.failures = 0
            self.gained = (self.gained[0] + 1, self.gained[1] + (medium.size or 0))
        finally:
            self.received += progress.written - medium.offset if progress.written else 0
            self.active.pop(key, None)

    async def _note_offset(self, medium: Medium, progress: Progress) -> None:
        await self.reader(outcomes.advance, [(medium, progress.written)])

    async def _put_back(self, medium: Medium, progress: Progress) -> None:
        await self._note_offset(medium, progress)
        await self.reader(outcomes.put_back, [medium])

    async def patiently(self, request: Callable[[], Awaitable[T]]) -> T:
        """One request, after a short flood wait again."""
        while True:
            try:
                return await request()
            except FloodWait as wait:
                if wait.seconds > budget.SHORT_WAIT:
                    raise

    async def _keep_books(self) -> None:
        """Once a second, write down what is on the disk for certain, and how fast it goes."""
        began, before = time.monotonic(), 0
        rate = 0.0
        while True:
            await asyncio.sleep(BOOKS)
            held = [(m, p, p.written, p.file) for m, p in self.active.values()]
            certain = []
            for medium, _, written, file in held:
                if file is not None and written > medium.offset:
                    with suppress(ValueError, OSError):  # it was closed meanwhile: it is done
                        await asyncio.to_thread(os.fsync, file.fileno())
                        certain.append((medium, written))
            total = self.received + sum(w - m.offset for m, _, w, _ in held)
            now = time.monotonic()
            speed = max(total - before, 0) / max(now - began, 0.001)
            rate = speed if not rate else 0.7 * rate + 0.3 * speed
            began, before = now, total
            with suppress(*databases.AWAY):
                await self.reader(outcomes.advance, certain)
                (files, size), self.gained = self.gained, (0, 0)
                await self.reader(outcomes.gained, self.line.pk, files=files, size=size, rate=rate)

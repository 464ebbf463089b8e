"""One slice of an import: portions of a file → batches → the archive.

A batch, the position in the file behind it and the report commit in one transaction, so whatever is
killed, the next slice goes on behind what is written; and what is written twice changes nothing. The
files of its messages come afterwards, one by one, with a position of their own in the report.
"""

import logging
import signal
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from ingestion.errors import IngestionError
from ingestion.importing.carried import Bringing
from ingestion.importing.destinations import Destinations
from ingestion.importing.opening import open_source
from ingestion.importing.report import LET_GO, REPEATED, Report
from ingestion.importing.restoring import restore_coverage, restore_messages
from ingestion.models import Import
from ingestion.services import imports
from ingestion.sources.base import ArchiveSource, Chat, Earlier, Portion, SavedFile
from ingestion.sources.jsonl import JsonLines
from ingestion.writer import Batch, Outcome, weigh, write
from tgadmin.lib import databases, garbage
from tgadmin.lib.told import NOTHING

logger = logging.getLogger(__name__)

State = Import.State

#: Seconds after which a slice gives way to other work of its queue.
SLICE: Final = 60.0
#: Seconds between two looks at the wishes of people while nothing is written.
LOOK: Final = 1.0

#: Told after every batch: the import as it stands.
Progress = Callable[[Import], object]


class Stopped(Exception):
    """The work is to end now: somebody else's, or a wish."""


class Enough(Exception):
    """The slice is over; the next goes on."""


def work_slice(import_id: int, slice_number: int) -> None:
    """What a job does. Nothing when the import has moved on, or another worker has it."""
    token = uuid.uuid4()
    claimed = Import.objects.filter(pk=import_id, state=State.QUEUED, slice=slice_number).update(
        state=State.RUNNING, worker_token=token, heartbeat_at=Now()
    )
    if claimed:
        Import.objects.filter(pk=import_id, started_at=None).update(started_at=Now())
        Work(Import.objects.select_related("workspace").get(pk=import_id), token).run(limit=SLICE)


@dataclass
class _Gathered:
    """The batch that is being filled, with what stands behind it in the file."""

    chat: Chat
    batch: Batch
    position: int
    offset: int
    read: int = 0
    records: int = 0
    skipped: int = 0
    history: dict[int, Earlier] = field(default_factory=dict)
    files: dict[int, SavedFile] = field(default_factory=dict)


class Work:
    """One worker's hold on an import. The caller has set its state and token."""

    def __init__(
        self, item: Import, token: UUID, *, progress: Progress = lambda _item: None
    ) -> None:
        self.item = item
        self._token = token
        self._progress = progress
        self._report = Report(item.report, position=item.position)
        self._bringing = Bringing(item.pk, self._report, look=self._look, save=self._save)
        self._destinations = Destinations(item.workspace, item.channel_ref)
        self._gathered: _Gathered | None = None
        self._behind: dict[int, SavedFile] = {}
        self._looked = 0.0
        self._shutdown = False
        self._until: float | None = None

    def run(self, *, limit: float | None = None) -> None:
        """Work until the file's end, a wish, or `limit` seconds; leave the import in the state
        that follows from it.
        """
        before = self._listen()
        self._until = time.monotonic() + limit if limit else None
        try:
            with garbage.left_alone():
                finished = self._read()
        except Stopped:
            self._settle_wish()
        except Enough:
            self._give_way()
        except IngestionError as error:
            self._end(State.FAILED, error)
        except databases.AWAY:
            # PostgreSQL went away: the tick finds the heartbeat old.
            logger.warning("Import %s: the database does not answer", self.item.pk, exc_info=True)
            connection.close()
        except Exception as error:
            logger.exception("Import %s failed", self.item.pk)
            self._end(State.FAILED, _unexpected(error))
        else:
            if finished:
                self._end(State.DONE)
                if not self.item.dry_run:
                    imports.discard(self.item)
            else:
                self._give_way()
        finally:
            if before is not None:
                signal.signal(signal.SIGTERM, before)
        self.item.refresh_from_db()

    def _listen(self) -> "signal._HANDLER":
        """A worker that has to stop lets go at the next portion."""
        try:
            return signal.signal(signal.SIGTERM, lambda *_: setattr(self, "_shutdown", True))
        except ValueError:  # not in the main thread
            return None

    def _read(self) -> bool:
        """False when stopped before the end of the file."""
        item = self.item
        source = open_source(location(item), zone=ZoneInfo(item.time_zone))
        item.source, item.total = source.name, source.size
        if not self._update(source=item.source, total=item.total):
            raise Stopped
        if isinstance(source, JsonLines) and source.manifest:
            self._destinations.restore(source.manifest.originals)
        position, written = self._report.files_at, item.position
        if not written:
            self._destinations.check(source)
        for portion in self._portions(source):
            position += portion.read
            self._take(source.name, portion, position, is_written=position <= written)
            self._look()
            if self._is_over():
                self._flush()
                return False
        self._flush()
        self._restore_coverage(source)
        return True

    def _is_over(self) -> bool:
        """Whether the slice should end."""
        return self._shutdown or (self._until is not None and time.monotonic() > self._until)

    def _restore_coverage(self, source: ArchiveSource) -> None:
        """Of an own export that was whole, and is here in full."""
        if self.item.dry_run or not isinstance(source, JsonLines) or not source.manifest:
            return
        for original in source.manifest.originals.values():
            channel = self._destinations.find(original.chat)
            if channel is not None:
                restore_coverage(channel, original)

    def _portions(self, source: ArchiveSource) -> "_Portions":
        return _Portions(source, self._report.files_at, self._flush)

    def _take(self, name: str, portion: Portion, position: int, *, is_written: bool) -> None:
        """Gather what a portion has; of one whose messages are written, the files that are left."""
        if is_written:
            self._behind.update(portion.files)
            if position == self.item.position:
                self._bring(portion.chat, self._behind)
            return
        if portion.chat.peer_id is None and not portion.page.records and not portion.page.unparsed:
            self._flush()
            self._report.leave_out(portion)
            self.item.position, self.item.offset = position, portion.offset
            self._report.files_at = position
            return
        gathered = self._gathered
        if gathered is None or gathered.chat != portion.chat:
            self._flush()
            gathered = _Gathered(portion.chat, Batch(0, name), position, portion.offset)
            self._gathered = gathered
        gathered.batch.add(portion.page)
        gathered.history.update(portion.history)
        gathered.files.update(portion.files)
        gathered.position, gathered.offset = position, portion.offset
        gathered.read += portion.read
        gathered.records += len(portion.page.records)
        gathered.skipped += sum(portion.skipped.values())
        self._report.skip(portion.chat, portion.skipped)
        for bad in portion.page.unparsed:
            self._report.problem(portion.chat, bad.message_id, bad.error)
        if len(gathered.batch.records) >= settings.BATCH_SIZE:
            self._flush()

    def _flush(self) -> None:
        """Write what was gathered, and where the file stands, in one transaction."""
        gathered, self._gathered = self._gathered, None
        if gathered is None:
            return
        item = self.item
        item.position, item.offset = gathered.position, gathered.offset
        if item.dry_run or not gathered.files:
            self._report.files_at = item.position
        if item.dry_run:
            self._try(gathered)
            advanced = self._advance()
        else:
            with transaction.atomic():
                channel = self._destinations.ensure(gathered.chat)
                gathered.batch.channel_id = channel.pk
                outcome = write(gathered.batch)
                if gathered.history:
                    restore_messages(channel.pk, outcome.new, gathered.history)
                self._report.add(gathered.chat, channel, self._figures(gathered, outcome))
                item.channel = channel
                advanced = self._advance()
                if not advanced:
                    transaction.set_rollback(True)
        if not advanced:
            raise Stopped
        self._progress(item)
        if gathered.files and not item.dry_run:
            self._bring(gathered.chat, gathered.files)

    def _bring(self, chat: Chat, files: Mapping[int, SavedFile]) -> None:
        """Bring the files of messages that are written, and note where that stands after each."""
        channel = self._destinations.find(chat)
        if channel is not None:
            for done in self._bringing.bring(chat, channel, files):
                self._report.files_done = done
                if self._is_over():
                    raise Enough
        self._report.files_at, self._report.files_done = self.item.position, 0
        self._save()

    def _save(self) -> None:
        if not self._advance():
            raise Stopped

    def _try(self, gathered: _Gathered) -> None:
        """What writing it would do."""
        with self._destinations.tried(gathered.chat) as (channel, is_there):
            gathered.batch.channel_id = channel.pk
            figures = self._figures(gathered, weigh(gathered.batch))
        here = channel if is_there else None
        self._report.add(gathered.chat, here, figures)
        self._bringing.weigh(gathered.chat, here, gathered.files, gathered.batch.records)

    def _figures(self, gathered: _Gathered, outcome: Outcome) -> Counter[str]:
        left = gathered.records - len(gathered.batch.records)
        for reason, count in ((REPEATED, left - outcome.let_go), (LET_GO, outcome.let_go)):
            if count:
                self._report.skip(gathered.chat, {reason: count})
        return Counter(
            read=gathered.read,
            new=len(outcome.new),
            changed=len(outcome.changed) + len(outcome.merged) + outcome.counters,
            unchanged=outcome.unchanged,
            skipped=gathered.skipped + left,
            errors=len(gathered.batch.unparsed),
        )

    def _advance(self) -> bool:
        item = self.item
        return self._update(
            position=item.position,
            offset=item.offset,
            report=self._report.as_dict(),
            channel=item.channel,
            heartbeat_at=Now(),
            attempts=0,
        )

    def _update(self, **fields: object) -> bool:
        """False when the import is no longer this worker's."""
        rows = Import.objects.filter(pk=self.item.pk, state=State.RUNNING, worker_token=self._token)
        return bool(rows.update(**fields))

    def _look(self) -> None:
        """A sign of life, and a look at what people wish, about once a second."""
        if time.monotonic() - self._looked < LOOK:
            return
        self._looked = time.monotonic()
        if not self._update(heartbeat_at=Now()):
            raise Stopped
        wish = Import.objects.values_list("stop_wish", flat=True).get(pk=self.item.pk)
        if wish:
            self._flush()
            raise Stopped

    def _settle_wish(self) -> None:
        """Paused or cancelled, by its wish; untouched when it is another worker's now."""
        wish = (
            Import.objects.filter(pk=self.item.pk, worker_token=self._token)
            .values_list("stop_wish", flat=True)
            .first()
        )
        if wish == Import.StopWish.PAUSE:
            self._update(state=State.PAUSED, stop_wish="", worker_token=None)
        elif wish == Import.StopWish.CANCEL:
            self._end(State.CANCELLED)

    def _give_way(self) -> None:
        self._update(
            state=State.QUEUED,
            worker_token=None,
            slice=F("slice") + 1,
            report=self._report.as_dict(),
            position=self.item.position,
        )

    def _end(self, state: Import.State, error: IngestionError | None = None) -> None:
        self._update(
            state=state,
            stop_wish="",
            worker_token=None,
            ended_at=Now(),
            report=self._report.as_dict(),
            error_code=error.code if error else "",
            error=error.told if error else NOTHING,
        )


class _Portions:
    """A source's portions; what it raises comes after what it brought before was written."""

    def __init__(self, source: ArchiveSource, skip: int, flush: Callable[[], None]) -> None:
        self._portions = source.portions(skip=skip)
        self._flush = flush

    def __iter__(self) -> "_Portions":
        return self

    def __next__(self) -> Portion:
        try:
            return next(self._portions)
        except IngestionError:
            self._flush()
            raise


def location(item: Import) -> Path:
    """Where the file lies."""
    return Path(settings.IMPORT_DIR) / item.path


def _unexpected(error: Exception) -> IngestionError:
    return IngestionError(
        "UNEXPECTED",
        "An error that nobody foresaw ended this import: %(name)s.",
        "The log of the workers says more. What was imported before stays; start it again to go on.",
        name=type(error).__name__,
    )

"""Files that lie in an export: which of them are to come, and each of them into the store.

The messages are written by then. A file is copied to the disk of the store in blocks, never
unpacked where a name says; then its medium names it, and the report counts it, in one transaction.
"""

import errno
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast

from django.db import transaction

from ingestion.errors import DataError, IngestionError
from ingestion.importing.report import DIFFERS, NO_FILE, NO_ROOM, POLICY, Report
from ingestion.media import adding, lines, space, store
from ingestion.media.wanting import POSTERS, Described, Wish, of_file, wish_of
from ingestion.models import Channel, Medium, Message, StoredFile
from ingestion.records import MessageRecord
from ingestion.sources.base import Beside, Chat, SavedFile

#: A small picture of a video is no larger.
LARGEST_POSTER: Final = 4 * 2**20
#: Messages that are looked up at a time.
LOOKED_UP: Final = 500
_NO_SPACE: Final = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True)
class _Carrier:
    """What a message carries now, and when it was posted; `is_stored` when that is here."""

    described: Described | None
    posted: datetime
    is_stored: bool = False


class Bringing:
    """Brings files for one import. `look` is called often, and raises when the work is to end;
    `save` writes the report down, and raises when the import is somebody else's.
    """

    def __init__(
        self,
        import_id: int,
        report: Report,
        *,
        look: Callable[[], None],
        save: Callable[[], None],
    ) -> None:
        self._import_id = import_id
        self._path = adding.import_path(import_id)
        self._report = report
        self._look = look
        self._save = save
        self._stored = 0

    def weigh(
        self,
        chat: Chat,
        channel: Channel | None,
        files: Mapping[int, SavedFile],
        records: Mapping[int, MessageRecord],
    ) -> None:
        """Count what would come, of messages as they are here or else in the export."""
        wish = wish_of(channel) if channel else Wish()
        for numbers in _some(sorted(files)):
            here = _carriers(channel, numbers) if channel else {}
            for number in numbers:
                carrier = here.get(number)
                if carrier is None and (record := records.get(number)):
                    carrier = _Carrier(of_file(record.kind, record.media_meta), record.date)
                size = files[number].size
                became, why = _verdict(carrier, size, wish)
                stored = size or 0 if became == "stored" else 0
                self._report.file(chat, became, size=stored, why=why)

    def bring(self, chat: Chat, channel: Channel, files: Mapping[int, SavedFile]) -> Iterator[int]:
        """Deal with each file, but for those that the report says are done; yields how many are,
        before their number is saved.
        """
        wish = wish_of(channel)
        self._stored = space.room().stored
        adding.sweep_import(self._import_id)
        skip, done = self._report.files_done, 0
        for numbers in _some(sorted(files)[skip:]):
            here = _carriers(channel, numbers)
            for number in numbers:
                self._look()
                done += 1
                self._one(chat, channel, wish, number, files[number], here.get(number))
                yield skip + done
        if files:
            lines.count(channel.pk)

    def _one(
        self,
        chat: Chat,
        channel: Channel,
        wish: Wish,
        number: int,
        saved: SavedFile,
        carrier: _Carrier | None,
    ) -> None:
        size = saved.size
        became, why = _verdict(carrier, size, wish)
        if became != "stored" or carrier is None or size is None:
            if why == DIFFERS:
                self._report.problem(chat, number, _other_size(saved).told)
            self._report.file(chat, became, why=why)
            return
        try:
            file, thumb = self._store(saved, size, carrier)
            with transaction.atomic():
                became, why = _name(channel, number, wish, file, thumb)
                self._report.file(
                    chat, became, size=file.size if became == "stored" else 0, why=why
                )
                self._report.files_done += 1
                self._save()
        except (IngestionError, OSError) as error:
            told = _told(error, saved)
            self._report.problem(chat, number, told.told)
            if told.code in lines.NO_ROOM:
                self._report.file(chat, "left_out", why=NO_ROOM)
            else:
                self._report.file(chat, "errors")

    def _store(
        self, saved: SavedFile, size: int, carrier: _Carrier
    ) -> tuple[StoredFile, StoredFile | None]:
        beside = cast("Beside", saved.beside)  # its size was found there
        space.check(size, stored=self._stored)
        file = self._copied(beside, saved.name, size)
        thumb = None
        if saved.poster and carrier.described and carrier.described.kind in POSTERS:
            small = beside.find(saved.poster)
            if small and small <= LARGEST_POSTER and saved.poster != saved.name:
                with suppress(IngestionError, OSError):  # a frame of it will do
                    thumb = self._copied(beside, saved.poster, small)
        return file, thumb

    def _copied(self, beside: Beside, name: str, size: int) -> StoredFile:
        """Bring a file in under its hash; nothing of it is left elsewhere, whatever happens."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        made, copied = hashlib.sha256(), 0
        try:
            with beside.open(name) as source, self._path.open("wb") as target:
                while block := source.read(store.BLOCK):
                    copied += len(block)
                    if copied > size:
                        break
                    made.update(block)
                    target.write(block)
                    self._look()
                target.flush()
                os.fsync(target.fileno())
            if copied != size:
                raise _cut(name)
            sha256 = made.hexdigest()
            if not StoredFile.objects.filter(pk=sha256).exists():
                self._stored += size
            return adding.store_file(self._path, sha256=sha256)
        finally:
            self._path.unlink(missing_ok=True)


def _verdict(carrier: _Carrier | None, size: int | None, wish: Wish) -> tuple[str, str]:
    """What becomes of a file (a figure of the report's `files`), and why."""
    if size is None:
        return "missing", ""
    if carrier and carrier.is_stored:
        return "known", ""
    if not wish.lists:
        return "left_out", POLICY
    if carrier is None or carrier.described is None:
        return "left_out", NO_FILE
    if carrier.described.size not in (None, size):
        return "left_out", DIFFERS
    return "stored", ""


def _carriers(channel: Channel, numbers: Sequence[int]) -> dict[int, _Carrier]:
    rows = Message.objects.filter(channel=channel, message_id__in=numbers)
    stored = Medium.objects.filter(
        channel=channel, message_id__in=numbers, slot=0, file__isnull=False
    )
    here = set(stored.values_list("message_id", flat=True))
    return {
        number: _Carrier(of_file(kind, meta), date, number in here)
        for number, kind, meta, date in rows.values_list("message_id", "kind", "media_meta", "date")
    }


def _name(
    channel: Channel, number: int, wish: Wish, file: StoredFile, thumb: StoredFile | None
) -> tuple[str, str]:
    """Let the message's medium name what is stored. The message is locked, so that nobody writes
    down meanwhile what it carries.
    """
    locked = Message.objects.select_for_update().filter(pk=(channel.pk, number))
    if not locked.values_list("message_id").first():
        return "left_out", NO_FILE
    carrier = _carriers(channel, [number])[number]
    became, why = _verdict(carrier, file.size, wish)
    found = carrier.described
    if became != "stored" or found is None:
        return became, why
    medium, _ = Medium.objects.get_or_create(
        channel=channel,
        message_id=number,
        slot=0,
        defaults=_as_told(found, carrier.posted, file, wish),
    )
    Medium.objects.filter(pk=medium.pk).update(state=Medium.State.FETCHING)
    if not adding.name(medium, file=file, thumb=thumb, is_all=True):
        raise DataError(
            "MEDIA_COLLECTED",
            "The file was taken out of the store at the same moment.",
            "Import it again.",
        )
    return "stored", ""


def _as_told(found: Described, posted: datetime, file: StoredFile, wish: Wish) -> dict[str, Any]:
    mime = found.mime or file.mime
    return {
        "kind": found.kind,
        "remote_id": found.remote_id,
        "date": posted,
        "size": file.size,
        "mime": mime,
        "name": found.name,
        "width": found.width or file.width,
        "height": found.height or file.height,
        "duration": found.duration,
        "want": wish.want(kind=found.kind, mime=mime, size=file.size, posted=posted),
    }


def _some(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), LOOKED_UP):
        yield numbers[start : start + LOOKED_UP]


def _told(error: IngestionError | OSError, saved: SavedFile) -> IngestionError:
    if isinstance(error, IngestionError):
        return error
    if error.errno in _NO_SPACE:
        return IngestionError(
            "MEDIA_DISK_FULL",
            "The disk of the data directory is full: “%(name)s” was left out.",
            "Make room, and import it again.",
            name=Path(saved.name).name,
        )
    return DataError(
        "FILE_UNREADABLE",
        "“%(name)s” could not be read: %(reason)s.",
        "See that tgadmin may read it, and import it again.",
        name=Path(saved.name).name,
        reason=error.strerror or str(error),
    )


def _other_size(saved: SavedFile) -> DataError:
    return DataError(
        "FILE_DIFFERS",
        "“%(name)s” has another size than the message's file, and was left out.",
        "It may have been cut when it was exported, or the message carries another file by now.",
        name=Path(saved.name).name,
    )


def _cut(name: str) -> DataError:
    return DataError(
        "FILE_CUT",
        "“%(name)s” has another size than its folder or zip says.",
        "Copy or export it again, and import it once more.",
        name=Path(name).name,
    )

"""One medium: its file, its small picture, or both, from Telegram into the store."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings

from ingestion.downloads import outcomes
from ingestion.downloads.parts import WORTH_HASHES, Progress, Stopped, fetch, verify
from ingestion.errors import AccessError, DataError, IngestionError, TransientError
from ingestion.media import adding, space
from ingestion.media.wanting import POSTERS, UNNAMED
from ingestion.models import Medium, StoredFile
from ingestion.sources.base import CarriedFile, PartHash, RemoteFile
from tgadmin.lib.threads import DatabaseThread

if TYPE_CHECKING:
    from ingestion.sources.mtproto.session import TelegramSession


class Patiently(Protocol):
    """One request at the account's pace, after a short flood wait again."""

    def __call__(self, request: Callable[[], Awaitable[Any]], /) -> Awaitable[Any]: ...


@dataclass(slots=True)
class Bench:
    """What the files of a slice share. A `parts.Remote`."""

    session: "TelegramSession"
    patiently: Patiently
    storing: DatabaseThread
    #: Bytes that are in the store.
    stored: int = 0
    #: Data centres that offer no hashes.
    hashless: set[int] = field(default_factory=set)

    async def part(self, file: RemoteFile, offset: int, limit: int) -> bytes:
        answer: bytes = await self.patiently(lambda: self.session.part(file, offset, limit))
        return answer

    async def hashes(self, file: RemoteFile, offset: int) -> list[PartHash]:
        answer: list[PartHash] = await self.patiently(lambda: self.session.hashes(file, offset))
        return answer


class Work(Protocol):
    """A slice, as far as one file needs it."""

    bench: Bench
    reader: DatabaseThread

    async def renewed(self, medium: Medium) -> CarriedFile | None:
        """What the message carries, with fresh references."""
        ...

    def stopping(self) -> bool:
        """Whether no other part is to be asked for."""
        ...


async def fetch_one(
    work: Work, medium: Medium, carried: CarriedFile | None, progress: Progress
) -> None:
    """Fetch and store what is wanted of a medium. Raises `Stopped` and `IngestionError`."""
    if carried is None:
        raise AccessError(
            "MEDIA_GONE",
            "Telegram no longer has this file: the message was deleted, or carries none.",
            "What is archived of it stays.",
        )
    if medium.remote_id == UNNAMED:
        await work.reader(outcomes.identify, medium, carried.remote_id)
    if carried.remote_id != medium.remote_id:
        raise AccessError(
            "MEDIA_REPLACED",
            "The message carries another file by now.",
            "The next sync of the channel notices it.",
        )
    wants_file = medium.want == Medium.Want.FILE and medium.file_id is None
    wants_thumb = (
        carried.small is not None
        and medium.thumb_id is None
        and (not wants_file or medium.kind in POSTERS)
    )
    if not wants_file and not wants_thumb:
        await work.reader(outcomes.skip, medium)
        return
    if not await work.reader(outcomes.begin, medium, carried.whole.dc_id):
        return
    if wants_thumb:
        thumb = await _thumb(work, medium, carried)
        await _name(work, medium, thumb=thumb, is_all=not wants_file)
    if wants_file:
        file = await _file(work, medium, carried, progress)
        await _name(work, medium, file=file, is_all=True)


async def _name(work: Work, medium: Medium, *, is_all: bool, **files: StoredFile) -> None:
    if not await work.bench.storing(adding.name, medium, is_all=is_all, **files):
        raise TransientError(
            "MEDIA_COLLECTED", "The file was taken out of the store at the same moment."
        )


async def _thumb(work: Work, medium: Medium, carried: CarriedFile) -> StoredFile:
    path = adding.part_path(medium).with_suffix(".thumb")
    path.unlink(missing_ok=True)
    await _whole(work, medium, carried, path, Progress(), small=True)
    return await work.bench.storing(_stored, path)


async def _file(work: Work, medium: Medium, carried: CarriedFile, progress: Progress) -> StoredFile:
    path = adding.part_path(medium)
    left = max(carried.whole.size - progress.written, 0)
    await work.reader(space.check, left, stored=work.bench.stored)
    whole = await _whole(work, medium, carried, path, progress)
    if whole.size >= WORTH_HASHES and whole.dc_id not in work.bench.hashless:
        try:
            offered = await verify(work.bench, whole, path)
        except IngestionError as error:
            if isinstance(error, DataError | TransientError):
                raise
            offered = False  # it is not offered for this file
        if not offered:
            work.bench.hashless.add(whole.dc_id)
    file = await work.bench.storing(_stored, path)
    work.bench.stored += file.size
    return file


def _stored(path: Path) -> StoredFile:
    return adding.store_file(path)


async def _whole(
    work: Work,
    medium: Medium,
    carried: CarriedFile,
    path: Path,
    progress: Progress,
    *,
    small: bool = False,
) -> RemoteFile:
    """All parts of a file; where its reference expired, with a fresh one, which the message has
    (https://core.telegram.org/api/file-references).
    """
    for attempt in range(3):
        wanted = carried.small if small else carried.whole
        if wanted is None:
            break
        try:
            await fetch(
                work.bench,
                wanted,
                path,
                progress,
                at_once=settings.MEDIA_PARTS,
                stop=work.stopping,
            )
        except IngestionError as error:
            if not error.code.startswith("FILE_REFERENCE_") or attempt == 2:
                raise
            renewed = await work.renewed(medium)
            if renewed is None or renewed.remote_id != medium.remote_id:
                raise
            carried = renewed
        else:
            return wanted
    raise Stopped

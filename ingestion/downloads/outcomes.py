"""What becomes of a file: what the database is told, each a short statement or two."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection, models
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from ingestion.downloads.parts import WRONG_BYTES
from ingestion.errors import ErrorClass, IngestionError
from ingestion.media import sql
from ingestion.media.adding import PARTS, part_path
from ingestion.models import MediaLine, Medium

State = Medium.State

#: Attempts without progress after which a file fails.
MOST_ATTEMPTS: Final = 5
#: Seconds before the second attempt; it doubles.
FIRST_PAUSE: Final = 5
LONGEST_PAUSE: Final = 1800


def following(channel_id: int, *, asked_only: bool, limit: int) -> list[Medium]:
    """What is to be fetched next."""
    with connection.cursor() as cursor:
        cursor.execute(sql.NEXT, {"channel": channel_id, "asked_only": asked_only, "limit": limit})
        keys = cursor.fetchall()
    rows = Medium.objects.filter(
        channel_id=channel_id, message_id__in=[message_id for message_id, _ in keys]
    )
    by_key = {(row.message_id, row.slot): row for row in rows}
    return [by_key[key] for key in keys if key in by_key]


def identify(medium: Medium, remote_id: int) -> None:
    """What came by an export is to come from Telegram now, which tells what it is."""
    _row(medium).update(remote_id=remote_id)
    medium.remote_id = remote_id


def begin(medium: Medium, dc: int) -> bool:
    """Pending → fetching; False when it is not wanted any more. Whatever kills the worker from now
    on counts as an attempt, until bytes have come.
    """
    rows = _row(medium).filter(state__in=[State.PENDING, State.WAITING])
    return bool(
        rows.update(state=State.FETCHING, attempts=F("attempts") + 1, dc=dc, not_before=None)
    )


def fail(medium: Medium, error: IngestionError) -> None:
    """Fetching → waiting for another attempt, or failed for good, as the error's class says."""
    row = _row(medium).first()
    if row is None or row.state not in Medium.OPEN:
        return
    told = {"error_code": error.code, "error": error.told}
    if isinstance(error, WRONG_BYTES):
        told_offset = min(row.offset, error.good_to)
        _row(medium).update(offset=told_offset)
    attempts = max(row.attempts, 1)
    retried = error.error_class in (ErrorClass.TRANSIENT, ErrorClass.DATA)
    if not retried or attempts >= MOST_ATTEMPTS:
        _row(medium).update(state=State.FAILED, asked_at=None, offset=0, **told)
        part_path(medium).unlink(missing_ok=True)
        return
    pause = min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)
    until = timezone.now() + timedelta(seconds=pause)
    _row(medium).update(state=State.WAITING, not_before=until, attempts=attempts, **told)


def put_back(media: Sequence[Medium]) -> None:
    """Fetching → pending: the slice ended, the file did not."""
    for medium in media:
        _row(medium).filter(state=State.FETCHING).update(
            state=State.PENDING, attempts=Greatest(F("attempts") - 1, 0)
        )


def skip(medium: Medium) -> None:
    """There is nothing of it that is wanted: a thumbnail of what has none."""
    _row(medium).update(state=State.SKIPPED, want=Medium.Want.NOTHING, asked_at=None)


def advance(progress: Iterable[tuple[Medium, int]]) -> None:
    """Write down how many bytes of each file are on the disk for certain."""
    for medium, offset in progress:
        rows = _row(medium).filter(state=State.FETCHING, offset__lt=offset)
        rows.update(offset=offset, attempts=0)


def gained(channel_id: int, *, files: int, size: int, rate: float) -> None:
    """Add what was downloaded since the last look to the line's figures, which are counted anew
    when the slice ends.
    """
    MediaLine.objects.filter(pk=channel_id).update(
        done_files=F("done_files") + files, done_bytes=F("done_bytes") + size, rate=rate
    )


def asked_are_done(channel_id: int) -> bool:
    """Whether no file of the channel that a person waits for can be fetched now; the line says so
    then, and does not go before others for it.
    """
    now = timezone.now()
    ready = Q(not_before=None) | Q(not_before__lte=now)
    asked = Medium.objects.filter(ready, channel_id=channel_id, asked_at__isnull=False)
    if asked.filter(state__in=Medium.OPEN).exists():
        return False
    MediaLine.objects.filter(pk=channel_id).update(asked_at=None)
    return True


def sweep_parts() -> int:
    """Delete beginnings of files that are not to be fetched any more; how many."""
    folder = Path(settings.MEDIA_DIR) / PARTS
    swept = 0
    for path in folder.glob("*.part"):
        numbers = path.stem.removeprefix("-").split("-", 3)
        try:
            channel_id, message_id, slot = (int(number) for number in numbers[:3])
        except ValueError:
            continue
        rows = Medium.objects.filter(pk=(channel_id, message_id, slot), state__in=Medium.OPEN)
        if not rows.exists():
            path.unlink(missing_ok=True)
            swept += 1
    return swept


def _row(medium: Medium) -> models.QuerySet[Medium]:
    return Medium.objects.filter(
        pk=(medium.channel_id, medium.message_id, medium.slot), remote_id=medium.remote_id
    )

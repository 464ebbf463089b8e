"""Deleting files of exports when their time has come; their rows go on telling of them."""

import fcntl
from typing import Final

from django.db import transaction
from django.utils import timezone

from archive.exports import files
from archive.models import Export

#: At a time: the tick has other work, too.
_MOST: Final = 100


def expire() -> list[int]:
    """The exports whose files were deleted now. One that is being downloaded waits for the next
    time.
    """
    files.discard_forgotten()
    due = Export.objects.filter(
        state=Export.State.DONE, schedule=None, expires_at__lte=timezone.now()
    )
    return [export.pk for export in due.order_by("expires_at")[:_MOST] if _expire(export)]


def _expire(export: Export) -> bool:
    try:
        file = files.whole(export).open("rb")
    except FileNotFoundError:
        return _mark(export)
    with file:
        try:
            # A download holds it for reading (`archive.downloads`).
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        if not _mark(export):
            return False
        files.discard(export.pk)
    return True


def _mark(export: Export) -> bool:
    """The row first: a file without its row would never be found again, the other way round
    somebody would be promised a file that is not there.
    """
    with transaction.atomic():
        return bool(
            Export.objects.filter(pk=export.pk, state=Export.State.DONE).update(
                state=Export.State.EXPIRED
            )
        )

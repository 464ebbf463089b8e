"""Undoing a removal: which channels were just removed is kept in the session until it is shown."""

from collections.abc import Iterable

from django.db.models import QuerySet

from dashboard.guard import Request
from dashboard.shell import Shell
from ingestion.models import Channel
from workspaces.access import within

_KEY = "channels-removed"


def offer(request: Request, channels: Iterable[Channel]) -> None:
    """The next list of channels says that these were removed, and offers to undo it."""
    request.session[_KEY] = [channel.pk for channel in channels]


def take(request: Request, shell: Shell) -> QuerySet[Channel]:
    """What was removed and is to be told now; told once."""
    keys = request.session.pop(_KEY, [])
    if not keys:
        return Channel.objects.none()
    rows = Channel.objects.filter(pk__in=keys, removed_at__isnull=False)
    return within(shell.workspace, rows).order_by("title", "pk")

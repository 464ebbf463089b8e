"""Taking a made-up archive away again."""

from collections.abc import Callable

from django.core.management.base import CommandError
from django.db import transaction

from ingestion.models import Channel, ChannelTotals, SyncRun
from ingestion.services import channels
from tgadmin.management.generate import indexes
from tgadmin.management.generate.place import Place
from workspaces.models import AuditEvent, Workspace


def remove(workspace: Workspace, *, step: Callable[[int], None] = lambda _: None) -> int:
    """Delete its messages, a channel a transaction, then all else; how many messages there were.

    Raises CommandError, and deletes nothing, where anything in it was not made up.
    """
    if strangers := Place.strangers(workspace):
        raise CommandError(
            f"“{workspace}” also holds channels that were not made up ({', '.join(strangers)}). "
            "Nothing was deleted. Remove them first, on their pages."
        )
    deleted = 0
    for channel in Channel.objects.filter(workspace=workspace).order_by("pk"):
        with transaction.atomic():
            deleted += channels.remove(channel=channel, delete_messages=True)
        step(deleted)
    with transaction.atomic():
        SyncRun.objects.filter(channel__workspace=workspace).delete()
        ChannelTotals.objects.filter(channel__workspace=workspace).delete()
        AuditEvent.objects.filter(workspace=workspace).delete()
        workspace.delete()
    indexes.build()
    return deleted

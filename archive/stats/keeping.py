"""What was worked out from a workspace's days is forgotten when any of its messages changed."""

from typing import Any

from django.db import connection, transaction

from ingestion.models import Channel
from ingestion.writer import Outcome
from tgadmin.lib import cache


def on_committed(*, channel_id: int, outcome: Outcome, **_: Any) -> None:
    """Receive `batch_committed`. History that was unchanged leaves everything as it was."""
    if outcome.new or outcome.touched:
        _forget(channel_id)
        if connection.in_atomic_block:  # an import's, around the batch's own
            forget_after_commit(channel_id)


def on_messages_deleted(*, channel_id: int, **_: Any) -> None:
    """Receive `messages_deleted`, which is sent in the transaction that deletes them."""
    forget_after_commit(channel_id)


def forget_after_commit(channel_id: int) -> None:
    """After days of the channel were counted anew."""
    transaction.on_commit(lambda: _forget(channel_id))


def _forget(channel_id: int) -> None:
    rows = Channel.objects.filter(pk=channel_id)
    for workspace_id in rows.values_list("workspace_id", flat=True):
        cache.forget(workspace_id)

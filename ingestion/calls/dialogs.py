"""The list of what an account is in."""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from ingestion.calls.base import Answer, Line
from ingestion.models import Account, Dialog
from ingestion.records import ChannelRecord

#: A list that was read so lately is not read again because a channel is missing in it.
FRESH: Final = timedelta(minutes=1)

_COLUMNS: Final = (
    "access_hash",
    "kind",
    "title",
    "username",
    "members",
    "is_private",
    "position",
    "seen_at",
)


async def renew(line: Line, _: Answer) -> Answer:
    """Read the account's channels and supergroups anew. Answers `dialogs`, how many there are.

    The rows are `Dialog`; what the account is not in any more is gone. A request a hundred.
    """
    records = await line.session.dialogs()
    await line.database(_keep, line.account, records)
    return {"dialogs": len(records)}


def is_fresh(account: Account) -> bool:
    """Whether the list was read a moment ago."""
    return Dialog.objects.filter(account=account, seen_at__gt=timezone.now() - FRESH).exists()


def _keep(account: Account, records: list[ChannelRecord]) -> None:
    now = timezone.now()
    rows = [
        Dialog(
            account=account,
            peer_id=record.peer_id,
            access_hash=record.access_hash,
            kind=record.kind,
            title=record.title[:255],
            username=record.username,
            members=record.members,
            is_private=record.is_private,
            position=position,
            seen_at=now,
        )
        for position, record in enumerate(records)
    ]
    with transaction.atomic():
        Dialog.objects.bulk_create(
            rows,
            batch_size=1000,
            update_conflicts=True,
            unique_fields=["account", "peer_id"],
            update_fields=_COLUMNS,
        )
        Dialog.objects.filter(account=account, seen_at__lt=now).delete()

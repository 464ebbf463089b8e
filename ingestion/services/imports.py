"""What people do with imports. Services never enqueue: who calls them does."""

import uuid
from pathlib import Path
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from ingestion.models import Import
from ingestion.sources.refs import parse_ref
from workspaces.models import User, Workspace
from workspaces.services import audit

State = Import.State

#: Why items of a file were left out (`Portion.skipped`), in words.
REASONS: Final = {
    "before_migration": _("of the basic group that it was before"),
    "repeated": _("the same message twice in the file"),
    "no_time": _("service lines, which HTML exports give no time"),
    "not_a_message": _("no message"),
}


@transaction.atomic
def start_here(
    *,
    workspace: Workspace,
    path: Path,
    channel_ref: str = "",
    dry_run: bool = False,
    time_zone: str = "UTC",
    user: User | None = None,
) -> tuple[Import, UUID]:
    """An import that the caller works on itself, and the token that it holds it by."""
    if channel_ref:
        channel_ref = str(parse_ref(channel_ref))
    token = uuid.uuid4()
    item = Import.objects.create(
        workspace=workspace,
        file_name=path.name[:255],
        path=str(path),
        channel_ref=channel_ref,
        dry_run=dry_run,
        time_zone=time_zone,
        state=State.RUNNING,
        worker_token=token,
        heartbeat_at=Now(),
        started_at=Now(),
        requested_by=user,
    )
    item.refresh_from_db()
    _audit(item, user, "import.start")
    return item, token


def stopped_here(*, item: Import) -> None:
    """The caller was interrupted."""
    Import.objects.filter(pk=item.pk, state=State.RUNNING).update(
        state=State.CANCELLED, worker_token=None, ended_at=Now()
    )


def _audit(item: Import, user: User | None, action: str) -> None:
    audit(
        workspace=item.workspace,
        user=user,
        action=action,
        target=item.file_name,
        dry_run=item.dry_run,
    )

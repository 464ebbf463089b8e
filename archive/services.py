"""What people do with exports. Services never enqueue: who calls them does."""

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Now

from archive.exports import files
from archive.models import Export
from ingestion.errors import InputError
from ingestion.models import Channel, ChannelTotals
from workspaces.models import User
from workspaces.services import audit


@transaction.atomic
def request_export(
    *,
    channel: Channel,
    format: str,  # noqa: A002, the field's word
    with_deleted: bool = True,
    user: User | None = None,
) -> Export:
    """A new export; the one that is on its way already when the same was asked for twice.

    The caller enqueues it (`tasks.enqueue_export`). Raises `InputError` for an unknown format.
    """
    if format not in Export.Format.values:
        raise InputError(
            "EXPORT_FORMAT",
            f"There is no export format {format!r}.",
            f"Choose one of: {', '.join(Export.Format.values)}.",
        )
    # Two presses at once: the second waits here, and finds the first one's export.
    Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
    same = Export.objects.filter(
        channel=channel,
        format=format,
        with_deleted=with_deleted,
        state__in=Export.ACTIVE,
        cancel_wish=False,
    ).first()
    if same:
        return same
    totals = ChannelTotals.objects.filter(pk=channel.pk).first() or ChannelTotals()
    export = Export.objects.create(
        workspace=channel.workspace,
        channel=channel,
        format=format,
        with_deleted=with_deleted,
        rows_expected=totals.messages - (0 if with_deleted else totals.deleted),
        requested_by=user,
    )
    audit(
        workspace=channel.workspace,
        user=user,
        action="export.request",
        target=str(channel),
        export=export.pk,
        format=format,
        with_deleted=with_deleted,
    )
    return export


@transaction.atomic
def cancel(*, export: Export, user: User | None = None) -> bool:
    """False when it had ended before. One that runs ends within a second."""
    # One statement for both states: a worker may be claiming or giving back the export now.
    queued = When(state=Export.State.QUEUED, then=Value(Export.State.CANCELLED))
    changed = Export.objects.filter(pk=export.pk, state__in=Export.ACTIVE).update(
        cancel_wish=True,
        state=Case(queued, default=F("state")),
        ended_at=Case(When(state=Export.State.QUEUED, then=Now())),
    )
    if not changed:
        return False
    audit(
        workspace=export.workspace,
        user=user,
        action="export.cancel",
        target=str(export.channel or export.workspace),
        export=export.pk,
    )
    export.refresh_from_db()
    return True


@transaction.atomic
def delete(*, export: Export, user: User | None = None) -> None:
    """Remove an export and its file, whatever its state: a worker that makes it finds the row
    gone within a second, and leaves nothing.
    """
    audit(
        workspace=export.workspace,
        user=user,
        action="export.delete",
        target=str(export.channel or export.workspace),
        export=export.pk,
        file=export.download_name,
    )
    gone = Export(pk=export.pk, format=export.format)
    export.delete()
    transaction.on_commit(lambda: files.discard(gone))

"""What people do with exports. Services never enqueue: who calls them does."""

from dataclasses import replace

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Now
from django.utils import timezone

from archive.exports import Options, estimate, files, scope
from archive.models import Export
from workspaces.models import User, Workspace
from workspaces.services import audit

_ALL = Options()


@transaction.atomic
def request_export(
    *,
    workspace: Workspace,
    format: str,  # noqa: A002, the field's word
    options: Options = _ALL,
    user: User | None = None,
) -> Export:
    """A new export; the one that is on its way already when the same was asked for twice.

    The caller has checked that the channels of its filters are the workspace's, and enqueues it
    (`tasks.enqueue_export`). Raises `InputError` for what cannot be made.
    """
    options.check(format)
    options = _with_its_zone(options)
    channels = scope.channels_of(workspace, options)
    channel = channels[0] if len(options.filters.channels) == 1 else None
    # Two presses at once: the second waits here, and finds the first one's export.
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
    wanted = {"workspace": workspace, "channel": channel, "format": format, **options.fields()}
    same = Export.objects.filter(**wanted, state__in=Export.ACTIVE, cancel_wish=False).first()
    if same:
        return same
    export = Export.objects.create(
        **wanted,
        rows_expected=estimate.rows(channels, options).count,
        requested_by=user,
    )
    audit(
        workspace=workspace,
        user=user,
        action="export.request",
        target=str(channel or workspace),
        export=export.pk,
        format=format,
        **_told(options),
    )
    return export


def _with_its_zone(options: Options) -> Options:
    """Days are those of the person who asked, wherever the worker is."""
    filters = options.filters
    if filters.zone or not (filters.since or filters.until):
        return options
    zone = timezone.get_current_timezone_name()
    return replace(options, filters=replace(filters, zone=zone))


def _told(options: Options) -> dict[str, object]:
    """What the audit log says of an export: all that is not as usual."""
    usual = _ALL.fields()
    told = {name: value for name, value in options.fields().items() if value != usual[name]}
    return told | {"with_deleted": options.with_deleted}


@transaction.atomic
def cancel(*, export: Export, user: User | None = None) -> bool:
    """False when it had ended before. One that runs ends within a second."""
    # One statement for both states: a worker may be claiming or giving back the export now.
    idle = Q(state=Export.State.QUEUED) | Q(state=Export.State.PAUSED, worker_token=None)
    changed = Export.objects.filter(pk=export.pk, state__in=Export.ACTIVE).update(
        cancel_wish=True,
        state=Case(When(idle, then=Value(Export.State.CANCELLED)), default=F("state")),
        ended_at=Case(When(idle, then=Now())),
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
def pause(*, export: Export, user: User | None = None) -> bool:
    """False when it had ended before. One that runs waits within a second, with its file and its
    snapshot, as long as others can do without its worker (`exports.heart.LONGEST_PAUSE`).
    """
    queued = When(state=Export.State.QUEUED, then=Value(Export.State.PAUSED))
    changed = Export.objects.filter(pk=export.pk, state__in=Export.ACTIVE, pause_wish=False).update(
        pause_wish=True, state=Case(queued, default=F("state"))
    )
    if changed:
        _note(export, user, "export.pause")
    return bool(changed)


@transaction.atomic
def resume(*, export: Export, user: User | None = None) -> bool:
    """False when it was not paused. It goes on where it was, or is queued again when its worker was
    given to others; the caller enqueues it.
    """
    waiting = When(state=Export.State.PAUSED, worker_token=None, then=Value(Export.State.QUEUED))
    changed = Export.objects.filter(pk=export.pk, state__in=Export.ACTIVE, pause_wish=True).update(
        pause_wish=False, state=Case(waiting, default=F("state"))
    )
    if changed:
        _note(export, user, "export.resume")
    return bool(changed)


def _note(export: Export, user: User | None, action: str) -> None:
    audit(
        workspace=export.workspace,
        user=user,
        action=action,
        target=str(export.channel or export.workspace),
        export=export.pk,
    )


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
    gone = export.pk
    export.delete()
    transaction.on_commit(lambda: files.discard(gone))

"""Schedules of exports: when a lake is kept up, and asking for its runs."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from archive import privacy
from archive.exports import Options, lake, scope
from archive.models import Export, ExportSchedule
from ingestion.errors import IngestionError, InputError
from tgadmin.lib.told import Told
from workspaces.models import User, Workspace
from workspaces.services import audit

#: Runs that the tick asks for at a time.
_MOST: Final = 50
_DAYS: Final = 7


@transaction.atomic
def make(
    *,
    workspace: Workspace,
    name: str,
    options: Options,
    every: str,
    hour: int = 3,
    minute: int = 0,
    weekday: int = 0,
    target: str = ExportSchedule.Target.FOLDER,
    user: User | None = None,
) -> ExportSchedule:
    """A schedule, whose first run is due now. Raises `InputError` for what cannot be kept up."""
    short = slugify(name)[:60]
    if not short:
        raise InputError(
            "SCHEDULE_NAME",
            "“%(name)s” does not name a folder.",
            "Use Latin letters, digits and dashes, such as daily-news.",
            name=name,
        )
    options.check("parquet")
    scope.channels_of(workspace, options)
    told = options.fields()
    schedule = ExportSchedule(
        workspace=workspace,
        name=short,
        every=every,
        hour=hour,
        minute=minute,
        weekday=weekday,
        target=target,
        made_by=user,
        next_run_at=timezone.now(),
        **{
            field: told[field]
            for field in ("filters", "with_deleted", "without_senders", "columns", "redaction")
        },
    )
    lake.storage_of(schedule)
    try:
        with transaction.atomic():
            schedule.save()
    except IntegrityError as error:
        raise InputError(
            "SCHEDULE_TWICE",
            "There is a schedule “%(name)s” already.",
            "Choose another name: each has a folder of its own.",
            name=short,
        ) from error
    _note(schedule, user, "schedule.make")
    return schedule


@transaction.atomic
def switch(*, schedule: ExportSchedule, on: bool, user: User | None = None) -> None:
    schedule.is_active = on
    schedule.next_run_at = next_after(schedule, timezone.now()) if on else None
    schedule.save(update_fields=["is_active", "next_run_at"])
    _note(schedule, user, "schedule.on" if on else "schedule.off")


@transaction.atomic
def remove(*, schedule: ExportSchedule, user: User | None = None) -> None:
    """The schedule; what is in its lake stays where it is."""
    _note(schedule, user, "schedule.remove")
    schedule.delete()


@transaction.atomic
def run(*, schedule: ExportSchedule, user: User | None = None) -> Export:
    """A run now; the one that is under way already when there is one. The caller enqueues it. Where
    its redaction profile is gone the run has failed, and says so: nothing goes out in the clear.
    """
    schedule = (
        ExportSchedule.objects.select_for_update().select_related("workspace").get(pk=schedule.pk)
    )
    under_way = schedule.runs.filter(state__in=Export.ACTIVE).first()
    if under_way:
        return under_way
    told: dict[str, Any] = {}
    try:
        redaction = privacy.renewed(schedule.workspace, schedule.redaction)
    except IngestionError as error:
        redaction = schedule.redaction
        told = {"state": Export.State.FAILED, "error": error.told, "ended_at": timezone.now()}
    return Export.objects.create(
        **told,
        workspace=schedule.workspace,
        schedule=schedule,
        format=Export.Format.PARQUET,
        filters=schedule.filters,
        with_deleted=schedule.with_deleted,
        without_senders=schedule.without_senders,
        columns=schedule.columns,
        redaction=redaction,
        requested_by=user,
    )


def troubles(found: Sequence[ExportSchedule]) -> dict[int, Told]:
    """Why the last run of these schedules failed, by schedule; no entry where it did not."""
    newest = (
        Export.objects.filter(schedule__in=found)
        .exclude(state__in=Export.ACTIVE)
        .order_by("schedule", "-pk")
        .distinct("schedule")
    )
    return {
        row.schedule_id: row.error
        for row in newest
        if row.schedule_id and row.state == Export.State.FAILED
    }


def due() -> list[int]:
    """Runs that were asked for now, because their time has come."""
    now = timezone.now()
    rows = ExportSchedule.objects.select_related("workspace").filter(
        is_active=True, next_run_at__lte=now
    )
    found = []
    for schedule in rows.order_by("next_run_at")[:_MOST]:
        with transaction.atomic():
            # Whoever moves the time on has the run; another tick finds it moved.
            mine = ExportSchedule.objects.filter(
                pk=schedule.pk, is_active=True, next_run_at=schedule.next_run_at
            ).update(next_run_at=next_after(schedule, now))
            if mine:
                found.append(run(schedule=schedule).pk)
    return found


def next_after(schedule: ExportSchedule, moment: datetime) -> datetime:
    """The first time after the moment, by the clock of the workspace. What the clock skips in
    spring happens an hour later; what it shows twice in autumn, once.
    """
    zone = ZoneInfo(schedule.workspace.time_zone)
    local = moment.astimezone(zone)
    if schedule.every == ExportSchedule.Every.HOUR:
        begun = moment.replace(minute=schedule.minute, second=0, microsecond=0)
        return begun if begun > moment else begun + timedelta(hours=1)
    for days in range(_DAYS + 2):
        day = local.date() + timedelta(days=days)
        if schedule.every == ExportSchedule.Every.WEEK and day.weekday() != schedule.weekday:
            continue
        at = datetime(day.year, day.month, day.day, schedule.hour, schedule.minute, tzinfo=zone)
        if at > moment:
            return at
    raise ValueError("A week has seven days")


def _note(schedule: ExportSchedule, user: User | None, action: str) -> None:
    audit(
        workspace=schedule.workspace,
        user=user,
        action=action,
        target=schedule.name,
        schedule=schedule.pk,
    )

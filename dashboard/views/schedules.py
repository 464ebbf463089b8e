"""Scheduled exports: the lakes that are kept up."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from archive import privacy, schedules, tasks
from archive.exports import Options
from archive.models import ExportSchedule
from dashboard.asked import asked
from dashboard.chips import chips
from dashboard.guard import Request, signed_in
from dashboard.shell import page
from ingestion.errors import IngestionError
from ingestion.models import Channel
from workspaces.access import access, access_workspace, within
from workspaces.roles import Permission

_LAST_DAY = 6


class ScheduleForm(forms.Form):
    """When and where; of what, `archive.filters` reads from the same request."""

    name = forms.CharField(max_length=60)
    every = forms.ChoiceField(choices=ExportSchedule.Every.choices)
    at = forms.TimeField(required=False)
    weekday = forms.IntegerField(required=False, min_value=0, max_value=_LAST_DAY)
    target = forms.ChoiceField(choices=ExportSchedule.Target.choices)
    without_senders = forms.BooleanField(required=False)

    def timing(self) -> dict[str, Any]:
        chosen = self.cleaned_data
        at = chosen["at"]
        return {
            "every": chosen["every"],
            "hour": at.hour if at else 3,
            "minute": at.minute if at else 0,
            "weekday": chosen["weekday"] or 0,
            "target": chosen["target"],
        }


@signed_in
@require_safe
def schedule_list(request: Request) -> HttpResponseBase:
    given = asked(request, dict(request.GET.lists()), section="exports")
    shell, filters = given.shell, given.filters
    complaints = [*given.complaints, *(sentence for _piece, sentence in given.told)]
    channels = within(shell.workspace, Channel.objects.filter(removed_at=None))
    rows = list(within(shell.workspace, ExportSchedule.objects.order_by("name"))[:200])
    troubles = schedules.troubles(rows)
    return page(
        request,
        shell,
        "schedules.html",
        tab="schedules",
        schedules=[(row, troubles.get(row.pk)) for row in rows],
        redactions=privacy.profiles(shell.workspace),
        channels=channels.order_by("title", "pk")[:500],
        filters=filters,
        pairs=filters.pairs(),
        chips=chips(filters, dict(channels.values_list("pk", "title")) if filters.channels else {}),
        complaints=complaints,
        every=ExportSchedule.Every.choices,
        targets=ExportSchedule.Target.choices,
        days=[
            (number, day)
            for number, day in enumerate(
                (
                    _("Monday"),
                    _("Tuesday"),
                    _("Wednesday"),
                    _("Thursday"),
                    _("Friday"),
                    _("Saturday"),
                    _("Sunday"),
                )
            )
        ],
    )


@signed_in
@require_POST
def make(request: Request) -> HttpResponseBase:
    given = asked(request, dict(request.POST.lists()), section="exports")
    shell, filters = given.shell, given.filters
    complaints = [*given.complaints, *(sentence for _piece, sentence in given.told)]
    access_workspace(request.user, shell.workspace.pk, Permission.EXPORT)
    form = ScheduleForm(request.POST)
    if complaints or not form.is_valid():
        words = _("Give the schedule a name, and say how often it runs and where it writes.")
        messages.error(request, " ".join([*complaints, words]))
        return redirect("schedules")
    key = request.POST.get("redaction", "")
    try:
        schedule = schedules.make(
            workspace=shell.workspace,
            name=form.cleaned_data["name"],
            options=Options(
                filters=filters,
                without_senders=form.cleaned_data["without_senders"],
                redaction=privacy.profile(shell.workspace, key).frozen() if key else {},
            ),
            user=request.user,
            **form.timing(),
        )
    except IngestionError as error:
        messages.error(request, str(error))
    else:
        words = _("%(name)s begins within seconds.") % {"name": schedule.name}
        messages.success(request, words)
    return redirect("schedules")


def _get(request: Request, pk: int) -> ExportSchedule:
    rows = ExportSchedule.objects.select_related("workspace")
    return access(request.user, rows, Permission.EXPORT, pk=pk)


@signed_in
@require_POST
def run(request: Request, pk: int) -> HttpResponseBase:
    export = schedules.run(schedule=_get(request, pk), user=request.user)
    tasks.enqueue_export(export.pk)
    return redirect("exports")


@signed_in
@require_POST
def switch(request: Request, pk: int) -> HttpResponseBase:
    schedule = _get(request, pk)
    schedules.switch(schedule=schedule, on=not schedule.is_active, user=request.user)
    return redirect("schedules")


@signed_in
@require_POST
def remove(request: Request, pk: int) -> HttpResponseBase:
    schedules.remove(schedule=_get(request, pk), user=request.user)
    messages.success(request, _("The schedule was deleted; what it has written stays there."))
    return redirect("schedules")

"""Exports: asking for one, watching it, taking it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from archive import downloads, services, tasks
from archive.models import Export
from dashboard import keyset
from dashboard.forms import ExportForm
from dashboard.guard import STOP_POLLING, Request, signed_in
from dashboard.shell import Shell, page, shell_of
from dashboard.views.channel import get as get_channel
from ingestion.models import Channel
from workspaces.access import access, within
from workspaces.roles import Permission


@signed_in
@require_safe
def export_list(request: Request) -> HttpResponseBase:
    shell = shell_of(request, section="exports")
    channels = within(shell.workspace, Channel.objects.order_by("title", "pk"))
    return page(
        request,
        shell,
        "exports.html",
        **_listed(request, shell),
        channels=channels.filter(totals__messages__gt=0)[:500],
        formats=Export.Format.choices,
    )


@signed_in
@require_safe
def live_part(request: Request) -> HttpResponseBase:
    """The table, again and again while an export is being written."""
    shell = shell_of(request, section="exports")
    listed = _listed(request, shell)
    context = {"shell": shell, "can": shell.can, **listed}
    status = 200 if listed["moving"] else STOP_POLLING
    return render(request, "dashboard/parts/exports_live.html", context, status=status)


def _listed(request: Request, shell: Shell) -> dict[str, Any]:
    rows = within(shell.workspace, Export.objects.select_related("channel", "requested_by"))
    found = keyset.by_key(
        rows, before=keyset.cursor(request, "before"), after=keyset.cursor(request, "after")
    )
    return {"found": found, "moving": any(row.state in Export.ACTIVE for row in found.rows)}


@signed_in
@require_POST
def make(request: Request) -> HttpResponseBase:
    form = ExportForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a channel and one of the formats.")
        return redirect("exports")
    channel = get_channel(request, form.cleaned_data.pop("channel"), Permission.EXPORT)
    export = services.request_export(channel=channel, user=request.user, **form.cleaned_data)
    tasks.enqueue_export(export.pk)
    return redirect("exports")


def _get(request: Request, pk: int) -> Export:
    return access(request.user, Export.objects.select_related("channel"), Permission.EXPORT, pk=pk)


@signed_in
@require_safe
def download(request: Request, pk: int) -> HttpResponseBase:
    return downloads.respond(request, _get(request, pk))


@signed_in
@require_POST
def cancel(request: Request, pk: int) -> HttpResponseBase:
    services.cancel(export=_get(request, pk), user=request.user)
    return redirect("exports")


@signed_in
@require_POST
def delete(request: Request, pk: int) -> HttpResponseBase:
    services.delete(export=_get(request, pk), user=request.user)
    messages.success(request, "The export and its file were deleted.")
    return redirect("exports")

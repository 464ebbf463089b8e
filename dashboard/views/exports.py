"""Exports: asking for one, watching it, taking it."""

from dataclasses import replace
from typing import Any, Final

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from archive import privacy, services, tasks
from archive.exports import COLUMNS, Options, estimate, files, scope, sidecar
from archive.exports.columns import KEY, SENDERS
from archive.models import Export
from archive.privacy import looked
from dashboard import keyset
from dashboard.asked import asked
from dashboard.chips import chips
from dashboard.forms import ExportForm
from dashboard.guard import STOP_POLLING, Request, is_live, signed_in
from dashboard.shell import Shell, page, shell_of
from dashboard.views.export_links import send
from dashboard.views.redaction import KINDS
from ingestion.errors import IngestionError
from ingestion.models import Channel
from workspaces.access import access, access_workspace, within
from workspaces.roles import Permission

#: Format, and what it is good for.
_FORMATS: Final = (
    ("csv", "CSV", gettext_lazy("Opens in a spreadsheet: a row for each message")),
    ("xlsx", "Excel", gettext_lazy("A workbook, with dates and numbers as such")),
    ("html", "HTML", gettext_lazy("To read: pages for a browser, without a server")),
    ("parquet", "Parquet", gettext_lazy("For analysis: DuckDB, pandas, Spark")),
    (
        "jsonl",
        "JSON Lines",
        gettext_lazy("For programs: everything that is known, earlier versions and the raw record"),
    ),
)
#: The part of the form that says what is known of personal data.
_PERSONAL: Final = "pii"
#: What the form has as it is opened.
_USUAL: Final = {"format": "csv", "with_deleted": True}


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
    rows = within(
        shell.workspace, Export.objects.select_related("channel", "requested_by", "schedule")
    )
    found = keyset.by_key(
        rows, before=keyset.cursor(request, "before"), after=keyset.cursor(request, "after")
    )
    return {"found": found, "moving": any(row.state in Export.ACTIVE for row in found.rows)}


@signed_in
@require_safe
def new(request: Request) -> HttpResponseBase:
    """The form for what the list is filtered by, with what it will cost. With `format` in its
    address, as it was filled in; a script that follows a form asks for the cost alone, or for what is
    known of personal data.
    """
    given = asked(request, dict(request.GET.lists()), section="exports")
    shell, filters = given.shell, given.filters
    complaints = [*given.complaints, *(sentence for _piece, sentence in given.told)]
    access_workspace(request.user, shell.workspace.pk, Permission.EXPORT)
    form = ExportForm(request.GET if "format" in request.GET else _USUAL)
    options = form.options(filters) if form.is_valid() else Options(filters=filters)
    kind = str(form.cleaned_data.get("format") or _USUAL["format"])
    redaction = request.GET.get("redaction", "")
    among, trouble = _channels(shell, options)
    if request.headers.get("HX-Target") == _PERSONAL:
        part = {"can": shell.can, "looked": _looked(shell, among)}
        return render(request, "dashboard/parts/personal_data.html", part)
    cost = None
    if among:
        cost, trouble = _cost(shell, among, kind, options, redaction)
    if is_live(request):
        told = {"cost": cost, "trouble": trouble}
        return render(request, "dashboard/parts/export_cost.html", told)
    redactions = privacy.profiles(shell.workspace)
    channels = within(shell.workspace, Channel.objects.order_by("title", "pk"))
    titles = dict(channels.values_list("pk", "title")) if filters.channels else {}
    return page(
        request,
        shell,
        "export_new.html",
        filters=filters,
        complaints=complaints,
        chips=chips(filters, titles),
        pairs=filters.pairs(),
        options=options,
        redactions=redactions,
        redaction=redaction,
        kind=kind,
        formats=_FORMATS,
        columns=[
            (name, name in COLUMNS["csv"], name in SENDERS, name == KEY)
            for name in COLUMNS["jsonl"]
        ],
        zones=list(dict.fromkeys(["UTC", timezone.get_current_timezone_name()])),
        cost=cost,
        trouble=trouble,
        looked=_looked(shell, among) if among else None,
        kept=shell.workspace.keep_exports_days,
    )


def _redacted(shell: Shell, options: Options, key: str) -> Options:
    """With the profile as it is now. Raises `InputError` for one that is not the workspace's."""
    if not key:
        return options
    return replace(options, redaction=privacy.profile(shell.workspace, key).frozen())


def _channels(shell: Shell, options: Options) -> tuple[list[Channel], str]:
    """Of which it is made, or why of none."""
    try:
        return scope.channels_of(shell.workspace, options), ""
    except IngestionError as error:
        return [], str(error)


def _looked(shell: Shell, channels: list[Channel]) -> dict[str, Any]:
    """What is known of personal data in them, by kind and in words."""
    last = looked.last(shell.workspace, channels)
    return {
        "found": [(word, last.counts[kind]) for kind, word in KINDS.items() if last.counts[kind]],
        "since": last.since,
        "report": last.report,
        "going": last.going,
        "never": last.never,
    }


def _cost(
    shell: Shell, channels: list[Channel], kind: str, options: Options, redaction: str
) -> tuple[estimate.Estimate | None, str]:
    """The estimate, or why there is none. Whether files go out, the redaction may say."""
    try:
        options = _redacted(shell, options, redaction)
        options.check(kind)
        return estimate.estimate(channels, format=kind, options=options), ""
    except IngestionError as error:
        return None, str(error)


@signed_in
@require_POST
def make(request: Request) -> HttpResponseBase:
    if "estimate" in request.POST:
        return redirect(_filled_in(request))
    given = asked(request, dict(request.POST.lists()), section="exports")
    shell, filters = given.shell, given.filters
    complaints = [*given.complaints, *(sentence for _piece, sentence in given.told)]
    access_workspace(request.user, shell.workspace.pk, Permission.EXPORT)
    form = ExportForm(request.POST)
    again = f"{reverse('export-new')}?{filters.query_string()}"
    if complaints or not form.is_valid():
        messages.error(request, " ".join(complaints) or _("Choose one of the formats."))
        return redirect(again)
    try:
        export = services.request_export(
            workspace=shell.workspace,
            format=form.cleaned_data["format"],
            options=_redacted(shell, form.options(filters), request.POST.get("redaction", "")),
            user=request.user,
        )
    except IngestionError as error:
        messages.error(request, str(error))
        return redirect(again)
    tasks.enqueue_export(export.pk)
    return redirect("exports")


def _filled_in(request: Request) -> str:
    """The form's address with what was chosen in it: asked for by a button, because a form that were
    sent by GET would put its token into the address.
    """
    chosen = request.POST.copy()
    for name in ("csrfmiddlewaretoken", "estimate"):
        chosen.pop(name, None)
    return f"{reverse('export-new')}?{chosen.urlencode()}"


def _get(request: Request, pk: int) -> Export:
    return access(request.user, Export.objects.select_related("channel"), Permission.EXPORT, pk=pk)


@signed_in
@require_safe
def download(request: Request, pk: int) -> HttpResponseBase:
    return send(request, _get(request, pk))


@signed_in
@require_safe
def manifest(request: Request, pk: int) -> HttpResponseBase:
    """What lies beside the file: what was asked for, what it holds."""
    export = _get(request, pk)
    path = files.manifest(export)
    if export.state != Export.State.DONE or not path.is_file():
        raise Http404
    name = f"{export.download_name}{sidecar.SUFFIX}"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name)


@signed_in
@require_POST
def cancel(request: Request, pk: int) -> HttpResponseBase:
    services.cancel(export=_get(request, pk), user=request.user)
    return redirect("exports")


@signed_in
@require_POST
def pause(request: Request, pk: int) -> HttpResponseBase:
    services.pause(export=_get(request, pk), user=request.user)
    return redirect("exports")


@signed_in
@require_POST
def resume(request: Request, pk: int) -> HttpResponseBase:
    export = _get(request, pk)
    if services.resume(export=export, user=request.user):
        tasks.enqueue_export(export.pk)
    return redirect("exports")


@signed_in
@require_POST
def delete(request: Request, pk: int) -> HttpResponseBase:
    services.delete(export=_get(request, pk), user=request.user)
    messages.success(request, _("The export and its file were deleted."))
    return redirect("exports")

"""Links to an export's file for people without a login; the columns of exports."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from archive import downloads, links
from archive.exports import COLUMNS, fields
from archive.models import Export, ExportLink
from dashboard.guard import Request, signed_in
from dashboard.shell import page, shell_of
from ingestion.errors import IngestionError
from workspaces.access import access
from workspaces.roles import Permission


@signed_in
@require_safe
def link_list(request: Request, pk: int) -> HttpResponseBase:
    rows = Export.objects.select_related("channel", "workspace")
    export = access(request.user, rows, Permission.EXPORT, pk=pk)
    shell = shell_of(request, section="exports", workspace_id=export.workspace_id)
    found = ExportLink.objects.filter(export=export).select_related("made_by").order_by("-pk")
    return page(
        request,
        shell,
        "export_links.html",
        export=export,
        links=[(link, _address(request, link)) for link in found[:100]],
        days=links.DAYS,
    )


def _address(request: Request, link: ExportLink) -> str:
    return request.build_absolute_uri(reverse("export-shared", args=[links.secret_of(link)]))


@signed_in
@require_POST
def make(request: Request, pk: int) -> HttpResponseBase:
    rows = Export.objects.select_related("channel", "workspace")
    export = access(request.user, rows, Permission.EXPORT, pk=pk)
    days = request.POST.get("days", "")
    try:
        links.make(export=export, days=int(days) if days.isdecimal() else 7, user=request.user)
    except IngestionError as error:
        messages.error(request, str(error))
    return redirect("export-links", pk)


@signed_in
@require_POST
def revoke(request: Request, pk: int) -> HttpResponseBase:
    rows = ExportLink.objects.select_related("export__channel", "export__workspace")
    link = access(request.user, rows, Permission.EXPORT, pk=pk)
    export = link.export_id
    links.revoke(link=link, user=request.user)
    messages.success(request, _("The link was taken back; it leads nowhere any more."))
    return redirect("export-links", export)


def send(request: HttpRequest, export: Export) -> HttpResponseBase:
    """The file; a page for people where it is gone."""
    answer = downloads.respond(request, export)
    return gone(request, link=False) if answer.status_code == HTTPStatus.GONE else answer


def gone(request: HttpRequest, *, link: bool) -> HttpResponse:
    """What somebody reads who comes too late: the link is over, or the file."""
    return render(request, "dashboard/export_gone.html", {"link": link}, status=HTTPStatus.GONE)


@require_safe
def shared(request: HttpRequest, secret: str) -> HttpResponseBase:
    """The file, for whoever has the address. Ranges work; only the beginning counts as one."""
    link = links.find(secret)
    answer = send(request, link.export) if link else gone(request, link=True)
    whole = request.headers.get("Range", "bytes=0-").startswith("bytes=0-")
    if link and request.method == "GET" and answer.status_code in {200, 206} and whole:
        links.note_download(link)
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@signed_in
@require_safe
def dictionary(request: Request) -> HttpResponseBase:
    """What each column is, in each format."""
    shell = shell_of(request, section="exports")
    rows = [
        (field, [kind for kind, names in COLUMNS.items() if field.name in names])
        for field in fields.FIELDS
    ]
    return page(
        request, shell, "export_columns.html", tab="columns", rows=rows, version=fields.VERSION
    )


@signed_in
@require_safe
def schema(_request: Request) -> HttpResponseBase:
    """The JSON Schema of JSON Lines."""
    answer = JsonResponse(fields.json_schema(), json_dumps_params={"indent": 2})
    answer["Content-Type"] = "application/schema+json"
    return answer

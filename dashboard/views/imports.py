"""Imports: uploading a file, looking at what it would bring, bringing it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard import keyset
from dashboard.guard import STOP_POLLING, Request, signed_in
from dashboard.shell import Shell, page, shell_of
from ingestion import tasks
from ingestion.errors import IngestionError, InputError
from ingestion.importing.report import problems_told
from ingestion.models import Import
from ingestion.services import imports
from workspaces.access import access, access_workspace, within
from workspaces.roles import Permission

#: Bytes that a form without a script may bring; a script sends larger files in pieces.
FORM_LIMIT: Final = 100 * 2**20
#: Bytes that are read of a request at a time.
BLOCK: Final = 256 * 1024
#: What a piece may be at most.
PIECE: Final = 16 * 2**20


@signed_in
@require_safe
def import_list(request: Request) -> HttpResponseBase:
    shell = shell_of(request, section="channels")
    zone = timezone.get_current_timezone_name()
    return page(
        request,
        shell,
        "imports.html",
        **_listed(request, shell),
        zones=list(dict.fromkeys(["UTC", zone])),
        limit=FORM_LIMIT,
    )


@signed_in
@require_safe
def live_part(request: Request) -> HttpResponseBase:
    """The table, again and again while something is imported."""
    shell = shell_of(request, section="channels")
    listed = _listed(request, shell)
    context = {"shell": shell, "can": shell.can, **listed}
    status = 200 if listed["moving"] else STOP_POLLING
    return render(request, "dashboard/parts/imports_live.html", context, status=status)


def _listed(request: Request, shell: Shell) -> dict[str, Any]:
    rows = within(shell.workspace, Import.objects.select_related("requested_by", "channel"))
    found = keyset.by_key(
        rows, before=keyset.cursor(request, "before"), after=keyset.cursor(request, "after")
    )
    return {"found": found, "moving": any(row.is_active for row in found.rows)}


@signed_in
@require_POST
def upload(request: Request) -> HttpResponseBase:
    """A whole file by a form, for browsers without scripts."""
    shell = shell_of(request, section="channels")
    access_workspace(request.user, shell.workspace.pk, Permission.CHANNELS)
    if int(request.META.get("CONTENT_LENGTH") or 0) > FORM_LIMIT:
        messages.error(
            request,
            _("This file is too large for a form. With scripts switched on it is sent in pieces."),
        )
        return redirect("imports")
    file = request.FILES.get("file")
    if file is None or not file.size:
        messages.error(request, _("Choose a file that is not empty."))
        return redirect("imports")
    try:
        item = _begin(request, shell, str(file.name), file.size)
        imports.receive(item=item, offset=0, blocks=file.chunks(BLOCK))
    except IngestionError as error:
        messages.error(request, str(error))
        return redirect("imports")
    tasks.requeue_imports()
    return redirect("import", item.pk)


@signed_in
@require_POST
def begin(request: Request) -> HttpResponseBase:
    """`{"url", "page"}` to send a file of `size` bytes called `name` to, in pieces."""
    shell = shell_of(request, section="channels")
    access_workspace(request.user, shell.workspace.pk, Permission.CHANNELS)
    size = request.POST.get("size", "")
    try:
        if not (size.isascii() and size.isdigit() and len(size) < 15):
            raise InputError("NO_SIZE", "The size of the file is missing.", "Try again.")
        item = _begin(request, shell, request.POST.get("name", ""), int(size))
    except IngestionError as error:
        return JsonResponse({"error": str(error)}, status=422)
    return JsonResponse(
        {"url": reverse("import-file", args=[item.pk]), "page": reverse("import", args=[item.pk])},
        status=201,
    )


def _begin(request: Request, shell: Shell, name: str, size: int) -> Import:
    zone = request.POST.get("time_zone") or "UTC"
    return imports.begin_upload(
        workspace=shell.workspace,
        file_name=name,
        size=size,
        channel_ref=request.POST.get("channel", ""),
        time_zone=ZoneInfo(zone).key if zone in available_timezones() else "UTC",
        user=request.user,
    )


def _get(request: Request, pk: int, permission: Permission = Permission.CHANNELS) -> Import:
    return access(request.user, Import.objects.select_related("workspace"), permission, pk=pk)


@signed_in
@require_http_methods(["PATCH", "HEAD"])
def file_part(request: Request, pk: int) -> HttpResponseBase:
    """PATCH appends a piece at `Upload-Offset`; both answer how many bytes are there, in that
    header. A piece for another offset is answered with 409.
    """
    item = _get(request, pk)
    if request.method == "HEAD":
        return _offset(item.received, 200)
    text = request.headers.get("Upload-Offset", "")
    offset = int(text) if text.isascii() and text.isdigit() and len(text) < 15 else -1
    before = item.received
    received = imports.receive(item=item, offset=offset, blocks=_blocks(request))
    if offset != before:
        return _offset(received, 409)
    if received == item.size:
        tasks.requeue_imports()
    return _offset(received, 204)


def _blocks(request: Request) -> Iterator[bytes]:
    left = PIECE
    while left > 0 and (block := request.read(min(BLOCK, left))):
        left -= len(block)
        yield block


def _offset(received: int, status: int) -> HttpResponse:
    return HttpResponse(status=status, headers={"Upload-Offset": str(received)})


@signed_in
@require_safe
def import_page(request: Request, pk: int) -> HttpResponseBase:
    """What it would bring, or brought, channel by channel."""
    item = _get(request, pk, Permission.READ)
    shell = shell_of(request, section="channels", workspace_id=item.workspace_id)
    return page(request, shell, "import.html", **_told(item))


@signed_in
@require_safe
def import_live(request: Request, pk: int) -> HttpResponseBase:
    """The same while it runs."""
    item = _get(request, pk, Permission.READ)
    shell = shell_of(request, section="channels", workspace_id=item.workspace_id)
    context = {"shell": shell, "can": shell.can, **_told(item)}
    status = 200 if item.is_active else STOP_POLLING
    return render(request, "dashboard/parts/import_live.html", context, status=status)


def _told(item: Import) -> dict[str, Any]:
    rows = item.report.get("channels", [])
    names = ("read", "new", "changed", "unchanged", "skipped", "errors")
    reasons: dict[str, int] = {}
    files = _files_of(rows)
    for row in rows:
        for reason, count in row["why"].items():
            reasons[reason] = reasons.get(reason, 0) + count
    return {
        "item": item,
        "rows": rows[:200],
        "more_rows": max(len(rows) - 200, 0),
        "sums": {name: sum(row[name] for row in rows) for name in names},
        "reasons": [(imports.REASONS.get(name, name), count) for name, count in reasons.items()],
        "files": files,
        "other_files": imports.files_told(files),
        "left_out": item.report.get("left_out") or {},
        "problems": problems_told(item.report)[:50],
    }


def _files_of(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures of files over all channels."""
    sums: Counter[str] = Counter()
    why: Counter[str] = Counter()
    for row in rows:
        told = dict(row.get("files") or {})
        why.update(told.pop("why", {}))
        sums.update(told)
    return {**sums, "why": why}


@signed_in
@require_POST
def start(request: Request, pk: int) -> HttpResponseBase:
    """Import what a dry run has looked at."""
    item = _get(request, pk)
    if imports.start(item=item, user=request.user):
        tasks.requeue_imports()
    else:
        messages.error(
            request, _("This import cannot be started: its file is gone, or it is done.")
        )
    return redirect("import", pk)


@signed_in
@require_POST
def pause(request: Request, pk: int) -> HttpResponseBase:
    imports.pause(item=_get(request, pk), user=request.user)
    return redirect("import", pk)


@signed_in
@require_POST
def resume(request: Request, pk: int) -> HttpResponseBase:
    if imports.resume(item=_get(request, pk), user=request.user):
        tasks.requeue_imports()
    return redirect("import", pk)


@signed_in
@require_POST
def cancel(request: Request, pk: int) -> HttpResponseBase:
    imports.cancel(item=_get(request, pk), user=request.user)
    return redirect("import", pk)


@signed_in
@require_POST
def delete(request: Request, pk: int) -> HttpResponseBase:
    if imports.delete(item=_get(request, pk), user=request.user):
        messages.success(request, _("The import was taken off the list. What it brought stays."))
    else:
        messages.error(request, _("It is at work. Cancel it first."))
    return redirect("imports")

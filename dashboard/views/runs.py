"""Sync runs: the list, one run, and stopping it."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from dashboard import keyset
from dashboard.guard import STOP_POLLING, Request, signed_in
from dashboard.shell import page, shell_of
from ingestion import tasks
from ingestion.models import Channel, SyncRun
from ingestion.services import progress
from ingestion.services import runs as service
from workspaces.access import access, within
from workspaces.roles import Permission

#: Of a plan, the highest ranges.
SHOWN_RANGES = 24


def _get(request: Request, pk: int, permission: Permission = Permission.READ) -> SyncRun:
    rows = SyncRun.objects.select_related("channel", "account", "requested_by")
    return access(request.user, rows, permission, pk=pk)


@signed_in
@require_safe
def run_list(request: Request) -> HttpResponseBase:
    """Newest first; `?channel=` and `?state=` narrow it."""
    shell = shell_of(request, section="runs")
    rows = within(shell.workspace, SyncRun.objects.all())
    channel = None
    if (number := keyset.cursor(request, "channel")) is not None:
        channel = access(request.user, within(shell.workspace, Channel.objects.all()), pk=number)
        rows = rows.filter(channel=channel)
    state = request.GET.get("state", "")
    if state == "active":
        rows = rows.filter(state__in=SyncRun.ACTIVE)
    elif state in SyncRun.State.values:
        rows = rows.filter(state=state)
    else:
        state = ""
    rows = rows.select_related("channel", "account").defer("planned", "done")
    found = keyset.by_key(
        rows, before=keyset.cursor(request, "before"), after=keyset.cursor(request, "after")
    )
    return page(request, shell, "runs.html", found=found, channel=channel, state=state)


@signed_in
@require_safe
def run_page(request: Request, pk: int) -> HttpResponseBase:
    run = _get(request, pk)
    shell = shell_of(request, section="runs", workspace_id=run.channel.workspace_id)
    return page(request, shell, "run.html", **_context(run))


@signed_in
@require_safe
def live_part(request: Request, pk: int) -> HttpResponseBase:
    run = _get(request, pk)
    shell = shell_of(request, section="runs", workspace_id=run.channel.workspace_id)
    status = 200 if run.state in SyncRun.ACTIVE else STOP_POLLING
    context = {"can": shell.can, **_context(run)}
    return render(request, "dashboard/parts/run_live.html", context, status=status)


def _context(run: SyncRun) -> dict[str, Any]:
    planned = run.planned.pairs[::-1] if run.planned else ()
    return {
        "run": run,
        "item": progress.of_run(run),
        "moving": run.state in SyncRun.ACTIVE,
        "planned": run.planned,
        "planned_shown": planned[:SHOWN_RANGES],
    }


def _act(request: Request, pk: int, act: Callable[[SyncRun], bool]) -> HttpResponseBase:
    run = _get(request, pk, Permission.SYNC)
    with transaction.atomic():
        act(run)
        tasks.enqueue_due()
    back = request.POST.get("back", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = reverse("run", args=[pk])
    return redirect(back)


@signed_in
@require_POST
def pause(request: Request, pk: int) -> HttpResponseBase:
    return _act(request, pk, lambda run: service.pause(run=run, user=request.user))


@signed_in
@require_POST
def resume(request: Request, pk: int) -> HttpResponseBase:
    return _act(request, pk, lambda run: service.resume(run=run, user=request.user))


@signed_in
@require_POST
def cancel(request: Request, pk: int) -> HttpResponseBase:
    return _act(request, pk, lambda run: service.cancel(run=run, user=request.user))

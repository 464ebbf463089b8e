"""Sync runs: the list, one run with its history, stopping it and starting it again."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard import keyset, plan, run_filters, timeline
from dashboard.guard import STOP_POLLING, Request, signed_in, way_back
from dashboard.shell import page, shell_of
from ingestion import tasks
from ingestion.errors import IngestionError
from ingestion.models import Account, Channel, ChannelTotals, SyncRun
from ingestion.pages import UNTRUSTED
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
    """Newest first; `?channel=`, `?state=`, `?kind=`, `?account=` and `?by=` narrow it."""
    shell = shell_of(request, section="runs")
    filters = run_filters.read(request, shell)
    rows = filters.narrow(within(shell.workspace, SyncRun.objects.all()))
    rows = rows.select_related("channel", "account", "requested_by").defer("planned", "done")
    found = keyset.by_key(
        rows, before=keyset.cursor(request, "before"), after=keyset.cursor(request, "after")
    )
    return page(
        request, shell, "runs.html", found=found, filters=filters, **run_filters.choices(shell)
    )


@signed_in
@require_safe
def run_page(request: Request, pk: int) -> HttpResponseBase:
    run = _get(request, pk)
    shell = shell_of(request, section="runs", workspace_id=run.channel.workspace_id)
    return page(request, shell, "run.html", **_context(request, run))


@signed_in
@require_safe
def live_part(request: Request, pk: int) -> HttpResponseBase:
    run = _get(request, pk)
    shell = shell_of(request, section="runs", workspace_id=run.channel.workspace_id)
    status = 200 if run.state in SyncRun.ACTIVE else STOP_POLLING
    context = {"can": shell.can, "swapping": True, "shell": shell, **_context(request, run)}
    return render(request, "dashboard/parts/run_live.html", context, status=status)


def _context(request: Request, run: SyncRun) -> dict[str, Any]:
    planned = run.planned.pairs[::-1] if run.planned else ()
    events = list(run.events.select_related("user").order_by("pk"))
    shown = events if request.GET.get("history") == "all" else events[-timeline.SHOWN :]
    ended = run.state in SyncRun.ENDED
    return {
        "run": run,
        "item": progress.of_run(run),
        "moving": not ended,
        "ended": ended,
        "planned": run.planned,
        "planned_shown": planned[:SHOWN_RANGES],
        "plan": plan.draw(run.planned, run.done),
        "lines": timeline.lines(run, reversed(shown)),
        "earlier_lines": len(events) - len(shown),
        "bar": timeline.bar(run, events),
        "pace": progress.pace(run, events),
        "untrusted": run.error_code in UNTRUSTED and run.state != SyncRun.State.DONE,
        "account_lost": bool(run.account and run.account.state != Account.State.READY),
    }


def _button(act: service.Press) -> Callable[[HttpRequest, int], HttpResponseBase]:
    """The view that does it to one run, and leads back to where it was pressed."""

    @signed_in
    @require_POST
    def pressed(request: Request, pk: int) -> HttpResponseBase:
        run = _get(request, pk, Permission.SYNC)
        with transaction.atomic():
            act(run=run, user=request.user)
            tasks.enqueue_due()
        return redirect(way_back(request.POST.get("back", ""), reverse("run", args=[pk])))

    return pressed


pause = _button(service.pause)
resume = _button(service.resume)
cancel = _button(service.cancel)
try_now = _button(service.try_takeout)


@signed_in
@require_POST
def retry(request: Request, pk: int) -> HttpResponseBase:
    """The same kind of run again; the active one where there is one."""
    run = _get(request, pk, Permission.SYNC)
    try:
        with transaction.atomic():
            again = service.retry(run=run, user=request.user)
            tasks.enqueue_due()
    except IngestionError as error:
        messages.error(request, str(error))
        return redirect("run", pk)
    return redirect(way_back(request.POST.get("back", ""), reverse("run", args=[again.pk])))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def emptied(request: Request, pk: int) -> HttpResponseBase:
    """Confirm that a channel was really emptied; GET says what that would mean."""
    rows = Channel.objects.select_related("workspace")
    channel = access(request.user, rows, Permission.CHANNELS, pk=pk)
    if request.method == "POST":
        try:
            with transaction.atomic():
                run = service.refresh_emptied(channel=channel, user=request.user)
                tasks.enqueue_due()
        except IngestionError as error:
            messages.error(request, str(error))
            return redirect("channel-emptied", pk)
        return redirect("run", run.pk)
    shell = shell_of(request, section="channels", workspace_id=channel.workspace_id)
    totals = ChannelTotals.objects.filter(channel=channel).first() or ChannelTotals()
    alive = totals.messages - totals.deleted
    return page(request, shell, "run_emptied.html", channel=channel, alive=alive, totals=totals)

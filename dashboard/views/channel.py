"""One channel: how complete it is, what goes on, what is newest; and the presses."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from archive import search
from archive.models import Export
from dashboard import active, attention, states
from dashboard.cards import cards
from dashboard.gaps import stretches
from dashboard.guard import STOP_POLLING, Request, signed_in
from dashboard.shell import Shell, page, shell_of
from dashboard.tape import draw
from ingestion import coverage, tasks
from ingestion.errors import IngestionError
from ingestion.models import Channel, ChannelTotals, Quarantine, SyncRun
from ingestion.services import runs as service
from workspaces.access import access, within
from workspaces.roles import Permission

RUNS = 7
NEWEST = 5
EXPORTS = 5

#: Seconds for which a moving channel's absent stretches are drawn without looking again: finding
#: them reads the channel's whole key index.
ABSENT_KEPT = 10


def get(request: Request, pk: int, permission: Permission = Permission.READ) -> Channel:
    """The channel, or the answer that its workspace gives to this person."""
    return access(request.user, Channel.objects.select_related("workspace"), permission, pk=pk)


@signed_in
@require_safe
def channel_page(request: Request, pk: int) -> HttpResponseBase:
    channel = get(request, pk)
    shell = shell_of(request, section="channels", workspace_id=channel.workspace_id)
    return page(
        request,
        shell,
        "channel.html",
        quarantined=within(shell.workspace, Quarantine.objects.filter(channel=channel)).count(),
        **_moving_parts(shell, channel),
    )


@signed_in
@require_safe
def live_part(request: Request, pk: int) -> HttpResponseBase:
    """What moves on the page, again and again while runs are active."""
    channel = get(request, pk)
    shell = shell_of(request, section="channels", workspace_id=channel.workspace_id)
    parts = _moving_parts(shell, channel)
    # Messages that have not changed stay: somebody may be reading or copying them.
    renewed = str(parts["seen"]) != request.GET.get("seen")
    context = {"shell": shell, "can": shell.can, "swapping": True, "renewed": renewed, **parts}
    status = 200 if parts["moving"] else STOP_POLLING
    return render(request, "dashboard/parts/channel_live.html", context, status=status)


def _moving_parts(shell: Shell, channel: Channel) -> dict[str, Any]:
    live = active.of_channel(channel)
    moving = bool(live and live.press.active)
    report = coverage.report(channel)
    absent = _absent(channel, moving=moving)
    newest = search.newest(workspace=shell.workspace, channel=channel, limit=NEWEST)
    runs = within(shell.workspace, SyncRun.objects.filter(channel=channel))
    totals = ChannelTotals.objects.filter(channel=channel).first()
    leading = None
    if live and moving:
        busy = [item.run for item in live.press.runs if item.run.state in SyncRun.ACTIVE]
        order = {SyncRun.State.RUNNING: 0, SyncRun.State.WAITING: 1}
        leading = min(busy, key=lambda run: order.get(SyncRun.State(run.state), 2))
    failed = next(iter(attention.failed_runs(shell, channel)), None)
    exports = within(shell.workspace, Export.objects.filter(channel=channel))
    return {
        "exports": exports.select_related("channel", "requested_by").order_by("-pk")[:EXPORTS],
        "formats": Export.Format.choices,
        "channel": channel,
        "moving": moving,
        "seen": newest.messages[0].message_id if newest.messages else 0,
        "badge": states.of_channel(channel, leading, failed),
        "live": live,
        "report": report,
        "tape": draw(report, absent),
        "stretches": stretches(report, absent),
        "totals": totals or ChannelTotals(),
        "runs": runs.select_related("account").defer("planned", "done").order_by("-pk")[:RUNS],
        "cards": cards(shell.workspace, newest),
    }


def _absent(channel: Channel, *, moving: bool) -> list[tuple[int, int]]:
    key = f"absent:{channel.pk}"
    if moving and (kept := cache.get(key)) is not None:
        return list(kept)
    found = coverage.absent_ranges(channel, limit=100)
    cache.set(key, found, ABSENT_KEPT)
    return found


@signed_in
@require_POST
def sync(request: Request, pk: int) -> HttpResponseBase:
    channel = get(request, pk, Permission.SYNC)
    try:
        with transaction.atomic():
            service.request_sync(channel=channel, user=request.user)
            tasks.enqueue_due()
    except IngestionError as error:
        messages.error(request, str(error))
    return redirect("channel", pk)


def _on_press(request: Request, pk: int, act: Callable[[SyncRun], bool]) -> HttpResponseBase:
    """Do it to every run of the channel that is active."""
    channel = get(request, pk, Permission.SYNC)
    with transaction.atomic():
        for run in SyncRun.objects.filter(channel=channel, state__in=SyncRun.ACTIVE):
            act(run)
        tasks.enqueue_due()
    return redirect("channel", pk)


@signed_in
@require_POST
def pause(request: Request, pk: int) -> HttpResponseBase:
    return _on_press(request, pk, lambda run: service.pause(run=run, user=request.user))


@signed_in
@require_POST
def resume(request: Request, pk: int) -> HttpResponseBase:
    return _on_press(request, pk, lambda run: service.resume(run=run, user=request.user))


@signed_in
@require_POST
def cancel(request: Request, pk: int) -> HttpResponseBase:
    return _on_press(request, pk, lambda run: service.cancel(run=run, user=request.user))

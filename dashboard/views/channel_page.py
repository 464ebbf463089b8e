"""One channel: what it is, how complete, what goes on, what was posted when, what is newest."""

from typing import Any

from django.core.cache import cache
from django.http import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from archive import search
from archive.models import Export
from dashboard import active, activity, attention, links, profile, ranges, states
from dashboard.cards import cards
from dashboard.gaps import stretches
from dashboard.guard import STOP_POLLING, Request, signed_in
from dashboard.shell import Shell, page, shell_of
from dashboard.tape import Tape, draw
from dashboard.views.channel import get
from ingestion import coverage
from ingestion.coverage import CoverageReport
from ingestion.models import Channel, ChannelTotals, Quarantine, SyncRun
from ingestion.services import listening
from workspaces.access import within

RUNS = 7
NEWEST = 3
EXPORTS = 5
#: Records that could not be read and are named; of more the rest is in the archive's tables.
BROKEN = 50

#: Seconds for which absent stretches are drawn without looking again, at most: as long as neither
#: messages nor coverage grew they cannot have changed, while a run moves they are a little old.
ABSENT_KEPT = 86_400
ABSENT_KEPT_MOVING = 10


@signed_in
@require_safe
def channel_page(request: Request, pk: int) -> HttpResponseBase:
    channel = get(request, pk)
    shell = shell_of(request, section="channels", workspace_id=channel.workspace_id)
    shown = ranges.parse(request.GET, first=activity.first_day(channel, request.GET))
    top = activity.top(channel, shown, request.GET.get("top", ""))
    moving = _moving_parts(shell, channel)
    return page(
        request,
        shell,
        "channel.html",
        profile=profile.of_channel(shell.workspace, channel),
        telegram=links.telegram_link(channel),
        app=links.app_link(channel),
        range=shown,
        choices=ranges.CHOICES,
        keep=[("top", top.measure)] if request.GET.get("top") else [],
        top=top,
        chart=activity.chart(channel, shown, request.GET),
        calendar=activity.year(channel, shown, moving["report"].kept_since),
        **moving,
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
    response = render(request, "dashboard/parts/channel_live.html", context, status=status)
    if request.GET.get("empty") and parts["totals"].messages:
        # The first messages came: the page now has charts, which it was made without.
        response["HX-Refresh"] = "true"
    return response


def _moving_parts(shell: Shell, channel: Channel) -> dict[str, Any]:
    live = active.of_channel(channel)
    moving = bool(live and live.press.active)
    newest = search.newest(workspace=shell.workspace, channel=channel, limit=NEWEST)
    runs = within(shell.workspace, SyncRun.objects.filter(channel=channel))
    totals = ChannelTotals.objects.filter(channel=channel).first() or ChannelTotals()
    runs_of_press = [item.run for item in live.press.runs] if live else []
    busy = [run for run in runs_of_press if run.state in SyncRun.ACTIVE]
    order = {SyncRun.State.RUNNING: 0, SyncRun.State.WAITING: 1}
    leading = min(busy, key=lambda run: order.get(SyncRun.State(run.state), 2), default=None)
    # What goes on now is what its badge says.
    failed = None if leading else next(iter(attention.failed_runs(shell, channel)), None)
    following = listening.of([channel])[channel.pk]
    return {
        "exports": _exports(shell, channel),
        "formats": Export.Format.choices,
        "channel": channel,
        "following": following,
        "followed": states.of_live(following),
        "moving": moving,
        "seen": newest.messages[0].message_id if newest.messages else 0,
        "badge": states.of_channel(channel, leading, failed),
        "live": live,
        "totals": totals,
        "runs": runs.select_related("account").defer("planned", "done").order_by("-pk")[:RUNS],
        "cards": cards(shell.workspace, newest, pictures=False),
        **_completeness(shell, channel, totals, busy, moving=moving),
    }


def _exports(shell: Shell, channel: Channel) -> list[Export]:
    rows = within(shell.workspace, Export.objects.filter(channel=channel))
    found = list(rows.select_related("requested_by").order_by("-pk")[:EXPORTS])
    for export in found:
        export.channel = channel
    return found


def _completeness(
    shell: Shell, channel: Channel, totals: ChannelTotals, busy: list[SyncRun], *, moving: bool
) -> dict[str, Any]:
    """The tape, its scale, and the table of what is missing."""
    report = coverage.report(channel, totals)
    absent = _absent(channel, report, moving=moving)
    quarantine = within(shell.workspace, Quarantine.objects.filter(channel=channel))
    broken = list(quarantine.defer("raw").order_by("-message_id")[:BROKEN])
    backfill = next((run for run in busy if run.kind == SyncRun.Kind.BACKFILL), None)
    tape = draw(report, absent)
    found = stretches(report, absent, broken, backfill)
    # One question for the scale and the table.
    ends = [(id_, id_) for _, _, id_ in tape.ticks]
    posted = coverage.posted(channel, [*ends, *found.ends])
    return {
        "report": report,
        "tape": tape,
        "ticks": _scale(tape, posted[: len(ends)]),
        "stretches": found.dated(posted[len(ends) :]),
        "broken": len(broken),
        "more_broken": len(broken) == BROKEN,
        "absent_window": coverage.ABSENT_WINDOW if _is_cut(channel) else 0,
    }


def _scale(tape: Tape, posted: list[Any]) -> list[tuple[str, str, int, Any]]:
    """`(x, anchor, id, when it was posted)`."""
    return [
        (x, anchor, id_, before or after)
        for (x, anchor, id_), (before, after) in zip(tape.ticks, posted, strict=True)
    ]


def _is_cut(channel: Channel) -> bool:
    return channel.top_id > coverage.ABSENT_WINDOW


def _absent(channel: Channel, report: CoverageReport, *, moving: bool) -> list[tuple[int, int]]:
    """Kept until something was archived or asked for; looking reads many keys of an index."""
    if not report.absent:
        return []
    key = f"absent:{channel.pk}"
    now = [report.messages, len(report.covered), channel.top_id]
    kept = cache.get(key)
    if kept and (kept["at"] == now or (moving and kept["fresh"])):
        return list(kept["found"])
    found = coverage.absent_ranges(channel, limit=100)
    cache.set(
        key,
        {"at": now, "fresh": moving, "found": found},
        ABSENT_KEPT_MOVING if moving else ABSENT_KEPT,
    )
    return found

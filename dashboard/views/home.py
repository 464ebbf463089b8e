"""The dashboard: what fails, what there is, what goes on, how complete it is."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Sum
from django.http import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from archive import search
from dashboard import active, attention, checklist
from dashboard.cards import cards
from dashboard.guard import Request, signed_in
from dashboard.shell import Shell, page, shell_of
from dashboard.tape import Tape, draw
from ingestion import coverage
from ingestion.models import Account, Channel
from ingestion.services import progress
from workspaces.access import within

#: Rows of the coverage card; the channels page has the rest.
MOST_CHANNELS = 12
NEWEST = 6


@dataclass(frozen=True)
class Covered:
    """One row of the coverage card."""

    channel: Channel
    tape: Tape


@signed_in
@require_safe
def home(request: Request) -> HttpResponseBase:
    shell = shell_of(request, section="home")
    if not shell.channels:
        return page(request, shell, "welcome.html", **_steps(shell))
    newest = search.newest(workspace=shell.workspace, limit=NEWEST)
    return page(
        request,
        shell,
        "home.html",
        cards=cards(shell.workspace, newest),
        checklist=checklist.of(shell),
        **_live_context(shell),
    )


@signed_in
@require_safe
def live(request: Request) -> HttpResponseBase:
    """What moves on the dashboard: often while runs are active, else now and then."""
    shell = shell_of(request, section="home")
    context = {"shell": shell, "can": shell.can, "swapping": True, **_live_context(shell)}
    return render(request, "dashboard/parts/home_live.html", context)


def _live_context(shell: Shell) -> dict[str, Any]:
    here = within(shell.workspace, Channel.objects.filter(removed_at=None))
    channels = list(here)
    reports = coverage.reports(channels)
    rows = [Covered(channel, draw(reports[channel.pk])) for channel in channels]
    rows.sort(key=lambda row: (row.tape.percent, row.channel.title))
    covered = sum(len(report.covered) for report in reports.values())
    gaps = sum(len(report.gaps) for report in reports.values())
    sums = here.aggregate(
        messages=Sum("totals__messages", default=0),
        deleted=Sum("totals__deleted", default=0),
        revisions=Sum("totals__revisions", default=0),
    )
    runs = list(active.runs_of(shell.workspace)[: active.MOST_RUNS])
    return {
        "problems": attention.problems(shell),
        "covered": rows[:MOST_CHANNELS],
        "unsynced": sum(not report.covered for report in reports.values()),
        "complete": sum(not report.gaps and bool(report.covered) for report in reports.values()),
        "percent": 100 * covered / (covered + gaps) if covered + gaps else 0.0,
        "gaps": gaps,
        "totals": sums,
        "runs": [progress.of_run(run) for run in runs],
        "more_runs": max(shell.active_runs - len(runs), 0),
    }


def _steps(shell: Shell) -> dict[str, Any]:
    """How far a newcomer has come: an account that is connected, or one that nearly is."""
    accounts = list(within(shell.workspace, Account.objects.order_by("pk")))
    ready = [account for account in accounts if account.state == Account.State.READY]
    return {
        "account": next(iter(ready), None),
        "unfinished": next(iter(accounts), None) if not ready else None,
        "checklist": checklist.of(shell),
        "demo_address": checklist.running_demo(),
    }

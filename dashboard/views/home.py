"""The dashboard: what fails, what there is, what goes on, how complete it is."""

from typing import Any

from django.db.models import Count, Window
from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from archive import search
from dashboard import active, attention, checklist, machines, overview, ranges
from dashboard.cards import cards
from dashboard.guard import Request, signed_in
from dashboard.overview import Overview
from dashboard.shell import Shell, page, shell_of
from ingestion.models import Account
from ingestion.services import progress
from ingestion.services.standing import Lost

NEWEST = 5
ACCOUNTS = 6


@signed_in
@require_safe
def home(request: Request) -> HttpResponseBase:
    """`?range=` and, of a custom one, `?from=` and `?to=`."""
    shell = shell_of(request, section="home")
    found = overview.of(shell, request.GET)
    if not found.channels:
        return page(request, shell, "welcome.html", **_steps(shell))
    return page(
        request,
        shell,
        "home.html",
        choices=ranges.CHOICES,
        checklist=checklist.of(shell),
        **_parts(shell, found),
    )


@signed_in
@require_safe
def live(request: Request) -> HttpResponseBase:
    """What moves on the dashboard: often while runs are active, else now and then."""
    shell = shell_of(request, section="home")
    parts = _parts(shell, overview.of(shell, request.GET))
    # Messages that have not changed stay, somebody may be reading them; so does the chart while
    # it grows, somebody may be pointing at it.
    drawn = request.GET.get("drawn", "")
    grown = drawn != str(parts["drawn"]) and (drawn == "0" or not shell.active_runs)
    context = {
        "shell": shell,
        "can": shell.can,
        "swapping": True,
        "renewed": request.GET.get("seen") != parts["seen"],
        "grown": grown,
        **parts,
    }
    if not grown:
        context["drawn"] = drawn
    return render(request, "dashboard/parts/home_live.html", context)


def _parts(shell: Shell, found: Overview) -> dict[str, Any]:
    newest = search.newest(workspace=shell.workspace, limit=NEWEST)
    first = newest.messages[0] if newest.messages else None
    going = active.runs_of(shell.workspace).annotate(of=Window(Count("pk")))
    runs = list(going[: active.MOST_RUNS])
    shell.knows(active_runs=runs[0].of if runs else 0)
    return {
        "range": found.range,
        "overview": found,
        "drawn": sum(found.posted),
        "problems": attention.problems(shell),
        "runs": [progress.of_run(run) for run in runs],
        "more_runs": max(shell.active_runs - len(runs), 0),
        "cards": cards(shell.workspace, newest, pictures=False),
        "seen": f"{first.channel_id}-{first.message_id}" if first else "",
        "machines": machines.look(shell.alive),
        "accounts": _accounts(shell),
    }


def _accounts(shell: Shell) -> list[tuple[Account, float]]:
    """Accounts, and the seconds for which Telegram asked each to wait still."""
    shell.knows(
        account_states=[account.state for account in shell.accounts],
        lost=[
            Lost(account.pk, str(account), account.error)
            for account in shell.accounts
            if account.state == Account.State.LOST
        ],
    )
    now = timezone.now()
    left: dict[int, float] = {}
    for wait in shell.flood_waits:  # the longest first
        left.setdefault(wait.account_id, (wait.until - now).total_seconds())
    return [(account, left.get(account.pk, 0.0)) for account in shell.accounts[:ACCOUNTS]]


def _steps(shell: Shell) -> dict[str, Any]:
    """How far a newcomer has come: an account that is connected, or one that nearly is."""
    accounts = shell.accounts
    ready = [account for account in accounts if account.state == Account.State.READY]
    return {
        "account": next(iter(ready), None),
        "unfinished": next(iter(accounts), None) if not ready else None,
        "checklist": checklist.of(shell),
        "demo_address": checklist.running_demo(),
    }

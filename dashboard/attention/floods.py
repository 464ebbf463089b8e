"""Telegram asked an account for a pause."""

from collections import Counter

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import wording
from dashboard.attention.problem import Problem
from dashboard.shell import Shell
from ingestion.models import FloodWait, SyncRun
from workspaces.access import within


def problems(shell: Shell) -> list[Problem]:
    rows = shell.flood_waits
    if not rows:
        return []
    stuck = within(shell.workspace, SyncRun.objects.filter(state=SyncRun.State.WAITING))
    waiting = Counter(stuck.values_list("account_id", flat=True))
    return [_problem(row, waiting[row.account_id]) for row in rows]


def _problem(row: FloodWait, runs: int) -> Problem:
    left = (row.until - timezone.now()).total_seconds()
    asked = _("Telegram asked for %(time)s without %(method)s requests.") % {
        "time": wording.duration(row.seconds),
        "method": row.method,
    }
    held = ngettext("%(n)s run waits for it.", "%(n)s runs wait for it.", runs) % {
        "n": wording.number(runs)
    }
    return Problem(
        tone="warn",
        icon="timer",
        before=_("Flood wait of the account"),
        name=str(row.account),
        address=reverse("account", args=[row.account_id]),
        cause=f"{asked} {held}" if runs else asked,
        safe=_("Other requests go on."),
        next=_("It goes on by itself at %(time)s. Nothing to do.")
        % {"time": f"{timezone.localtime(row.until):%H:%M}"},
        figure=wording.clock(left),
        unit=_("left of %(time)s") % {"time": wording.clock(row.seconds)},
    )

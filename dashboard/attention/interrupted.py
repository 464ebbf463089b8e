"""Runs whose worker is gone, and that nobody took up again as is usual within seconds."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.attention.problem import Action, Problem, since
from dashboard.shell import Shell
from ingestion.models import SyncRun
from workspaces.access import within

#: The tick queues them again after a second.
LONG = timedelta(minutes=2)
MOST = 5
SOME = """
EXISTS (SELECT FROM ingestion_syncrun run
        JOIN ingestion_channel channel ON channel.id = run.channel_id
        WHERE channel.workspace_id = %(workspace)s AND run.state = 'interrupted')
"""


def problems(shell: Shell) -> list[Problem]:
    rows = within(
        shell.workspace,
        SyncRun.objects.filter(
            state=SyncRun.State.INTERRUPTED, slice_ended_at__lt=timezone.now() - LONG
        ),
    ).select_related("channel")
    return [_problem(shell, run) for run in rows.defer("planned", "done").order_by("pk")[:MOST]]


def _problem(shell: Shell, run: SyncRun) -> Problem:
    return Problem(
        tone="warn",
        icon="unplug",
        before=_("A run stands still for"),
        name=run.channel.title,
        address=reverse("run", args=[run.pk]),
        cause=_("Its worker ended in the middle of it, and nobody hands out work at the moment."),
        safe=_("What it had archived is safe."),
        next=_("It goes on by itself as soon as tgadmin runs again on the server."),
        action=Action(_("Resume"), reverse("run-resume", args=[run.pk]), posts=True)
        if shell.can["sync"]
        else None,
        **since(run.slice_ended_at),
    )

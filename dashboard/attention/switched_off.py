"""Channels that have a schedule and are switched off, so that it does nothing."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import wording
from dashboard.attention.problem import Action, Problem
from dashboard.shell import Shell
from ingestion.models import Channel
from workspaces.access import within

MOST = 5
SOME = """
EXISTS (SELECT FROM ingestion_channel
        WHERE workspace_id = %(workspace)s AND NOT enabled AND removed_at IS NULL
          AND sync_every_minutes IS NOT NULL)
"""


def problems(shell: Shell) -> list[Problem]:
    rows = Channel.objects.filter(
        enabled=False, removed_at=None, sync_every_minutes__isnull=False
    ).order_by("pk")
    return [_problem(shell, channel) for channel in within(shell.workspace, rows)[:MOST]]


def _problem(shell: Shell, channel: Channel) -> Problem:
    minutes = channel.sync_every_minutes or 0
    return Problem(
        tone="warn",
        icon="circle-pause",
        before=_("Switched off, though it has a schedule:"),
        name=channel.title,
        address=reverse("channel", args=[channel.pk]),
        cause=ngettext(
            "It is to be synced every %(n)s minute, and is not, because it is switched off.",
            "It is to be synced every %(n)s minutes, and is not, because it is switched off.",
            minutes,
        )
        % {"n": wording.number(minutes)},
        safe=_("Everything archived is safe."),
        next=_("Switch it on, or take its schedule away."),
        action=Action(_("Switch on"), reverse("channel-enable", args=[channel.pk]), posts=True)
        if shell.can["channels"]
        else None,
    )

"""Runs that failed and that no later run of their kind has mended."""

from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import wording
from dashboard.attention.problem import Action, Problem, since
from dashboard.shell import Shell
from ingestion.models import Account, Channel, ChannelTotals, SyncRun
from ingestion.pages import UNTRUSTED
from workspaces.access import within

#: A failure that nobody mended for so long is history.
RECENT = timedelta(days=14)
SOME = """
EXISTS (SELECT FROM ingestion_syncrun run
        JOIN ingestion_channel channel ON channel.id = run.channel_id
        WHERE channel.workspace_id = %(workspace)s AND run.state = 'failed'
          AND run.created_at > now() - interval '14 days')
"""


def failed_runs(shell: Shell, channel: Channel | None = None) -> list[SyncRun]:
    """The last run of a channel and kind where it failed, newest first, one a channel."""
    rows = SyncRun.objects.filter(
        state=SyncRun.State.FAILED, created_at__gt=timezone.now() - RECENT
    )
    if channel is not None:
        rows = rows.filter(channel=channel)
        if not rows.exists():  # nearly always; the rest takes four times as long
            return []
    later = SyncRun.objects.filter(
        channel=OuterRef("channel"), kind=OuterRef("kind"), pk__gt=OuterRef("pk")
    )
    rows = within(
        shell.workspace,
        rows.filter(~Exists(later), channel__removed_at=None, channel__enabled=True),
    )
    one_each: dict[int, SyncRun] = {}
    rows = rows.select_related("channel", "account").defer("planned", "done")
    for run in rows.order_by("-pk"):
        one_each.setdefault(run.channel_id, run)
    return list(one_each.values())


def problems(shell: Shell) -> list[Problem]:
    failed = failed_runs(shell)
    totals = ChannelTotals.objects.in_bulk([run.channel_id for run in failed])
    return [
        _problem(shell, run, totals[run.channel_id].messages if run.channel_id in totals else 0)
        for run in failed
    ]


def _problem(shell: Shell, run: SyncRun, kept: int) -> Problem:
    access = run.error_class == "access"
    return Problem(
        tone="bad",
        icon="lock" if access else "circle-x",
        before=_("Lost access to") if access else _FAILED[run.kind](),
        name=run.channel.title,
        address=reverse("run", args=[run.pk]),
        cause=str(run.error) or _("The run ended with an error."),
        safe=ngettext(
            "The %(n)s archived message is safe.", "All %(n)s archived messages are safe.", kept
        )
        % {"n": wording.number(kept)}
        if kept
        else "",
        next=_next(run),
        action=_action(shell, run),
        **since(run.ended_at),
    )


_FAILED = {
    "update": lambda: _("Update failed for"),
    "refresh": lambda: _("Refresh failed for"),
    "backfill": lambda: _("Backfill failed for"),
}


def _needs_login(run: SyncRun) -> bool:
    return run.account is not None and run.account.state != Account.State.READY


def _next(run: SyncRun) -> str:
    if _needs_login(run):
        return _("Connect its account, then retry: only what is missing is asked for.")
    if run.error_code in UNTRUSTED:
        return _("Retry asks again.")
    return _("Retry goes on where it stopped.")


def _action(shell: Shell, run: SyncRun) -> Action | None:
    if _needs_login(run) and shell.can["accounts"]:
        return Action(_("Open account"), reverse("account", args=[run.account_id]))
    if not shell.can["sync"]:
        return None
    return Action(_("Retry"), reverse("run-retry", args=[run.pk]), posts=True)

"""What fails, each with its cause, what is safe, what happens next, and one action."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, Max, OuterRef
from django.urls import reverse
from django.utils import timezone

from archive.models import Export
from dashboard import wording
from dashboard.shell import Shell
from ingestion.models import (
    Account,
    Channel,
    ChannelTotals,
    FloodWait,
    Quarantine,
    SyncRun,
)
from workspaces.access import within

#: A failure that nobody mended for so long is history.
RECENT = timedelta(days=14)
#: Exports are made again, not mended.
RECENT_EXPORTS = timedelta(days=2)


@dataclass(frozen=True)
class Action:
    """A link, or a form's button where `posts` is true."""

    label: str
    address: str
    posts: bool = False


@dataclass(frozen=True)
class Problem:
    """One line of “Needs attention”. `before`, `name` and `after` make its heading."""

    tone: str
    icon: str
    before: str
    name: str
    address: str
    after: str
    cause: str
    safe: str
    next: str
    action: Action | None = None
    figure: str = ""
    unit: str = ""


def problems(shell: Shell) -> list[Problem]:
    """The worst first."""
    found = [*_workers(shell), *_accounts(shell), *_runs(shell), *_quarantine(shell)]
    found += [*_exports(shell), *_floods(shell)]
    return sorted(found, key=lambda problem: problem.tone != "bad")


def _workers(shell: Shell) -> list[Problem]:
    if shell.workers or not (shell.active_runs or shell.channels):
        return []
    return [
        Problem(
            tone="bad",
            icon="server-off",
            before="No worker is alive",
            name="",
            address="",
            after="",
            cause="Nothing was heard from a worker for 20 seconds, so nothing is fetched.",
            safe="Everything archived is safe, and every run goes on where it was.",
            next="Start tgadmin again on the server: python3 manage.py up",
        )
    ]


def _accounts(shell: Shell) -> list[Problem]:
    rows = within(shell.workspace, Account.objects.filter(state=Account.State.LOST)).order_by("pk")
    return [
        Problem(
            tone="bad",
            icon="key-round",
            before="Telegram ended the login of",
            name=str(account),
            address=reverse("account", args=[account.pk]),
            after="",
            cause=account.error or "The session is no longer valid.",
            safe="Everything archived is safe.",
            next="Its runs wait until it is connected again.",
            action=Action("Connect again", reverse("account", args=[account.pk]))
            if shell.can["accounts"]
            else None,
            **_since(account.error_at),
        )
        for account in rows
    ]


def failed_runs(shell: Shell, channel: Channel | None = None) -> list[SyncRun]:
    """The last run of a channel and kind where it failed, newest first, one a channel."""
    later = SyncRun.objects.filter(
        channel=OuterRef("channel"), kind=OuterRef("kind"), pk__gt=OuterRef("pk")
    )
    rows = within(
        shell.workspace,
        SyncRun.objects.filter(
            ~Exists(later),
            state=SyncRun.State.FAILED,
            created_at__gt=timezone.now() - RECENT,
            channel__removed_at=None,
            channel__enabled=True,
        ),
    )
    if channel is not None:
        rows = rows.filter(channel=channel)
    one_each: dict[int, SyncRun] = {}
    for run in rows.select_related("channel").defer("planned", "done").order_by("-pk"):
        one_each.setdefault(run.channel_id, run)
    return list(one_each.values())


def _runs(shell: Shell) -> list[Problem]:
    failed = failed_runs(shell)
    totals = ChannelTotals.objects.in_bulk([run.channel_id for run in failed])
    out = []
    for run in failed:
        kept = totals[run.channel_id].messages if run.channel_id in totals else 0
        access = run.error_class == "access"
        out.append(
            Problem(
                tone="bad",
                icon="lock" if access else "circle-x",
                before="Lost access to" if access else f"{run.get_kind_display()} failed for",
                name=run.channel.title,
                address=reverse("channel", args=[run.channel_id]),
                after="",
                cause=run.error or "The run ended with an error.",
                safe=f"All {kept:,} archived messages are safe." if kept else "",
                next="Sync now tries again and goes on where it stopped.",
                action=Action(
                    "Sync now", reverse("channel-sync", args=[run.channel_id]), posts=True
                )
                if shell.can["sync"]
                else None,
                **_since(run.ended_at),
            )
        )
    return out


def _quarantine(shell: Shell) -> list[Problem]:
    rows = (
        within(shell.workspace, Quarantine.objects.filter(channel__removed_at=None))
        .values("channel_id", "channel__title")
        .annotate(records=Count("pk"), sample=Max("error"))
        .order_by("-records")[:5]
    )
    return [
        Problem(
            tone="warn",
            icon="triangle-alert",
            before="Messages that could not be read in",
            name=row["channel__title"],
            address=reverse("channel", args=[row["channel_id"]]),
            after="",
            cause=row["sample"],
            safe="Their bytes are kept as they came; nothing else is held up by them.",
            next="A version that can read them takes them in; they count as never asked until then.",
            figure=f"{row['records']:,}",
            unit="records",
        )
        for row in rows
    ]


def _exports(shell: Shell) -> list[Problem]:
    rows = within(
        shell.workspace,
        Export.objects.filter(
            state=Export.State.FAILED, created_at__gt=timezone.now() - RECENT_EXPORTS
        ),
    )
    return [
        Problem(
            tone="bad",
            icon="package",
            before=f"The {export.get_format_display()} export failed of",
            name=export.channel.title if export.channel else export.workspace.name,
            address=reverse("channel", args=[export.channel_id])
            if export.channel
            else reverse("exports"),
            after="",
            cause=export.error or "The export ended with an error.",
            safe="No half file was left behind.",
            next="Make it again from the channel's page.",
            action=Action("See exports", reverse("exports")),
            **_since(export.ended_at),
        )
        for export in rows.select_related("channel").order_by("-pk")[:5]
    ]


def _floods(shell: Shell) -> list[Problem]:
    rows = (
        within(shell.workspace, FloodWait.objects.filter(until__gt=timezone.now()))
        .select_related("account")
        .order_by("-until")
    )
    if not rows:
        return []
    stuck = within(shell.workspace, SyncRun.objects.filter(state=SyncRun.State.WAITING))
    waiting = Counter(stuck.values_list("account_id", flat=True))
    now = timezone.now()
    out = []
    for row in rows:
        count = waiting[row.account_id]
        runs = f"{count} runs wait for it." if count != 1 else "One run waits for it."
        out.append(
            Problem(
                tone="warn",
                icon="timer",
                before="Account",
                name=str(row.account),
                address=reverse("account", args=[row.account_id]),
                after="is in flood wait",
                cause=f"Telegram asked for {wording.duration(row.seconds)} without {row.method} "
                f"requests. {runs}",
                safe="Other requests go on.",
                next=f"Goes on by itself at {timezone.localtime(row.until):%H:%M}. Nothing to do.",
                figure=wording.clock((row.until - now).total_seconds()),
                unit=f"left of {wording.clock(row.seconds)}",
            )
        )
    return out


def _since(moment: object) -> dict[str, str]:
    if not hasattr(moment, "timestamp"):
        return {}
    passed = timezone.now().timestamp() - moment.timestamp()
    return {"figure": " ".join(wording.duration(passed).split(" ")[:2]), "unit": "ago"}

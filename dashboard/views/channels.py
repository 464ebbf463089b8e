"""The channels of a workspace: the list, and adding one."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import HttpResponseBase
from django.views.decorators.http import require_http_methods, require_safe

from dashboard import active, attention, states, wording
from dashboard.forms import AddChannelForm
from dashboard.guard import Request, signed_in
from dashboard.shell import Shell, page, shell_of
from dashboard.tape import Tape, draw
from dashboard.views.calls import answer_of, wait_for
from ingestion import coverage
from ingestion.errors import IngestionError
from ingestion.models import Account, Channel, SyncRun
from ingestion.services import calls
from ingestion.services import channels as service
from workspaces.access import access_workspace, within
from workspaces.roles import Permission

LIMIT = 100


@dataclass(frozen=True)
class Row:
    """A channel as the list shows it."""

    channel: Channel
    badge: states.Badge
    tape: Tape
    messages: int
    running: bool
    #: What comes next while a run is active.
    next: str


@signed_in
@require_safe
def channel_list(request: Request) -> HttpResponseBase:
    """By title, `LIMIT` a page; `?from=` is the title and key that the page begins after."""
    shell = shell_of(request, section="channels")
    removed = request.GET.get("show") == "removed"
    rows = within(shell.workspace, Channel.objects.filter(removed_at__isnull=not removed))
    rows = _after(rows.order_by("title", "pk"), request.GET.get("from", ""))
    found = list(rows[: LIMIT + 1])
    channels = found[:LIMIT]
    last = channels[-1] if channels else None
    return page(
        request,
        shell,
        "channels.html",
        rows=_rows(shell, channels),
        removed=removed,
        any_removed=removed
        or within(shell.workspace, Channel.objects.filter(removed_at__isnull=False)).exists(),
        following=f"{last.pk}:{last.title}" if last and len(found) > LIMIT else None,
        later=bool(request.GET.get("from")),
    )


def _after(rows: Any, mark: str) -> Any:
    key, colon, title = mark.partition(":")
    if not colon or not (key.isascii() and key.isdigit()):
        return rows
    return rows.filter(Q(title__gt=title) | Q(title=title, pk__gt=int(key)))


def _rows(shell: Shell, channels: list[Channel]) -> list[Row]:
    reports = coverage.reports(channels)
    moving: dict[int, SyncRun] = {}
    for run in active.runs_of(shell.workspace).defer("planned", "done"):
        moving.setdefault(run.channel_id, run)
    failed = {run.channel_id: run for run in attention.failed_runs(shell)}
    return [
        Row(
            channel=channel,
            badge=states.of_channel(channel, moving.get(channel.pk), failed.get(channel.pk)),
            tape=draw(reports[channel.pk]),
            messages=reports[channel.pk].messages,
            running=channel.pk in moving,
            next=_next(moving.get(channel.pk)),
        )
        for channel in channels
    ]


def _next(run: SyncRun | None) -> str:
    if run is None:
        return ""
    if run.state == SyncRun.State.PAUSED:
        return "paused"
    return wording.ago(run.not_before) if states.seconds_until(run) and run.not_before else "now"


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: Request) -> HttpResponseBase:
    """Check what was typed, ask Telegram, wait for its answer; an error comes back here."""
    shell = shell_of(request, section="channels")
    access_workspace(request.user, shell.workspace.pk, Permission.CHANNELS)
    accounts = within(shell.workspace, Account.objects.filter(state=Account.State.READY)).order_by(
        "pk"
    )
    form = AddChannelForm(_typed(request), accounts=accounts, initial={"account": accounts.first()})
    if request.method == "POST" and form.is_valid():
        try:
            username = service.check_new(workspace=shell.workspace, text=form.cleaned_data["name"])
        except IngestionError as error:
            form.add_error("name", str(error))
        else:
            with transaction.atomic():
                call = calls.post(
                    account=form.cleaned_data["account"],
                    kind="add_channel",
                    arguments={"username": username},
                    user=request.user,
                )
                return wait_for(call, name=form.cleaned_data["name"], account=str(call.account_id))
    answer = answer_of(request, shell)
    if answer and answer.state in {"failed", "void"}:
        form.add_error("name", answer.error)
    status = 422 if request.method == "POST" else 200
    return page(request, shell, "channel_add.html", status, form=form, accounts=accounts)


def _typed(request: Request) -> Any:
    """What was typed: now, or before Telegram was asked and said no."""
    if request.method == "POST":
        return request.POST
    return request.GET if "call" in request.GET else None

"""Adding channels: lines to look at, what each leads to, and what became of those chosen."""

import base64
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.channels import schedules
from dashboard.forms import AddChannelsForm, BeginForm, complaints
from dashboard.guard import STOP_POLLING, Request, signed_in
from dashboard.shell import page, shell_of
from ingestion import tasks
from ingestion.errors import IngestionError
from ingestion.models import Account, Adding
from ingestion.services import adding as service
from ingestion.services import previews
from ingestion.services.adding import LineState
from workspaces.access import access, access_workspace, within
from workspaces.models import Workspace
from workspaces.roles import Permission

#: Photos of a preview never change.
_KEPT = "private, max-age=3600, immutable"


def ready_accounts(workspace: Workspace) -> Any:
    """The accounts that channels can be read through, oldest first."""
    return within(workspace, Account.objects.filter(state=Account.State.READY)).order_by("pk")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: Request) -> HttpResponseBase:
    """Take the lines; the page that shows what they lead to comes next."""
    shell = shell_of(request, section="channels")
    access_workspace(request.user, shell.workspace.pk, Permission.CHANNELS)
    accounts = ready_accounts(shell.workspace)
    form = AddChannelsForm(
        request.POST if request.method == "POST" else None,
        accounts=accounts,
        initial={"account": accounts.first()},
    )
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                adding = service.start(
                    account=form.cleaned_data["account"],
                    text=form.cleaned_data["lines"],
                    user=request.user,
                )
                tasks.enqueue_due()
        except IngestionError as error:
            form.add_error("lines", str(error))
        else:
            return redirect("channel-adding", adding.pk)
    status = 422 if request.method == "POST" else 200
    return page(request, shell, "channel_add.html", status, form=form, accounts=accounts)


@signed_in
@require_POST
def from_web(request: Request) -> HttpResponseBase:
    """Read public channels from the web, without an account. One leads to its page; of several each
    line is told what became of it, and what was refused stays in the form to be mended.
    """
    shell = shell_of(request, section="channels")
    access_workspace(request.user, shell.workspace.pk, Permission.CHANNELS)
    try:
        with transaction.atomic():
            lines = previews.add_many(
                workspace=shell.workspace, text=request.POST.get("names", ""), user=request.user
            )
            tasks.enqueue_due()
    except IngestionError as error:
        messages.error(request, str(error))
        return redirect("channel-add")
    if len(lines) == 1 and lines[0].channel:
        return redirect("channel", lines[0].channel.pk)
    accounts = ready_accounts(shell.workspace)
    form = AddChannelsForm(accounts=accounts, initial={"account": accounts.first()})
    status = 200 if any(line.channel for line in lines) else 422
    return page(
        request,
        shell,
        "channel_add.html",
        status,
        form=form,
        accounts=accounts,
        web_lines=lines,
        again="\n".join(line.text for line in lines if line.error),
    )


def _get(request: Request, pk: int) -> Adding:
    rows = Adding.objects.select_related("workspace", "account")
    return access(request.user, rows, Permission.CHANNELS, pk=pk)


@signed_in
@require_safe
def adding_page(request: Request, pk: int) -> HttpResponseBase:
    """What each line leads to; later, what became of it."""
    adding = _get(request, pk)
    shell = shell_of(request, section="channels", workspace_id=adding.workspace_id)
    return page(
        request,
        shell,
        "channel_adding.html",
        schedules=schedules.choices(adding.workspace.default_sync_minutes),
        chosen_schedule=adding.workspace.default_sync_minutes,
        **_context(adding),
    )


@signed_in
@require_safe
def live_part(request: Request, pk: int) -> HttpResponseBase:
    """The lines that have changed since the page showed them as waiting (`?waiting=3,4`): ticks
    that somebody has set on the others stay.
    """
    adding = _get(request, pk)
    context = _context(adding)
    waited = set(request.GET.get("waiting", "").split(","))
    context["changed"] = [
        item for item in context["states"] if str(item.line.position) in waited and not item.moves
    ]
    status = 200 if context["moving"] else STOP_POLLING
    return render(request, "dashboard/parts/adding_live.html", context, status=status)


def _context(adding: Adding) -> dict[str, Any]:
    states = service.states(adding)
    moving = [item for item in states if item.moves]
    return {
        "adding": adding,
        "states": states,
        "moving": moving,
        "waiting": ",".join(str(item.line.position) for item in moving),
        "done": len(states) - len(moving),
        "addable": _some(states, "can_add"),
        "joining": _some(states, "joins"),
        "added": sum(item.stage == "added" for item in states),
        "refused": sum(item.stage == "refused" for item in states),
    }


def _some(states: list[LineState], name: str) -> int:
    return sum(bool(getattr(item, name)) for item in states)


@signed_in
@require_POST
def save(request: Request, pk: int) -> HttpResponseBase:
    """Add the ticked lines; what was not ticked is left out."""
    adding = _get(request, pk)
    form = BeginForm(request.POST)
    back = redirect("channel-adding", pk)
    if not form.is_valid():
        messages.error(request, complaints(form))
        return back
    positions = [int(text) for text in request.POST.getlist("line") if _is_number(text)]
    try:
        with transaction.atomic():
            service.save(
                adding=adding,
                positions=positions,
                tags=form.cleaned_data["tags"],
                minutes=form.cleaned_data["minutes"],
                sync=form.cleaned_data["sync"],
            )
            tasks.enqueue_due()
    except IngestionError as error:
        messages.error(request, str(error))
    return back


@signed_in
@require_POST
def again(request: Request, pk: int) -> HttpResponseBase:
    """Try once more what Telegram refused."""
    adding = _get(request, pk)
    with transaction.atomic():
        service.again(adding=adding)
        tasks.enqueue_due()
    return redirect(reverse("channel-adding", args=[pk]))


@signed_in
@require_safe
def photo(request: Request, pk: int, position: int) -> HttpResponseBase:
    """The small photo that the preview of a line brought, a JPEG."""
    adding = _get(request, pk)
    for item in service.states(adding):
        if item.line.position == position and item.found.get("photo"):
            image = base64.b64decode(item.found["photo"])
            return HttpResponse(image, content_type="image/jpeg", headers={"Cache-Control": _KEPT})
    raise Http404


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 9

"""Which files of a channel are downloaded, and how far that is."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard import stored
from dashboard.downloading import Progress
from dashboard.guard import STOP_POLLING, Request, signed_in, way_back
from dashboard.media_forms import PolicyForm
from dashboard.shell import Shell, page, shell_of
from dashboard.views.channel import get
from dashboard.wording import number
from ingestion import tasks
from ingestion.errors import IngestionError
from ingestion.media import space, wanting
from ingestion.models import Channel, MediaLine, MediaPolicy, Medium
from ingestion.services import media
from workspaces.access import access_workspace, within
from workspaces.models import Workspace
from workspaces.roles import Permission

#: Files that failed, of which the page tells why.
MOST_FAILED = 20


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def of_channel(request: Request, pk: int) -> HttpResponseBase:
    """The page; a form that is sent with `preview` says what it would download, and saves nothing."""
    channel = get(request, pk)
    if request.method == "POST":
        get(request, pk, Permission.CHANNELS)
    shell = shell_of(request, section="channels", workspace_id=channel.workspace_id)
    own = MediaPolicy.objects.filter(channel=channel).exists()
    decided = _decide(request, shell.workspace, channel)
    if isinstance(decided, HttpResponseBase):
        return decided
    here = within(shell.workspace, Medium.objects.filter(channel=channel))
    failed = here.filter(state=Medium.State.FAILED).order_by("-message_id")
    return page(
        request,
        shell,
        "downloads.html",
        channel=channel,
        own=own,
        common=wanting.Wish.of(_common(shell.workspace)),
        failed=[stored.Shown(row) for row in failed[:MOST_FAILED]],
        tab="files",
        **decided,
        **_progress(channel),
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def of_workspace(request: Request) -> HttpResponseBase:
    """The policy of every channel that has none of its own."""
    shell = shell_of(request, section="settings")
    if request.method == "POST":
        access_workspace(request.user, shell.workspace.pk, Permission.CHANNELS)
    decided = _decide(request, shell.workspace, None)
    if isinstance(decided, HttpResponseBase):
        return decided
    channels = within(shell.workspace, Channel.objects.filter(removed_at=None))
    return page(
        request,
        shell,
        "settings/files.html",
        tab="files",
        exceptions=channels.exclude(own_media_policy=None).order_by("title", "pk")[:100],
        **decided,
    )


def _common(workspace: Workspace) -> MediaPolicy | None:
    rows = MediaPolicy.objects.filter(workspace=workspace, channel=None)
    return rows.first()


def _decide(
    request: HttpRequest, workspace: Workspace, channel: Channel | None
) -> dict[str, Any] | HttpResponseBase:
    """The form, what it would do, and the room there is; or the answer of one that was saved."""
    wish = media.wish_of(channel) if channel else wanting.Wish.of(_common(workspace))
    form = PolicyForm.of(wish)
    estimate = None
    if request.method == "POST":
        form = PolicyForm(request.POST)
        if form.is_valid() and "save" in request.POST:
            user = request.user if request.user.is_authenticated else None
            media.save_policy(workspace=workspace, channel=channel, wish=form.wish(), user=user)
            tasks.enqueue_due()
            messages.success(
                request, _("The policy is saved. Which files it wants is decided now.")
            )
            return redirect(request.path)
        if form.is_valid():
            estimate = media.preview(workspace=workspace, channel=channel, wish=form.wish())
    room = space.room()
    too_much = estimate is not None and room.left is not None and estimate.bytes > room.left
    return {"form": form, "estimate": estimate, "room": room, "too_much": too_much}


@signed_in
@require_POST
def inherit(request: Request, pk: int) -> HttpResponseBase:
    """Follow the workspace's policy again."""
    channel = get(request, pk, Permission.CHANNELS)
    media.forget_policy(channel=channel, user=request.user)
    tasks.enqueue_due()
    messages.success(request, _("The channel follows the workspace's policy."))
    return redirect("downloads", pk)


@signed_in
@require_POST
def press(request: Request, pk: int) -> HttpResponseBase:
    """`act`: pause, resume, cancel, or retry what failed."""
    channel = get(request, pk, Permission.SYNC)
    act = request.POST.get("act")
    if act == "pause":
        media.pause(channel=channel, user=request.user)
    elif act == "cancel":
        media.cancel(channel=channel, user=request.user)
        messages.success(request, _("Nothing more is downloaded. What is stored stays."))
    elif act == "resume":
        media.resume(channel=channel)
    elif act == "retry":
        count = media.retry_failed(channel=channel)
        messages.success(
            request,
            ngettext("%(number)s file is tried again.", "%(number)s files are tried again.", count)
            % {"number": number(count)},
        )
    tasks.enqueue_due()
    return redirect("downloads", pk)


@signed_in
@require_POST
def ask(request: Request, pk: int, message_id: int) -> HttpResponseBase:
    """Download the file of one message now."""
    channel = get(request, pk, Permission.SYNC)
    try:
        media.ask_for(channel=channel, message_id=message_id)
    except IngestionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The file is fetched now; this page shows it when it is here."))
        tasks.enqueue_due()
    return redirect(
        way_back(request.POST.get("back", ""), f"/channels/{pk}/messages/{message_id}/")
    )


@signed_in
@require_safe
def live_part(request: Request, pk: int) -> HttpResponseBase:
    """How far it is, again and again while it moves."""
    channel = get(request, pk)
    shell: Shell = shell_of(request, section="channels", workspace_id=channel.workspace_id)
    found = _progress(channel)
    context = {"shell": shell, "can": shell.can, "channel": channel, **found}
    moves = found["progress"].moves or found["progress"].planning
    return render(
        request,
        "dashboard/parts/downloads_live.html",
        context,
        status=200 if moves else STOP_POLLING,
    )


def _progress(channel: Channel) -> dict[str, Any]:
    line = MediaLine.objects.filter(pk=channel.pk).first() or MediaLine(channel=channel)
    return {"progress": Progress(line), "line": line}

"""How long messages are kept: the policies, holds, what is let go, and a look before it."""

from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from archive import privacy_tasks, retention
from archive.models import RetentionFile, RetentionHold, RetentionPolicy, RetentionRun
from dashboard import keyset
from dashboard.guard import Request, signed_in
from dashboard.shell import Shell, page, shell_of
from dashboard.views import channel as channels_of
from ingestion.errors import IngestionError, InputError
from ingestion.models import Channel
from workspaces.access import access_workspace, within
from workspaces.roles import Permission

#: Channels whose preview is shown one by one.
_PREVIEWS: Final = 20
_LISTED: Final = 20


@signed_in
@require_safe
def retention_page(request: Request) -> HttpResponseBase:
    """Of the workspace; with `days` in the address, what that would let go."""
    shell = shell_of(request, section="settings")
    access_workspace(request.user, shell.workspace.pk, Permission.CHANNELS)
    rows = within(shell.workspace, RetentionPolicy.objects.select_related("channel"))
    files = within(shell.workspace, RetentionFile.objects.select_related("channel"))
    found = keyset.by_key(
        files,
        before=keyset.cursor(request, "before"),
        after=keyset.cursor(request, "after"),
        limit=_LISTED,
    )
    runs = within(shell.workspace, RetentionRun.objects.select_related("channel"))
    holds = within(shell.workspace, RetentionHold.objects.select_related("channel", "placed_by"))
    return page(
        request,
        shell,
        "settings/retention.html",
        tab="retention",
        policy=rows.filter(channel__isnull=True).first() or RetentionPolicy(),
        exceptions=rows.exclude(channel__isnull=True).order_by("channel__title")[:100],
        holds=holds.filter(lifted_at__isnull=True).order_by("-pk")[:100],
        **_runs(runs),
        found=found,
        channels=within(shell.workspace, Channel.objects.order_by("title", "pk"))[:500],
        **_look(request, shell, None),
    )


@signed_in
@require_safe
def of_channel(request: Request, pk: int) -> HttpResponseBase:
    """Of one channel: its own policy, its hold, and what it would let go."""
    channel = channels_of.get(request, pk, Permission.CHANNELS)
    shell = shell_of(request, section="settings", workspace_id=channel.workspace_id)
    return page(
        request,
        shell,
        "settings/retention_channel.html",
        tab="retention",
        channel=channel,
        policy=retention.kept(channel),
        hold=retention.hold_on(channel),
        past=RetentionHold.objects.filter(channel=channel, lifted_at__isnull=False)
        .select_related("placed_by", "lifted_by")
        .order_by("-pk")[:_LISTED],
        **_runs(RetentionRun.objects.filter(channel=channel)),
        **_look(request, shell, channel),
    )


def _runs(rows: QuerySet[RetentionRun]) -> dict[str, Any]:
    """The newest of them, and whether one goes on."""
    runs = list(rows.order_by("-pk")[:_LISTED])
    return {"runs": runs, "going": any(run.is_active for run in runs)}


def _look(request: Request, shell: Shell, channel: Channel | None) -> dict[str, Any]:
    """What the policy in the address would let go."""
    text = request.GET.get("days", "")
    if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) <= 36_500):
        return {"asked": None, "actions": RetentionPolicy.Action.choices}
    days, action = int(text), request.GET.get("action", "")
    rows = within(shell.workspace, Channel.objects.filter(totals__messages__gt=0))
    if channel is None:
        rows = rows.filter(retention_policy__isnull=True).order_by("totals__first_date")
    else:
        rows = rows.filter(pk=channel.pk)
    channels = list(rows[: _PREVIEWS + 1])
    seen = retention.previews(channels[:_PREVIEWS], days=days, action=action)
    found = [one for one in seen if one.messages]
    going = [one for one in found if not one.held]
    return {
        "asked": days,
        "action": action,
        "of_media": action in RetentionPolicy.OF_MEDIA,
        "actions": RetentionPolicy.Action.choices,
        "previews": found,
        "more": len(channels) > _PREVIEWS,
        "is_all": all(one.is_all for one in going),
        "sum_messages": sum(one.messages for one in going),
        "sum_files": sum(one.files for one in going),
        "sum_bytes": sum(one.bytes for one in going),
        "oldest": min((one.oldest for one in going if one.oldest), default=None),
        "newest": max((one.newest for one in going if one.newest), default=None),
    }


@signed_in
@require_POST
def save(request: Request) -> HttpResponseBase:
    """A policy, after its preview was looked at: `channel` empty for the workspace's."""
    shell = shell_of(request, section="settings")
    workspace = access_workspace(request.user, shell.workspace.pk, Permission.CHANNELS)
    number = request.POST.get("channel", "")
    channel = (
        channels_of.get(request, int(number), Permission.CHANNELS) if number.isdigit() else None
    )
    back = reverse("retention-channel", args=[channel.pk]) if channel else reverse("retention")
    text = request.POST.get("days", "").strip()
    try:
        if text and request.POST.get("sure") != "on":
            raise InputError(
                "RETENTION_SURE",
                "Nothing was changed.",
                "Look at what would go, then tick the box to say that you are sure.",
            )
        retention.keep(
            workspace=channel.workspace if channel else workspace,
            channel=channel,
            days=int(text[:6]) if text.isascii() and text.isdigit() else None,
            action=request.POST.get("action", RetentionPolicy.Action.MOVE),
            like_workspace=request.POST.get("like") == "workspace",
            user=request.user,
        )
    except IngestionError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            _("Saved. Old messages go by this once a day.")
            if text
            else _("Saved. Nothing is let go by this rule any more."),
        )
    return redirect(back)


@signed_in
@require_POST
def start(request: Request, pk: int) -> HttpResponseBase:
    """Let go now what is too old."""
    channel = channels_of.get(request, pk, Permission.CHANNELS)
    try:
        retention.start(channel=channel, user=request.user)
        transaction.on_commit(privacy_tasks.requeue)
    except IngestionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It has begun, and goes on by itself."))
    return redirect("retention-channel", channel.pk)


@signed_in
@require_POST
def hold(request: Request, pk: int) -> HttpResponseBase:
    """Place a hold, or lift it."""
    channel = channels_of.get(request, pk, Permission.CHANNELS)
    try:
        if request.POST.get("lift"):
            retention.lift_hold(channel=channel, user=request.user)
            told = _("The hold is lifted.")
        else:
            retention.place_hold(
                channel=channel, reason=request.POST.get("reason", ""), user=request.user
            )
            told = _("The hold is placed: nothing of the channel is let go.")
    except IngestionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, told)
    return redirect("retention-channel", channel.pk)

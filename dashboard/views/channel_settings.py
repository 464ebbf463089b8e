"""Schedule, tags, notes, switching off, removing."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.channels import schedules, undo
from dashboard.forms import DetailsForm, RemoveForm, ScheduleForm, complaints
from dashboard.guard import Request, signed_in
from dashboard.shell import page, shell_of
from dashboard.views.channel import get
from dashboard.wording import number
from ingestion.errors import IngestionError
from ingestion.models import Channel, ChannelTotals
from ingestion.services import channel_settings, listening
from ingestion.services import channels as service
from workspaces.roles import Permission


def _back(channel: Channel) -> HttpResponseBase:
    answer = redirect("channel", channel.pk)
    answer["Location"] += "#settings"
    return answer


@signed_in
@require_POST
def schedule(request: Request, pk: int) -> HttpResponseBase:
    channel = get(request, pk, Permission.CHANNELS)
    form = ScheduleForm(request.POST)
    if not form.is_valid():
        messages.error(request, complaints(form))
        return _back(channel)
    minutes = form.cleaned_data["minutes"]
    try:
        service.set_schedule(channel=channel, minutes=minutes, user=request.user)
    except IngestionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, schedules.said(minutes))
    return _back(channel)


@signed_in
@require_POST
def details(request: Request, pk: int) -> HttpResponseBase:
    """The workspace's own words for the channel: tags and notes, those that are sent."""
    channel = get(request, pk, Permission.CHANNELS)
    form = DetailsForm(request.POST)
    if not form.is_valid():
        messages.error(request, complaints(form))
        return _back(channel)
    try:
        with transaction.atomic():
            if "tags" in request.POST:
                tags = channel_settings.parse_tags(form.cleaned_data["tags"])
                channel_settings.set_tags(channel=channel, tags=tags, user=request.user)
            if "notes" in request.POST:
                notes = form.cleaned_data["notes"]
                channel_settings.set_notes(channel=channel, notes=notes, user=request.user)
    except IngestionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Tags and notes were saved."))
    return _back(channel)


@signed_in
@require_POST
def follow(request: Request, pk: int) -> HttpResponseBase:
    """Archive it as it happens, or do so no longer."""
    channel = get(request, pk, Permission.CHANNELS)
    live = bool(request.POST.get("live"))
    with transaction.atomic():
        listening.set_live(channel=channel, live=live, user=request.user)
    if live:
        messages.success(request, _("The channel is live: it is archived as it happens."))
    else:
        messages.success(request, _("The channel is live no longer."))
    return _back(channel)


@signed_in
@require_POST
def enable(request: Request, pk: int) -> HttpResponseBase:
    channel = get(request, pk, Permission.CHANNELS)
    service.set_enabled(channel=channel, enabled=True, user=request.user)
    messages.success(request, _("Syncing is on again."))
    return redirect("channel", pk)


@signed_in
@require_POST
def disable(request: Request, pk: int) -> HttpResponseBase:
    channel = get(request, pk, Permission.CHANNELS)
    service.set_enabled(channel=channel, enabled=False, user=request.user)
    messages.success(request, _("Syncing is off. What is archived stays readable."))
    return redirect("channel", pk)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: Request, pk: int) -> HttpResponseBase:
    """Say what it would do, then do it. Messages are deleted only for who typed the name."""
    channel = get(request, pk, Permission.CHANNELS)
    form = RemoveForm(request.POST if request.method == "POST" else None, channel=channel)
    if request.method == "POST" and form.is_valid():
        deletes = form.cleaned_data["messages"] == "delete"
        try:
            with transaction.atomic():
                gone = service.remove(channel=channel, delete_messages=deletes, user=request.user)
        except IngestionError as error:
            form.add_error("name", str(error))
        else:
            if deletes:
                _tell_deleted(request, channel, gone)
            else:
                undo.offer(request, [channel])
            return redirect("channels")
    shell = shell_of(request, section="channels", workspace_id=channel.workspace_id)
    totals = ChannelTotals.objects.filter(channel=channel).first()
    return page(
        request,
        shell,
        "channel_remove.html",
        422 if request.method == "POST" else 200,
        channel=channel,
        totals=totals or ChannelTotals(),
        form=form,
    )


def _tell_deleted(request: Request, channel: Channel, deleted: int) -> None:
    messages.success(
        request,
        ngettext(
            "“%(title)s” was removed. %(count)s message was deleted.",
            "“%(title)s” was removed. %(count)s messages were deleted.",
            deleted,
        )
        % {"title": channel.title, "count": number(deleted)},
    )

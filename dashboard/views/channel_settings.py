"""Schedule, switching off, removing."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.forms import ScheduleForm, complaints
from dashboard.guard import Request, signed_in
from dashboard.shell import page, shell_of
from dashboard.views.channel import get
from ingestion.errors import IngestionError
from ingestion.models import ChannelTotals
from ingestion.services import channels as service
from workspaces.roles import Permission


@signed_in
@require_POST
def schedule(request: Request, pk: int) -> HttpResponseBase:
    channel = get(request, pk, Permission.CHANNELS)
    form = ScheduleForm(request.POST)
    if not form.is_valid():
        messages.error(request, complaints(form))
        return redirect("channel", pk)
    minutes = form.cleaned_data["minutes"]
    try:
        service.set_schedule(channel=channel, minutes=minutes, user=request.user)
    except IngestionError as error:
        messages.error(request, str(error))
    else:
        every = f"every {minutes} minutes" if minutes != 1 else "every minute"
        said = f"It syncs {every} from now on." if minutes else "The schedule is off."
        messages.success(request, said)
    return redirect("channel", pk)


@signed_in
@require_POST
def enable(request: Request, pk: int) -> HttpResponseBase:
    channel = get(request, pk, Permission.CHANNELS)
    service.set_enabled(channel=channel, enabled=True, user=request.user)
    messages.success(request, "Syncing is on again.")
    return redirect("channel", pk)


@signed_in
@require_POST
def disable(request: Request, pk: int) -> HttpResponseBase:
    channel = get(request, pk, Permission.CHANNELS)
    service.set_enabled(channel=channel, enabled=False, user=request.user)
    messages.success(request, "Syncing is off. What is archived stays readable.")
    return redirect("channel", pk)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: Request, pk: int) -> HttpResponseBase:
    """Say what it would do, then do it."""
    channel = get(request, pk, Permission.CHANNELS)
    if request.method == "POST":
        deletes = request.POST.get("messages") == "delete"
        with transaction.atomic():
            deleted = service.remove(channel=channel, delete_messages=deletes, user=request.user)
        said = f"{deleted:,} messages were deleted." if deletes else "Its messages are kept."
        messages.success(request, f"“{channel.title}” was removed. {said}")
        return redirect("channels")
    shell = shell_of(request, section="channels", workspace_id=channel.workspace_id)
    totals = ChannelTotals.objects.filter(channel=channel).first()
    return page(
        request, shell, "channel_remove.html", channel=channel, totals=totals or ChannelTotals()
    )

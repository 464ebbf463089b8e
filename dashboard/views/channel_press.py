"""The buttons of a channel's page that start and stop runs."""

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard import wording
from dashboard.guard import Request, signed_in
from dashboard.views.channel import get
from ingestion import tasks
from ingestion.errors import IngestionError
from ingestion.models import SyncRun
from ingestion.services import runs as service
from workspaces.roles import Permission


@signed_in
@require_POST
def sync(request: Request, pk: int) -> HttpResponseBase:
    """All kinds of runs in one press, or the one that `kind` names."""
    channel = get(request, pk, Permission.SYNC)
    wanted = [kind for kind in SyncRun.PRESSED if kind == request.POST.get("kind")]
    try:
        with transaction.atomic():
            service.request_sync(
                channel=channel, user=request.user, kinds=wanted or SyncRun.PRESSED
            )
            tasks.enqueue_due()
    except IngestionError as error:
        messages.error(request, str(error))
    return redirect("channel", pk)


@signed_in
@require_POST
def ask(request: Request, pk: int) -> HttpResponseBase:
    """Ask for one stretch of ids that was never asked for."""
    channel = get(request, pk, Permission.SYNC)
    low, high = _number(request.POST.get("low")), _number(request.POST.get("high"))
    try:
        with transaction.atomic():
            run = service.ask_for(channel=channel, low=low, high=high, user=request.user)
            tasks.enqueue_due()
    except IngestionError as error:
        messages.error(request, str(error))
        return redirect("channel", pk)
    if run is None:
        messages.info(request, _("These ids were asked for in the meantime."))
    elif run.planned is None:
        messages.success(request, _("A backfill is queued already. It asks for these ids, too."))
    else:
        said = {"low": wording.number(low), "high": wording.number(high)}
        messages.success(request, _("The ids %(low)s – %(high)s are asked for now.") % said)
    return redirect("channel", pk)


def _number(text: str | None) -> int:
    """An id of a message; 0, which no message has, for anything else."""
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _button(act: service.Press) -> Callable[[HttpRequest, int], HttpResponseBase]:
    """The view that does it to every run of the channel that is active."""

    @signed_in
    @require_POST
    def pressed(request: Request, pk: int) -> HttpResponseBase:
        channel = get(request, pk, Permission.SYNC)
        with transaction.atomic():
            for run in SyncRun.objects.filter(channel=channel, state__in=SyncRun.ACTIVE):
                act(run=run, user=request.user)
            tasks.enqueue_due()
        return redirect("channel", pk)

    return pressed


pause = _button(service.pause)
resume = _button(service.resume)
cancel = _button(service.cancel)

"""Presses on many channels at once: those that are ticked, or all that the list would show."""

from typing import TYPE_CHECKING, Final

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from dashboard.channels import undo
from dashboard.channels.filters import Filters
from dashboard.channels.rows import Listing
from dashboard.forms import BulkForm, complaints
from dashboard.guard import Request, signed_in
from dashboard.shell import Shell, page, shell_of
from ingestion import tasks
from ingestion.errors import IngestionError
from ingestion.models import Channel
from ingestion.services import channel_settings as service
from ingestion.services.channel_settings import Outcome
from workspaces.access import access_workspace, within
from workspaces.roles import Permission

if TYPE_CHECKING:
    from collections.abc import Callable

#: Each takes a few queries; more at once would keep the page waiting.
MOST = 500
#: Refusals that are told one by one.
TOLD = 3

_NEEDS: Final = {
    "sync": Permission.SYNC,
    "pause": Permission.SYNC,
    "resume": Permission.SYNC,
    "schedule": Permission.CHANNELS,
    "live": Permission.CHANNELS,
    "not_live": Permission.CHANNELS,
    "tag": Permission.CHANNELS,
    "untag": Permission.CHANNELS,
    "remove": Permission.CHANNELS,
}


@signed_in
@require_POST
def bulk(request: Request) -> HttpResponseBase:
    """`act` on the channels `id`, or with `all` on every one that fits the filters of `back`."""
    shell = shell_of(request, section="channels")
    act = request.POST.get("act", "")
    access_workspace(request.user, shell.workspace.pk, _NEEDS.get(act, Permission.SYNC))
    form = BulkForm(request.POST)
    filters = Filters.of(QueryDict(request.POST.get("back", "").lstrip("?")))
    back = redirect(reverse("channels") + filters.address())
    if not form.is_valid():
        messages.error(request, complaints(form))
        return back
    channels = _chosen(request, shell, filters)
    if not channels:
        messages.warning(request, _("Nothing was ticked. Tick the channels first."))
        return back
    if len(channels) > MOST:
        messages.error(
            request,
            _("These are more than %(most)d channels. Narrow the list with its filters.")
            % {"most": MOST},
        )
        return back
    if act == "remove" and "confirmed" not in request.POST:
        return page(
            request,
            shell,
            "channels_remove.html",
            channels=channels,
            back=filters.query(),
            messages_kept=sum(_messages(channel) for channel in channels),
        )
    try:
        outcome = _do(request, form, channels)
    except IngestionError as error:
        messages.error(request, str(error))
        return back
    if act == "remove":
        undo.offer(request, outcome.done)
    _tell(request, act, outcome, form.cleaned_data["minutes"])
    return back


@signed_in
@require_POST
def restore(request: Request) -> HttpResponseBase:
    """Put the channels `id` back on the list."""
    shell = shell_of(request, section="channels")
    access_workspace(request.user, shell.workspace.pk, Permission.CHANNELS)
    channels = _rows(shell, request.POST.getlist("id"))
    restored = service.restore(channels=channels, user=request.user)
    if len(restored) == 1:
        said = _("“%(title)s” is back on the list.") % {"title": restored[0].title}
    else:
        said = ngettext(
            "%(count)d channel is back on the list.",
            "%(count)d channels are back on the list.",
            len(restored),
        ) % {"count": len(restored)}
    messages.success(request, said)
    return redirect("channels")


def _chosen(request: Request, shell: Shell, filters: Filters) -> list[Channel]:
    if "all" in request.POST:
        fitting = Listing(shell).fitting(filters)
        return list(
            fitting.select_related("workspace", "totals").order_by("title", "pk")[: MOST + 1]
        )
    return _rows(shell, request.POST.getlist("id"))


def _rows(shell: Shell, typed: list[str]) -> list[Channel]:
    """The channels with these keys; 404 when one of them is none of this workspace."""
    keys = {int(key) for key in typed if key.isascii() and key.isdigit() and len(key) < 19}
    rows = within(shell.workspace, Channel.objects.filter(pk__in=keys))
    found = list(rows.select_related("workspace", "totals").order_by("title", "pk"))
    if len(found) != len(keys):
        raise Http404
    return found


def _messages(channel: Channel) -> int:
    totals = getattr(channel, "totals", None)
    return totals.messages if totals else 0


def _do(request: Request, form: BulkForm, channels: list[Channel]) -> Outcome:
    user, data = request.user, form.cleaned_data
    acts: dict[str, Callable[[], Outcome]] = {
        "sync": lambda: service.sync(channels=channels, user=user),
        "pause": lambda: service.pause(channels=channels, user=user),
        "resume": lambda: service.resume(channels=channels, user=user),
        "schedule": lambda: service.schedule(channels=channels, minutes=data["minutes"], user=user),
        "live": lambda: service.follow(channels=channels, live=True, user=user),
        "not_live": lambda: service.follow(channels=channels, live=False, user=user),
        "tag": lambda: service.add_tag(channels=channels, tag=data["tag"], user=user),
        "untag": lambda: service.remove_tag(channels=channels, tag=data["tag"], user=user),
        "remove": lambda: service.remove(channels=channels, user=user),
    }
    with transaction.atomic():
        outcome = acts[data["act"]]()
        tasks.enqueue_due()
    return outcome


def _tell(request: Request, act: str, outcome: Outcome, minutes: int | None) -> None:
    count = len(outcome.done)
    if act != "remove":  # which is told with its undo
        tell = messages.success if count else messages.info
        tell(request, _told(act, count, minutes))
    for channel, why in outcome.refused[:TOLD]:
        messages.error(request, _("%(title)s: %(why)s") % {"title": channel.title, "why": why})
    if (more := len(outcome.refused) - TOLD) > 0:
        messages.error(
            request,
            ngettext(
                "%(count)d more channel could not be changed either.",
                "%(count)d more channels could not be changed either.",
                more,
            )
            % {"count": more},
        )


def _told(act: str, count: int, minutes: int | None) -> str:
    said = {
        "sync": ngettext(
            "The sync of %(count)d channel was asked for.",
            "The sync of %(count)d channels was asked for.",
            count,
        ),
        "pause": ngettext(
            "What goes on was paused for %(count)d channel.",
            "What goes on was paused for %(count)d channels.",
            count,
        ),
        "resume": ngettext(
            "%(count)d channel goes on where it was paused.",
            "%(count)d channels go on where they were paused.",
            count,
        ),
        "schedule": ngettext(
            "%(count)d channel syncs every %(minutes)s minutes from now on.",
            "%(count)d channels sync every %(minutes)s minutes from now on.",
            count,
        )
        if minutes
        else ngettext(
            "The schedule of %(count)d channel is off.",
            "The schedules of %(count)d channels are off.",
            count,
        ),
        "live": ngettext(
            "%(count)d channel is archived as it happens from now on.",
            "%(count)d channels are archived as they happen from now on.",
            count,
        ),
        "not_live": ngettext(
            "%(count)d channel is live no longer.",
            "%(count)d channels are live no longer.",
            count,
        ),
        "tag": ngettext(
            "The tag was given to %(count)d channel.",
            "The tag was given to %(count)d channels.",
            count,
        ),
        "untag": ngettext(
            "The tag was taken from %(count)d channel.",
            "The tag was taken from %(count)d channels.",
            count,
        ),
    }
    return said[act] % {"count": count, "minutes": minutes}

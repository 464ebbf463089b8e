"""Saved searches: the list, and what is pressed in it."""

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from archive import asking, saved
from archive.filters import Filters
from dashboard.asked import asked
from dashboard.guard import Request, signed_in
from dashboard.shell import page, shell_of
from ingestion.errors import IngestionError
from ingestion.models import Channel
from workspaces.access import within
from workspaces.middleware import CHOSEN


@signed_in
@require_safe
def search_list(request: Request) -> HttpResponseBase:
    """Their own ones, then those of the workspace."""
    shell = shell_of(request, section="messages")
    rows = list(saved.visible_to(request.user, shell.workspace))
    parsed = [(row, Filters.parse(row.filters).filters) for row in rows]
    keys = {key for _row, filters in parsed for key in filters.channels}
    names = asking.names_of(within(shell.workspace, Channel.objects.filter(pk__in=keys)))
    listed = [
        (
            row,
            asking.written(filters, names),
            row.owner_id == request.user.pk or shell.can["channels"],
        )
        for row, filters in parsed
    ]
    return page(
        request,
        shell,
        "searches.html",
        mine=[one for one in listed if one[0].owner_id == request.user.pk],
        theirs=[one for one in listed if one[0].owner_id != request.user.pk],
    )


@signed_in
@require_safe
def open_search(request: Request, pk: int) -> HttpResponseBase:
    """A short address for it."""
    row = saved.get(request.user, pk)
    # Without a channel in it, the address means the workspace that is chosen.
    if request.session.get(CHOSEN) != row.workspace_id:
        request.session[CHOSEN] = row.workspace_id
    return redirect(f"{reverse('messages')}?{Filters.parse(row.filters).filters.query_string()}")


@signed_in
@require_POST
def save(request: Request) -> HttpResponseBase:
    """The filters of a list, under `name`; for the workspace with `shared`."""
    given = asked(request, dict(request.POST.lists()), section="messages")
    try:
        row = saved.save(
            workspace=given.shell.workspace,
            user=request.user,
            name=request.POST.get("name", ""),
            filters=given.filters,
            shared="shared" in request.POST,
        )
    except IngestionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("“%(name)s” is saved.") % {"name": row.name})
    return redirect(f"{reverse('messages')}?{given.filters.query_string()}")


@signed_in
@require_POST
def change(request: Request, pk: int) -> HttpResponseBase:
    row = saved.get(request.user, pk, change=True)
    try:
        saved.change(
            saved=row,
            user=request.user,
            name=request.POST.get("name", ""),
            shared="shared" in request.POST,
        )
    except IngestionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The changes are saved."))
    return redirect("searches")


@signed_in
@require_POST
def delete(request: Request, pk: int) -> HttpResponseBase:
    row = saved.get(request.user, pk, change=True)
    saved.delete(saved=row, user=request.user)
    messages.success(request, _("“%(name)s” was deleted.") % {"name": row.name})
    return redirect("searches")

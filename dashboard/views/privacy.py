"""Whether the workspace keeps who its people are."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dashboard.guard import Request, signed_in
from dashboard.shell import page, shell_of
from ingestion import tasks
from ingestion.errors import IngestionError
from ingestion.services import people
from workspaces.access import access_workspace
from workspaces.roles import Permission


@signed_in
@require_safe
def privacy_page(request: Request) -> HttpResponseBase:
    """The switch for owners; how it stands for everybody."""
    shell = shell_of(request, section="settings")
    policy = people.policy_of(shell.workspace)
    # Counting what it would change reads messages: only where somebody asks for it.
    found = None
    if "look" in request.GET:
        access_workspace(request.user, shell.workspace.pk, Permission.WORKSPACE)
        found = people.look(workspace=shell.workspace)
    return page(request, shell, "settings/privacy.html", policy=policy, found=found, tab="privacy")


@signed_in
@require_POST
def save(request: Request) -> HttpResponseBase:
    shell = shell_of(request, section="settings")
    workspace = access_workspace(request.user, shell.workspace.pk, Permission.WORKSPACE)
    hidden = request.POST.get("hidden") == "on"
    people.set_hidden(workspace=workspace, hidden=hidden, user=request.user)
    told = _("People are hidden from now on.") if hidden else _("People are kept from now on.")
    messages.success(request, told)
    return redirect("privacy")


@signed_in
@require_POST
def erase(request: Request) -> HttpResponseBase:
    """Take people out of what is archived; the form asked for a tick, because it is for good."""
    shell = shell_of(request, section="settings")
    workspace = access_workspace(request.user, shell.workspace.pk, Permission.WORKSPACE)
    if request.POST.get("sure") != "on":
        messages.error(request, _("Nothing was changed: tick the box to say that you are sure."))
        return redirect("privacy")
    try:
        with transaction.atomic():
            people.apply_to_archived(workspace=workspace, user=request.user)
            tasks.enqueue_due()
    except IngestionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("People are being taken out of what is archived."))
    return redirect("privacy")

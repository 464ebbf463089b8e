"""The workspace: its settings, its people, what they did."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.audit_words import sentence
from dashboard.guard import Request, signed_in
from dashboard.keyset import by_key, cursor
from dashboard.people_forms import NewWorkspaceForm, WorkspaceForm, time_zones
from dashboard.shell import Shell, page, shell_of
from workspaces import services
from workspaces.access import Forbidden, access_workspace, within
from workspaces.middleware import CHOSEN
from workspaces.models import AuditEvent, Workspace
from workspaces.roles import Permission


@signed_in
@require_safe
def settings_page(request: Request) -> HttpResponseBase:
    """A form for owners; what it says for everybody else."""
    shell = shell_of(request, section="settings")
    return _page(request, shell, WorkspaceForm(instance=shell.workspace))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def save(request: Request) -> HttpResponseBase:
    """What is wrong is told on a page at this address: whoever loads it again gets the form."""
    if request.method != "POST":
        return redirect("settings")
    shell = shell_of(request, section="settings")
    workspace = access_workspace(request.user, shell.workspace.pk, Permission.WORKSPACE)
    form = WorkspaceForm(request.POST, instance=Workspace(pk=workspace.pk))
    if not form.is_valid():
        return _page(request, shell, form, 422)
    services.change_workspace(workspace=workspace, user=request.user, **form.cleaned_data)
    messages.success(request, _("The settings are saved."))
    return redirect("settings")


def _page(request: Request, shell: Shell, form: WorkspaceForm, status: int = 200) -> HttpResponse:
    return page(
        request,
        shell,
        "settings/workspace.html",
        status,
        form=form,
        zones=time_zones() if shell.can["workspace"] else (),
        may_create=services.may_create_workspaces(request.user),
        tab="workspace",
    )


@signed_in
@require_safe
def log(request: Request) -> HttpResponseBase:
    """Who did what, newest first."""
    shell = shell_of(request, section="settings")
    workspace = access_workspace(request.user, shell.workspace.pk, Permission.AUDIT)
    found = by_key(
        within(workspace, AuditEvent.objects.select_related("user")),
        before=cursor(request, "before"),
        after=cursor(request, "after"),
    )
    rows = [(event, sentence(event)) for event in found.rows]
    return page(request, shell, "settings/log.html", found=found, rows=rows, tab="log")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Request) -> HttpResponseBase:
    """Another workspace, and go there."""
    shell = shell_of(request, section="settings")
    if not services.may_create_workspaces(request.user):
        raise Forbidden
    form = NewWorkspaceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = services.create_workspace(name=form.cleaned_data["name"], user=request.user)
        request.session[CHOSEN] = made.pk
        messages.success(request, _("The workspace is made. You are its owner."))
        return redirect(reverse("home"))
    status = 422 if request.method == "POST" else 200
    return page(request, shell, "settings/new.html", status, form=form, tab="workspace")


@signed_in
@require_POST
def dismiss_checklist(request: Request) -> HttpResponseBase:
    shell = shell_of(request)
    workspace = access_workspace(request.user, shell.workspace.pk, Permission.CHANNELS)
    services.dismiss_checklist(workspace=workspace, user=request.user)
    messages.success(request, _("The list of first steps is closed."))
    return redirect("home")

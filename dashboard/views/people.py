"""Who belongs to the workspace: roles, invites, and opening an invite's link."""

from django.contrib import messages
from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.forms import complaints
from dashboard.guard import Request, signed_in
from dashboard.people_forms import InviteForm, JoinForm, RoleForm
from dashboard.shell import page, shell_of
from workspaces import invites
from workspaces import people as service
from workspaces.access import access, access_workspace, within
from workspaces.errors import WorkspaceError
from workspaces.middleware import CHOSEN
from workspaces.models import Invite, Membership, User
from workspaces.roles import Permission, Role

#: The session's key for the secret of an invite that was just made, until it was shown.
_MADE = "invite"
_MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


@signed_in
@require_safe
def people_page(request: Request) -> HttpResponseBase:
    """Everybody sees who is there; owners see the invites, and change roles."""
    shell = shell_of(request, section="settings")
    members = within(shell.workspace, Membership.objects.select_related("user"))
    owner = shell.can["workspace"]
    secret = request.session.pop(_MADE, "") if owner else ""
    return page(
        request,
        shell,
        "settings/people.html",
        members=sorted(members, key=lambda row: (list(Role).index(Role(row.role)), row.pk)),
        invites=invites.open_ones(shell.workspace) if owner else (),
        link=request.build_absolute_uri(reverse("join", args=[secret])) if secret else "",
        form=InviteForm(initial={"role": Role.VIEWER}),
        days=invites.VALID.days,
        tab="people",
    )


@signed_in
@require_POST
def change_role(request: Request, pk: int) -> HttpResponseBase:
    member = access(request.user, Membership.objects.all(), Permission.WORKSPACE, pk=pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, complaints(form))
        return redirect("people")
    role = Role(form.cleaned_data["role"])
    try:
        service.set_role(membership=member, role=role, user=request.user)
    except WorkspaceError as error:
        messages.error(request, str(error))
    else:
        words = {"name": member.user, "role": member.get_role_display()}
        messages.success(request, _("%(name)s is now: %(role)s.") % words)
    return redirect("people")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: Request, pk: int) -> HttpResponseBase:
    """Ask, then end somebody's membership."""
    rows = Membership.objects.select_related("user", "workspace")
    member = access(request.user, rows, Permission.WORKSPACE, pk=pk)
    if request.method != "POST":
        return _ask_to_end(request, member)
    try:
        service.remove(membership=member, user=request.user)
    except WorkspaceError as error:
        messages.error(request, str(error))
    else:
        words = {"name": member.user, "workspace": member.workspace}
        messages.success(request, _("%(name)s no longer belongs to “%(workspace)s”.") % words)
    return redirect("people")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: Request) -> HttpResponseBase:
    """Ask, then end one's own membership; every role may."""
    member = shell_of(request).membership
    if request.method != "POST":
        return _ask_to_end(request, member)
    try:
        service.remove(membership=member, user=request.user)
    except WorkspaceError as error:
        messages.error(request, str(error))
        return redirect("people")
    messages.success(request, _("You left “%(workspace)s”.") % {"workspace": member.workspace})
    return redirect("home")


def _ask_to_end(request: Request, member: Membership) -> HttpResponseBase:
    shell = shell_of(request, section="settings", workspace_id=member.workspace_id)
    return page(
        request,
        shell,
        "settings/remove.html",
        member=member,
        own=member.user_id == request.user.pk,
        last=service.is_last_owner(member),
        tab="people",
    )


@signed_in
@require_POST
def invite(request: Request) -> HttpResponseBase:
    """Make a link; the page after this one shows it, once."""
    shell = shell_of(request, section="settings")
    workspace = access_workspace(request.user, shell.workspace.pk, Permission.WORKSPACE)
    form = InviteForm(request.POST)
    if not form.is_valid():
        messages.error(request, complaints(form))
        return redirect("people")
    _made, request.session[_MADE] = invites.make(
        workspace=workspace,
        role=Role(form.cleaned_data["role"]),
        label=form.cleaned_data["label"],
        user=request.user,
    )
    return redirect(reverse("people") + "#invite")


@signed_in
@require_POST
def revoke(request: Request, pk: int) -> HttpResponseBase:
    row = access(request.user, Invite.objects.all(), Permission.WORKSPACE, pk=pk)
    if invites.revoke(invite=row, user=request.user):
        messages.success(request, _("The link is revoked. Nobody can use it any more."))
    else:
        messages.error(request, _("That link could not be used any more already."))
    return redirect("people")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, secret: str) -> HttpResponseBase:
    """What the link of an invite opens: one confirmation, or an account to make."""
    found = invites.find(secret)
    if found is None or invites.state(found) is not invites.State.OPEN:
        state = invites.state(found).value if found else "unknown"
        context = {"invite": found, "state": state}
        return render(request, "dashboard/settings/join_closed.html", context, status=410)
    if request.user.is_authenticated:
        return _join_as(request, found, request.user)
    form = JoinForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                user = form.save()
                invites.accept(invite=found, user=user)
        except WorkspaceError as error:
            form.add_error(None, str(error))
        else:
            login(request, user, backend=_MODEL_BACKEND)
            return _welcome(request, found)
    status = 422 if request.method == "POST" else 200
    return render(
        request, "dashboard/settings/join.html", {"invite": found, "form": form}, status=status
    )


def _join_as(request: HttpRequest, found: Invite, user: User) -> HttpResponseBase:
    error = ""
    if request.method == "POST":
        try:
            invites.accept(invite=found, user=user)
        except WorkspaceError as refused:
            error = str(refused)
        else:
            return _welcome(request, found)
    context = {"invite": found, "error": error}
    status = 422 if error else 200
    return render(request, "dashboard/settings/join.html", context, status=status)


def _welcome(request: HttpRequest, found: Invite) -> HttpResponseBase:
    request.session[CHOSEN] = found.workspace_id
    words = {"workspace": found.workspace, "role": found.get_role_display()}
    messages.success(request, _("Welcome to “%(workspace)s”. Your role: %(role)s.") % words)
    return redirect("home")

"""What people say about themselves, their password, and where they are signed in."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard import browsers
from dashboard.guard import Request, signed_in
from dashboard.people_forms import ChangePasswordForm, ProfileForm, time_zones
from dashboard.shell import page, shell_of
from workspaces import sign_ins
from workspaces.access import NotFound
from workspaces.middleware import language_of
from workspaces.models import SignIn, User


@dataclass(frozen=True)
class Row:
    """A browser as its person sees it."""

    sign_in: SignIn
    browser: str
    phone: bool
    #: Whether it is the one that asks.
    here: bool


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: Request) -> HttpResponseBase:
    shell = shell_of(request, section="profile")
    person = User.objects.get(pk=request.user.pk)  # a form that fails leaves the menu's name alone
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=person)
    if request.method == "POST" and form.is_valid():
        person.save(update_fields=list(form.cleaned_data))
        with translation.override(language_of(request, person)):
            messages.success(request, _("Your profile is saved."))
        return redirect("profile")
    status = 422 if request.method == "POST" else 200
    return page(
        request, shell, "profile/profile.html", status, form=form, zones=time_zones(), tab="profile"
    )


@sensitive_post_parameters()
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: Request) -> HttpResponseBase:
    """Change it; every other browser is signed out."""
    shell = shell_of(request, section="profile")
    form = ChangePasswordForm(request.user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        form.save()
        before = request.session.session_key or ""
        update_session_auth_hash(request, form.user)
        after = request.session.session_key or ""
        sign_ins.moved(user=request.user, before=before, after=after)
        sign_ins.end_all(user=request.user, but=after)
        messages.success(
            request, _("Your password is changed. All other browsers were signed out.")
        )
        return redirect("profile")
    status = 422 if request.method == "POST" else 200
    return page(request, shell, "profile/password.html", status, form=form, tab="password")


@signed_in
@require_safe
def sessions(request: Request) -> HttpResponseBase:
    shell = shell_of(request, section="profile")
    here = sign_ins.hash_of(request.session.session_key or "")
    rows = [
        Row(
            found,
            browsers.describe(found.user_agent),
            browsers.is_phone(found.user_agent),
            found.session_hash == here,
        )
        for found in sign_ins.of(request.user)
    ]
    rows.sort(key=lambda row: not row.here)
    return page(request, shell, "profile/sessions.html", rows=rows, tab="sessions")


@signed_in
@require_POST
def end_session(request: Request, pk: int) -> HttpResponseBase:
    found = request.user.sign_ins.filter(pk=pk).first()
    if found is None:
        raise NotFound
    sign_ins.end(user=request.user, sign_in=found)
    messages.success(request, _("That browser is signed out."))
    return redirect("sessions")


@signed_in
@require_POST
def end_sessions(request: Request) -> HttpResponseBase:
    """Everywhere, here too."""
    sign_ins.end_all(user=request.user)
    request.session.flush()
    messages.success(request, _("You are signed out everywhere."))
    return redirect("login")

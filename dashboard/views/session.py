"""Signing in, and choosing a workspace."""

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dashboard.forms import LoginForm
from dashboard.guard import Request, signed_in
from workspaces.access import access_workspace
from workspaces.middleware import CHOSEN


class Login(LoginView):
    """Django's login. Who failed too often is told so on the page, and for how long."""

    template_name = "dashboard/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        locked = is_locked_out(self.request)
        return self.render_to_response(
            self.get_context_data(form=form, locked=locked), status=429 if locked else 200
        )


def is_locked_out(request: HttpRequest) -> bool:
    """Whether axes refused the attempt. We answer for it: its own answer is a bare sentence."""
    locked = bool(getattr(request, "axes_locked_out", False))
    if locked:
        request.axes_locked_out = False  # type: ignore[attr-defined]
    return locked


@signed_in
@require_POST
def enter_workspace(request: Request, pk: int) -> HttpResponseBase:
    """Work in another workspace from now on."""
    request.session[CHOSEN] = access_workspace(request.user, pk).pk
    return redirect("home")

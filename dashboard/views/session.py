"""Signing in, choosing a workspace, a language, light or dark."""

from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dashboard.forms import LoginForm
from dashboard.guard import Request, signed_in, way_back
from workspaces import services
from workspaces.access import access_workspace
from workspaces.appearance import COOKIE, parse
from workspaces.middleware import CHOSEN


class Login(LoginView):
    """Django's login. Who failed too often is told so on the page, and for how long."""

    template_name = "dashboard/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(can_send=settings.CAN_SEND_MAIL, **kwargs)

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


@require_POST
def choose_language(request: HttpRequest) -> HttpResponseBase:
    """Speak it in this browser from now on, and to the person who is signed in everywhere."""
    answer = redirect(way_back(request.POST.get("next", ""), "/"))
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        _keep(answer, settings.LANGUAGE_COOKIE_NAME, language)
        if request.user.is_authenticated:
            request.user.language = language
            request.user.save(update_fields=["language"])
    return answer


@require_POST
def choose_appearance(request: HttpRequest) -> HttpResponseBase:
    """Be light or dark in this browser from now on, and for the person who is signed in everywhere.

    What is none of them is refused: nothing is kept.
    """
    appearance = parse(request.POST.get("appearance", ""))
    if appearance is None:
        return HttpResponseBadRequest()
    answer = redirect(way_back(request.POST.get("next", ""), "/"))
    _keep(answer, COOKIE, appearance.value)
    if request.user.is_authenticated:
        services.remember_appearance(user=request.user, appearance=appearance)
    return answer


def _keep(answer: HttpResponseBase, name: str, value: str) -> None:
    """Have the browser remember a choice that is made before anybody signs in, too."""
    answer.set_cookie(
        name,
        value,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )

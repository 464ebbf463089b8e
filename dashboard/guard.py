"""Who gets past the door. What is behind it is decided by `workspaces.access`."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from workspaces.models import User

P = ParamSpec("P")

#: htmx stops polling when it gets this (https://htmx.org/docs/#load_polling).
STOP_POLLING = 286


class Request(HttpRequest):
    """A request of somebody who is signed in."""

    user: User


class NoWorkspace(Http404):
    """The person belongs to no workspace, so there is nothing that a page could show."""


View = Callable[Concatenate[Request, P], HttpResponseBase]


def signed_in(
    view: Callable[Concatenate[Request, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Send strangers to the login page; a live part whose session ended takes the page there."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.user.is_authenticated:
            try:
                return view(cast("Request", request), *args, **kwargs)
            except NoWorkspace:
                return render(request, "dashboard/no_workspace.html", status=404)
        if is_live(request):
            return HttpResponse(status=STOP_POLLING, headers={"HX-Redirect": resolve_url("login")})
        # After signing in, an address that only takes a press is of no use.
        back = request.get_full_path() if request.method in {"GET", "HEAD"} else "/"
        return redirect_to_login(back)

    return guarded


def way_back(back: str, otherwise: str) -> str:
    """The address that a form says it was sent from, where it is a path of this site."""
    fits = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if fits else otherwise


def is_live(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page."""
    return request.headers.get("HX-Request") == "true"

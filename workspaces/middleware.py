"""In whose language and time zone a request is answered, and that its session is in use."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from workspaces import sign_ins
from workspaces.models import User

#: The session's key for the workspace that a person chose.
CHOSEN = "workspace"

#: Asked by machines, also when there is no database to read a person from.
_PROBES = ("/healthz", "/readyz")

UTC = ZoneInfo("UTC")


def zone(name: str) -> ZoneInfo:
    """A time zone by its IANA name; UTC for one that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, no name at all, a name of a folder
        return UTC


def language_of(request: HttpRequest, user: User | AnonymousUser) -> str:
    """The person's own; else that of this browser's cookie; else what the browser asks for."""
    chosen = getattr(user, "language", "")
    if chosen in dict(settings.LANGUAGES):
        return str(chosen)
    return translation.get_language_from_request(request)


def zone_of(request: HttpRequest, user: User | AnonymousUser) -> ZoneInfo:
    """The person's own; else that of the workspace they look at; else UTC."""
    if not isinstance(user, User):
        return UTC
    if user.time_zone:
        return zone(user.time_zone)
    chosen = request.session.get(CHOSEN)
    seats = sorted(user.seats, key=lambda seat: seat.workspace_id != chosen)
    return zone(seats[0].workspace.time_zone) if seats else UTC


class LocaleMiddleware:
    """Speak the person's language, and tell the time of where they are."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info in _PROBES:
            return self.get_response(request)
        language = language_of(request, request.user)
        with translation.override(language), timezone.override(zone_of(request, request.user)):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language",))
        return response


class SignInMiddleware:
    """Keep the list of a person's sessions up to date."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info not in _PROBES and request.user.is_authenticated:
            sign_ins.note(request)
        return self.get_response(request)

"""Headers on every answer."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; form-action 'self'; "
    "base-uri 'none'; object-src 'none'"
)
"""Everything from this server, nothing inline: archived text that slips through as markup is dead."""

PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


#: What no document is made from: a policy would only make it larger.
_NO_DOCUMENTS = ("text/css", "text/javascript", "font/", "image/jpeg", "image/png")


class SecurityPolicyMiddleware:
    """Send the policies that Django 5.2 has no settings for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.headers.get("Content-Type", "").startswith(_NO_DOCUMENTS):
            return response
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response


class GZipPagesMiddleware(GZipMiddleware):
    """Compress pages, and nothing else: an export is sent as it is on the disk, in the ranges
    that were asked for.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if response.headers.get("Content-Type", "").startswith("text/html"):
            return super().process_response(request, response)
        return response

"""What a person is told when the server itself is in trouble."""

import sys

import redis
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.views.defaults import server_error

#: Seconds after which a browser may ask again.
RETRY_AFTER = 5
_AWAY = (OperationalError, InterfaceError, redis.ConnectionError)


def internal_error(request: HttpRequest) -> HttpResponse:
    """500; or 503 where PostgreSQL or Valkey does not answer, which passes by itself."""
    if not isinstance(sys.exc_info()[1], _AWAY):
        return server_error(request)
    page = loader.get_template("503.html").render()
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER)})

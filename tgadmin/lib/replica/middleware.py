"""Which requests are answered from the replica."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import Error, connections
from django.http import HttpRequest, HttpResponseBase
from django.template.response import SimpleTemplateResponse

from tgadmin.lib.replica import positions
from tgadmin.lib.replica.standing import standing

#: What tells how much a replica must have to be read by this browser.
COOKIE: Final = "tgadmin_written"
#: Seconds; a replica that is further behind is not read by anybody.
COOKIE_AGE: Final = 60

_SAFE: Final = {"GET", "HEAD"}
#: SQLSTATE of "cannot execute … in a read-only transaction", and of what ends a session or a
#: statement because of the replica: https://www.postgresql.org/docs/current/errcodes-appendix.html
_WRITES: Final = "25006"
_GONE: Final = ("08", "57P", "40001")

AnyView = TypeVar("AnyView", bound=Callable[..., Any])


def from_the_database(view: AnyView) -> AnyView:
    """Have a view that is about the database itself never answered from the replica."""
    view.never_from_replica = True  # type: ignore[attr-defined]
    return view


class ReplicaMiddleware:
    """Answer what is only read from the replica; remember in a cookie what a person wrote."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if "replica" not in connections.settings:
            raise MiddlewareNotUsed
        self.get_response = get_response
        #: Views that wrote while they were read.
        self.writing: set[str] = set()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.method not in _SAFE or getattr(request, "wrote", False):
            response.set_cookie(
                COOKIE,
                positions.inserted(),
                max_age=COOKIE_AGE,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """The page, made from the replica; None where it is to be made as always."""
        name = f"{view.__module__}.{getattr(view, '__qualname__', '')}"
        if not self._may(request, view, name):
            return None
        try:
            with _replica_stands_in():
                response: HttpResponseBase = view(request, *args, **kwargs)
                if isinstance(response, SimpleTemplateResponse):
                    response.render()
                return response
        except Error as error:
            state = str(getattr(error.__cause__, "sqlstate", None) or "08")
            if state == _WRITES:
                self.writing.add(name)
                request.wrote = True  # type: ignore[attr-defined]
            elif state.startswith(_GONE):
                standing.gone()
                connections["replica"].close()
            else:
                raise
            return None

    def _may(self, request: HttpRequest, view: Callable[..., Any], name: str) -> bool:
        match = request.resolver_match
        return (
            request.method in _SAFE
            and name not in self.writing
            and not getattr(view, "never_from_replica", False)
            # Whoever repairs something there wants to see what is.
            and not (match and "admin" in match.app_names)
            and standing.may_read(positions.parsed(request.COOKIES.get(COOKIE, "")) or 0)
        )


@contextmanager
def _replica_stands_in() -> Iterator[None]:
    """In this thread, as Django's own LiveServerThread shares a connection: everything that asks
    "the database" asks the replica, SQL of our own included.
    """
    database = connections["default"]
    connections["default"] = connections["replica"]
    try:
        yield
    finally:
        connections["default"] = database

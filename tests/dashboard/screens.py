"""Every page that a person looks at, found in the table of addresses.

The tests of queries, of bytes, of widths and those of axe walk this list, so a new address is looked
at as soon as it stands in `routes.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.test import Client
from django.urls import reverse

from tests.dashboard.routes import ROUTES
from tests.dashboard.world import World


@dataclass(frozen=True)
class Screen:
    """A page, and as whom it is looked at."""

    name: str
    address: str
    role: str = "owner"


#: The same pages in another light: a filter, an empty workspace, a mistake.
_MORE = (
    ("messages, a search", "/messages/?q=Map", "owner"),
    ("messages, nothing found", "/messages/?q=nobodywrotethis", "owner"),
    ("home, of a new workspace", "/", "stranger"),
    ("home, of a viewer", "/", "viewer"),
    ("no such page", "/nothing/here/", "owner"),
)


#: Names that may be pages: what answers 200 to a GET. Which of them are, their answers tell.
CANDIDATES = [
    *(
        name
        for name, route in ROUTES.items()
        if route.method == "get" and 200 in {route.ok, route.anonymous}
    ),
    *(name for name, _, _ in _MORE),
]


def screens(world: World, client_of: Callable[[str], Client]) -> list[Screen]:
    """Return the pages of the table that are whole documents, in the table's order, and some more."""
    found = []
    for name in CANDIDATES:
        if name not in ROUTES:
            continue
        route = ROUTES[name]
        role = "owner" if route.ok == 200 else "anonymous"
        address = reverse(name, args=route.arguments(world))
        answer = client_of(role).get(address)
        if is_document(answer.get("Content-Type", ""), b"".join(answer)):  # streams, too
            found.append(Screen(name, address, role))
    return [*found, *(Screen(*more) for more in _MORE)]


def is_document(content_type: str, body: bytes) -> bool:
    """Tell a page from a part of one, a picture or a file."""
    return content_type.startswith("text/html") and body.lstrip()[:9].lower() == b"<!doctype"

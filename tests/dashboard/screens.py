"""Every page that a person looks at, found in the table of addresses.

The tests of queries, of bytes, of widths and those of axe walk this list, so a new address is looked
at as soon as it stands in `routes.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.test import Client
from django.urls import reverse

from tests.dashboard.routes import ROUTES
from tests.dashboard.world import INVITED, World


@dataclass(frozen=True)
class Screen:
    """A page, and as whom it is looked at."""

    name: str
    address: str
    role: str = "owner"
    status: int = 200


#: The same pages in another light: a filter, an empty workspace, a mistake.
_MORE = (
    Screen("messages, a search", "/messages/?q=Map"),
    Screen("messages, nothing found", "/messages/?q=nobodywrotethis"),
    Screen("home, of a new workspace", "/", "stranger"),
    Screen("home, of a viewer", "/", "viewer"),
    Screen("home, of nobody's member", "/", "guest", 404),
    Screen("join, a new person", f"/join/{INVITED}/", "anonymous"),
    Screen("join, somebody signed in", f"/join/{INVITED}/", "stranger"),
    Screen("join, a dead link", "/join/no-such-secret/", "anonymous", 410),
    Screen("export-shared, a dead link", "/shared/no-such-secret/", "anonymous", 410),
    Screen("log, not allowed", "/settings/log/", "viewer", 403),
    Screen("no such page", "/nothing/here/", "owner", 404),
)

#: The same pages with a question in their addresses: of interest for what they ask of PostgreSQL.
QUESTIONS = (
    Screen("retention, a look", "/settings/retention/?days=1"),
    Screen("retention, a look at files", "/settings/retention/?days=1&action=delete_media"),
)

#: Presses that ask first, when they are opened as pages.
_CONFIRMATIONS = (
    *("channel-remove", "channel-emptied", "person-remove", "leave"),
    *("account-disconnect", "account-delete"),
)


#: Names that may be pages: what answers 200 to a GET. Which of them are, their answers tell.
CANDIDATES = [
    *(
        name
        for name, route in ROUTES.items()
        if route.method == "get" and 200 in {route.ok, route.anonymous}
    ),
    *_CONFIRMATIONS,
    *(more.name for more in _MORE),
]


def screens(world: World, client_of: Callable[[str], Client]) -> list[Screen]:
    """Return the pages of the table that are whole documents, in the table's order, and some more."""
    found = []
    for name in CANDIDATES:
        if name not in ROUTES or name in _CONFIRMATIONS:
            continue
        route = ROUTES[name]
        role = "owner" if route.ok == 200 else "anonymous"
        address = reverse(name, args=route.arguments(world))
        answer = client_of(role).get(address)
        if is_document(answer.get("Content-Type", ""), b"".join(answer)):  # streams, too
            found.append(Screen(name, address, role))
    asking = [
        Screen(name, reverse(name, args=ROUTES[name].arguments(world))) for name in _CONFIRMATIONS
    ]
    return [*found, *asking, *_MORE]


def is_document(content_type: str, body: bytes) -> bool:
    """Tell a page from a part of one, a picture or a file."""
    return content_type.startswith("text/html") and body.lstrip()[:9].lower() == b"<!doctype"

"""How many queries a page makes: few, and as many with three times the rows."""

from collections.abc import Callable

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.dashboard.growth import grow
from tests.dashboard.past import give_past
from tests.dashboard.routes import ROUTES
from tests.dashboard.screens import QUESTIONS, screens
from tests.dashboard.world import World

ClientOf = Callable[[str], Client]

#: Queries that a page may make: session and person, the shell's, its own.
DEFAULT = 25
#: Where less is enough, or more is needed; the reason stands in the view.
BUDGETS = {
    # Every card is a question or two, and what fails is asked for in eleven.
    "home": 27,
    "home-live": 26,
    "channels": 16,
    "channel-add": 13,
    # Six sections besides what its runs need: history, chart, calendar, top posts, gaps, exports.
    "channel": 28,
    "channel-live": 21,
    "messages": 15,
    # What is found and how it divides have a limit of time each: a savepoint, the limit, and back.
    "messages, a search": 25,
    "messages, nothing found": 16,
    # Walked through twice, each page of it within a limit of time.
    "gallery-zip": 47,
    "message": 16,
    "runs": 12,
    "run": 10,
    "run-live": 8,
    "exports": 11,
    "exports-live": 6,
    "accounts": 11,
    "account-connect": 10,
    "account": 15,
    "call": 12,
    "call-live": 8,
    "login": 5,
    # Whatever the number of channels: which they are, their days, their files, and their holds.
    "retention, a look": 17,
    "retention, a look at files": 16,
    # The doctor asks, too, and each of its checks for itself; every card is a question.
    "status": 32,
    "status-json": 32,
}


def addresses(world: World, client_of: ClientOf) -> dict[str, tuple[str, str]]:
    """Return role and address of everything that is read: pages, parts of them, and files."""
    seen = [*screens(world, client_of), *QUESTIONS]
    found = {screen.name: (screen.role, screen.address) for screen in seen}
    for name, route in ROUTES.items():
        if route.method == "get" and route.ok == 200:
            found.setdefault(name, ("owner", reverse(name, args=route.arguments(world))))
    return found


def queries(client: Client, address: str) -> list[str]:
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        b"".join(client.get(address))
    # That a session is in use is written down at most every five minutes, whatever the page.
    return [query["sql"] for query in asked if 'UPDATE "workspaces_signin"' not in query["sql"]]


def test_every_page_stays_within_its_budget_whatever_the_number_of_rows(
    world: World, client_of: ClientOf
) -> None:
    give_past(world)
    # Two of a kind already, because a choice of two asks for more than one without a choice.
    grow(world, numbers=range(1, 2))
    read = addresses(world, client_of)
    clients = {role: client_of(role) for role in {role for role, _ in read.values()}}
    small = {name: queries(clients[role], address) for name, (role, address) in read.items()}
    grow(world, numbers=range(2, 6))
    large = {name: queries(clients[role], address) for name, (role, address) in read.items()}

    over = {
        name: len(asked)
        for name, asked in small.items()
        if len(asked) > BUDGETS.get(name, BUDGETS.get(name.split(",")[0], DEFAULT))
    }
    assert over == {}, "more queries than the budget"
    more = {
        name: (len(small[name]), len(large[name]), _new(small[name], large[name]))
        for name in read
        if len(large[name]) > len(small[name])
    }
    assert more == {}, "more queries where there are more rows"


def _new(before: list[str], after: list[str]) -> list[str]:
    """The first of the queries that came with the rows, for whoever reads the failure."""
    heads = [query[:160] for query in before]
    return [query[:160] for query in after if heads.count(query[:160]) != _times(after, query)][:3]


def _times(queries_: list[str], query: str) -> int:
    return sum(other[:160] == query[:160] for other in queries_)


def test_budgets_are_of_addresses_that_exist() -> None:
    assert {name.split(",")[0] for name in BUDGETS} <= set(ROUTES)

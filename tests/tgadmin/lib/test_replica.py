"""A page comes from the replica only while that is as good as the database itself."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, connections
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from tests.factories import make_member, make_workspace
from tests.tgadmin import replicas
from tgadmin.embedded import PostgresServer
from tgadmin.lib.replica import ReplicaMiddleware, Standing, middleware, positions
from workspaces.models import Workspace
from workspaces.roles import Role


class Servers:
    """A database and its replica, as numbers; and the time."""

    def __init__(self) -> None:
        self.now, self.written, self.replayed = 100.0, 1000, 1000
        self.away = False

    def replica(self) -> int:
        if self.away:
            raise OperationalError("connection refused")
        return self.replayed

    def standing(self) -> Standing:
        return Standing(written=lambda: self.written, replayed=self.replica, clock=lambda: self.now)


@pytest.fixture
def servers() -> Servers:
    return Servers()


def test_it_is_read_when_it_has_everything_and_while_it_follows(servers: Servers) -> None:
    standing = servers.standing()
    assert standing.may_read()
    for _ in range(20):
        servers.now += 1
        servers.written += 10
        servers.replayed = servers.written - 5
        assert standing.may_read(), "never quite there, and always close behind"
    assert standing.lag == pytest.approx(1)


def test_not_before_anything_is_known_of_it(servers: Servers) -> None:
    servers.replayed = 5
    standing = servers.standing()
    assert not standing.may_read()
    assert standing.lag is None
    servers.now, servers.replayed = servers.now + 1.5, 1000
    assert standing.may_read()


def test_one_that_hears_nothing_any_more_is_found_out(servers: Servers) -> None:
    """It believes to have everything that it was sent."""
    standing = servers.standing()
    assert standing.may_read()
    answers = []
    for _ in range(8):
        servers.now += 1
        servers.written += 1
        answers.append(standing.may_read())
    assert answers == [True] * 5 + [False] * 3
    # Where nothing is written, nothing is missing.
    idle = Servers()
    standing = idle.standing()
    for _ in range(20):
        idle.now += 1
        assert standing.may_read()


def test_who_wrote_reads_there_once_it_has_that(servers: Servers) -> None:
    standing = servers.standing()
    assert standing.may_read(after=1000)
    servers.written = 1010
    assert not standing.may_read(after=1010)
    assert standing.may_read(), "others go on"
    servers.replayed = 1010
    assert standing.may_read(after=1010), "asked at once, not with the next look"


def test_one_that_is_away_is_left_alone_for_a_while(servers: Servers) -> None:
    standing = servers.standing()
    assert standing.may_read()
    servers.away, servers.now = True, servers.now + 1
    assert not standing.may_read()
    servers.away, servers.now = False, servers.now + 4
    assert not standing.may_read()
    servers.now += 1
    assert standing.may_read()
    standing.gone()
    assert not standing.may_read()


@pytest.mark.parametrize(
    ("text", "position"),
    [("0/10", 16), ("16/B374D848", 0x16B374D848), ("", None), ("x", None), ("1/2/3", None)],
)
def test_positions(text: str, position: int | None) -> None:
    assert positions.parsed(text) == position


# -- with a real one ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def replica_server(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PostgresServer]:
    server = replicas.copy_of(postgres_server, Path("/tmp") / tmp_path_factory.mktemp("r").name)
    yield server
    replicas.end(server)


@pytest.fixture
def standing(monkeypatch: pytest.MonkeyPatch) -> Standing:
    """What this process knows is nothing, as at its start."""
    made = Standing()
    monkeypatch.setattr(middleware, "standing", made)
    return made


@pytest.fixture
def replica(
    transactional_db: None, replica_server: PostgresServer, standing: Standing
) -> Iterator[psycopg.Connection]:
    """A superuser's connection to the replica, which has caught up."""
    here = connections.settings
    here["replica"] = {**here["default"], "HOST": str(replica_server.sockets)}
    connections["replica"] = connections.create_connection("replica")
    connections["replica"].alias = "default"  # tests may ask that one alone
    with replicas.connect(replica_server, str(here["default"]["NAME"])) as control:
        replicas.catch_up(control)
        yield control
        if not control.closed:
            control.execute("SELECT pg_wal_replay_resume()")
    connections["replica"].close()
    del connections["replica"], here["replica"]


@pytest.fixture
def workspace(transactional_db: None) -> Workspace:
    return make_workspace("Harbour")


@pytest.fixture
def client_of(workspace: Workspace) -> Callable[[str], Client]:
    def make(role: str) -> Client:
        client = Client()
        client.force_login(make_member(Role(role), workspace))
        return client

    return make


def asked_replica(client: Client, address: str) -> tuple[int, str]:
    """How many queries a page asked the replica, and the page."""
    with CaptureQueriesContext(connections["replica"]) as asked:
        page = client.get(address)
    assert page.status_code == 200
    about = [query for query in asked if "pg_last_wal_replay" not in query["sql"]]
    return len(about), page.content.decode()


@pytest.mark.slow
def test_pages_come_from_the_replica_and_a_change_is_seen_at_once(
    client_of: Callable[[str], Client], replica: psycopg.Connection, workspace: Workspace
) -> None:
    owner, viewer = client_of("owner"), client_of("viewer")
    replicas.catch_up(replica)
    queries, page = asked_replica(owner, "/settings/")
    assert queries
    assert "Harbour" in page
    replica.execute("SELECT pg_wal_replay_pause()")
    answer = owner.post("/settings/save/", {"name": "Lighthouse", "time_zone": "UTC"})
    assert answer.status_code == 302
    assert positions.parsed(owner.cookies[middleware.COOKIE].value)
    queries, page = asked_replica(owner, "/settings/")
    assert (queries, "Lighthouse" in page) == (0, True)
    queries, page = asked_replica(viewer, "/channels/")
    assert queries, "somebody else may see it a moment later"
    replica.execute("SELECT pg_wal_replay_resume()")
    replicas.catch_up(replica)
    queries, page = asked_replica(owner, "/settings/")
    assert queries
    assert "Lighthouse" in page


@pytest.mark.slow
def test_one_that_falls_behind_is_not_read(
    client_of: Callable[[str], Client],
    replica: psycopg.Connection,
    standing: Standing,
    settings: Any,
) -> None:
    settings.REPLICA_MAX_LAG = 1.5
    viewer = client_of("viewer")
    for _ in range(100):  # on a busy machine it may be behind for a moment
        replicas.catch_up(replica)
        if asked_replica(viewer, "/channels/")[0]:
            break
        replicas.wait(0.1)
    else:
        raise AssertionError("A replica that has everything is not read")
    replica.execute("SELECT pg_wal_replay_pause()")
    for _ in range(200):
        make_workspace()
        if not standing.may_read():
            break
        replicas.wait(0.05)
    assert standing.lag is not None
    assert standing.lag > 1.5
    assert asked_replica(viewer, "/channels/")[0] == 0


@pytest.mark.slow
def test_a_view_that_writes_and_a_replica_that_goes(
    client_of: Callable[[str], Client],
    replica: psycopg.Connection,
    replica_server: PostgresServer,
    standing: Standing,
) -> None:
    viewer = client_of("viewer")
    replicas.catch_up(replica)
    made = ReplicaMiddleware(lambda _request: HttpResponse("made again"))
    request = RequestFactory().get("/channels/")
    request.resolver_match = resolve("/channels/")

    def writes(_request: Any) -> HttpResponse:
        Workspace.objects.create(name="Made while it was read")
        return HttpResponse("never")

    assert made.process_view(request, writes, (), {}) is None
    assert connection is not connections["replica"]
    assert made.writing == {f"{__name__}.{writes.__qualname__}"}
    assert middleware.COOKIE in made(request).cookies
    assert not Workspace.objects.filter(name="Made while it was read").exists()

    assert asked_replica(viewer, "/channels/")[0]
    replica.close()
    replica_server.stop()
    assert viewer.get("/channels/").status_code == 200, (
        "it failed in the middle, and was made again"
    )
    assert not standing.may_read()
    assert viewer.get("/channels/").status_code == 200
    replica_server.spawn()
    replicas.wait_for(replica_server)

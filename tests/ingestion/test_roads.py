"""How Telegram is reached: transports, proxies, and looking which data centre answers."""

import socket
import ssl
from typing import Any

import pytest
from django.db import connection
from telethon.sessions import StringSession

from ingestion import roadcheck
from ingestion.errors import InputError
from ingestion.models import Account, Proxy
from ingestion.services import calls as posting
from ingestion.services import proxies
from ingestion.services.calls import CallResult
from ingestion.sources.mtproto.client import connect
from ingestion.sources.mtproto.config import Credentials
from ingestion.sources.mtproto.fake_tls import client_hello
from ingestion.sources.mtproto.roads import AUTOMATIC, Road, Secret, Way, mtproxy_secret
from tests.ingestion.proxies import (
    PASSWORD,
    SECRET,
    USER,
    RunningProxy,
    disguised,
    firewall,
    free_port,
    http,
    mtproxy,
    passing,
    silent,
    socks5,
)
from tests.ingestion.world import World
from tgadmin.env import DataCentre


@pytest.fixture(autouse=True)
def _loopback(settings: Any) -> None:
    settings.OUTBOUND_PRIVATE = True
    settings.TELEGRAM_CONNECT_TIMEOUT = 3


def reach(world: World, **fields: Any) -> CallResult:
    """Connect with an account whose row has these values; whether it can read."""
    Account.objects.filter(pk=world.account.pk).update(**fields)
    world.account.refresh_from_db()
    call = posting.post(account=world.account, kind="dialogs")
    world.answer(call)
    return posting.result(call)


def transports(world: World, since: int) -> set[str]:
    return {one["transport"] for one in world.sandbox.requests(since)}


@pytest.fixture
def since(world: World) -> int:
    return world.sandbox.last_request()


@pytest.mark.parametrize(
    ("transport", "name"),
    [
        ("automatic", "full"),
        ("full", "full"),
        ("abridged", "abridged"),
        ("intermediate", "intermediate"),
        ("obfuscated", "obfuscated abridged"),
    ],
)
def test_an_account_speaks_the_transport_that_was_chosen(
    world: World, since: int, transport: str, name: str
) -> None:
    result = reach(world, transport=transport)
    assert result.state == "answered", result.error
    assert transports(world, since) == {name}


def test_what_worked_is_tried_first(world: World, since: int) -> None:
    reach(world, transport="automatic", road="obfuscated:443")
    assert transports(world, since) == {"obfuscated abridged"}
    world.account.refresh_from_db()
    assert world.account.road == "obfuscated:443"
    assert Way(first="intermediate:80").roads()[0] == Road("intermediate", 80)
    assert set(Way(first="intermediate:80").roads()) == set(AUTOMATIC)
    assert Way(transport="abridged", port=80).roads() == [Road("abridged", 80)]


def test_a_network_that_blocks_what_it_knows_is_passed_by_another_transport(
    world: World, since: int, settings: Any
) -> None:
    with RunningProxy(firewall(world.sandbox.host, world.sandbox.port)) as running:
        settings.TELEGRAM_DC = DataCentre(2, "127.0.0.1", running.port)
        result = reach(world, transport="full")
        assert result.state == "failed"
        result = reach(world, transport="automatic", road="")
        assert result.state == "answered", result.error
        assert transports(world, since) == {"obfuscated abridged"}
        running.seen.clear()
        # the next connection begins with what worked
        assert reach(world).state == "answered"
        assert {kind for kind, _ in running.seen} == {"obfuscated"}


@pytest.fixture
def through(world: World) -> Any:
    """Makes a proxy of the workspace that leads to a running one, and has the account use it."""

    def make(running: RunningProxy, kind: str, **fields: Any) -> Proxy:
        proxy = proxies.save(
            workspace=world.workspace, kind=kind, host="127.0.0.1", port=running.port, **fields
        )
        Account.objects.filter(pk=world.account.pk).update(proxy=proxy)
        return proxy

    return make


@pytest.mark.parametrize(("kind", "serve"), [("socks5", socks5), ("http", http)])
def test_through_a_proxy_with_a_password(world: World, through: Any, kind: str, serve: Any) -> None:
    with RunningProxy(serve) as running:
        proxy = through(running, kind, username=USER, password=PASSWORD)
        assert reach(world).state == "answered"
        assert set(running.seen) == {(world.sandbox.host, world.sandbox.port)}
        proxies.save(
            workspace=world.workspace,
            proxy=proxy,
            kind=kind,
            host=proxy.host,
            port=proxy.port,
            username=USER,
            password="not the password",
        )
        refused = reach(world)
    assert refused.error_code == "PROXY_REFUSED"
    assert PASSWORD not in str(refused.error)
    assert "user name and password" in refused.error


@pytest.mark.parametrize(
    ("text", "tag"),
    [(SECRET.hex(), "eeeeeeee"), ("dd" + SECRET.hex(), "dddddddd")],
    ids=["plain", "padded"],
)
def test_through_an_mtproxy(world: World, through: Any, text: str, tag: str) -> None:
    serve = mtproxy(SECRET, world.sandbox.host, world.sandbox.port)
    with RunningProxy(serve) as running:
        through(running, "mtproxy", secret=text)
        result = reach(world)
        assert result.state == "answered", result.error
        assert set(running.seen) == {(tag, 2)}


def test_through_an_mtproxy_that_pretends_to_be_a_website(world: World, through: Any) -> None:
    name = b"www.example.org"
    serve = disguised(SECRET, name, world.sandbox.host, world.sandbox.port)
    with RunningProxy(serve) as running:
        through(running, "mtproxy", secret=f"ee{SECRET.hex()}{name.hex()}")
        result = reach(world)
        assert result.state == "answered", result.error
        assert set(running.seen) == {("dddddddd", 2)}
        running.seen.clear()
        Proxy.objects.update(secret=f"ee{'ab' * 16}{name.hex()}")
        refused = reach(world)
        assert not running.seen
    assert refused.error_code == "MTPROXY_REFUSED"
    assert "check that the clock of this machine is right" in refused.error


def test_the_greeting_of_a_disguised_proxy_is_that_of_a_browser() -> None:
    """Python's own TLS reads the name of the website out of it, and answers."""
    asked: list[str | None] = []
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.sni_callback = lambda _line, name, _context: asked.append(name)
    came, goes = ssl.MemoryBIO(), ssl.MemoryBIO()
    came.write(client_hello(SECRET, b"www.example.org", 1_790_000_000))
    with pytest.raises(ssl.SSLError, match=r"SIGNATURE_ALGORITHM|SHARED_CIPHER"):  # no certificate
        server.wrap_bio(came, goes, server_side=True).do_handshake()
    assert asked == ["www.example.org"]


def test_a_proxy_that_is_away_is_told_and_never_passed_by(
    world: World, through: Any, since: int
) -> None:
    through(RunningProxy(silent, port=free_port()), "socks5")
    assert reach(world).error_code == "PROXY_UNREACHABLE"
    assert not world.sandbox.requests(since)


def test_private_addresses_are_for_those_who_run_the_server(
    world: World, through: Any, settings: Any
) -> None:
    settings.OUTBOUND_PRIVATE = False
    with RunningProxy(socks5) as running:
        through(running, "socks5", username=USER, password=PASSWORD)
        refused = reach(world)
        assert not running.seen
    assert refused.error_code == "PROXY_PRIVATE"
    assert "TGADMIN_OUTBOUND_PRIVATE=1" in refused.error


def test_secrets_in_every_form() -> None:
    plain = "dd" + "0" * 30  # 16 bytes that happen to begin like a padded one
    assert mtproxy_secret(plain) == Secret(bytes.fromhex(plain))
    padded = Secret(b"\xab" + b"\x2a" * 15, padded=True)
    assert mtproxy_secret("ddab" + "2a" * 15) == mtproxy_secret("3asqKioqKioqKioqKioqKio") == padded
    assert mtproxy_secret("ee" + "ab" * 16 + b"example.org".hex()) == Secret(
        b"\xab" * 16, padded=True, domain=b"example.org"
    )
    for wrong in ("", "abc", "zz" * 16, "ab" * 15, "ee" + "ab" * 16, "ee" + "ab" * 20):
        with pytest.raises(InputError, match="no secret"):
            mtproxy_secret(wrong)


def test_passwords_and_secrets_are_encrypted(world: World) -> None:
    proxies.save(
        workspace=world.workspace,
        kind="socks5",
        host="proxy.example.org",
        port=1,
        username=USER,
        password=PASSWORD,
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT password FROM ingestion_proxy")
        assert PASSWORD.encode() not in bytes(cursor.fetchone()[0])


def test_a_proxy_in_use_stays(world: World, through: Any) -> None:
    proxy = through(RunningProxy(silent, port=1), "socks5")
    with pytest.raises(InputError, match="is used by"):
        proxies.remove(proxy=proxy)
    Account.objects.update(proxy=None)
    proxies.remove(proxy=proxy)
    assert not Proxy.objects.exists()
    # a workspace goes with all it has
    through(RunningProxy(silent, port=1), "socks5")
    world.workspace.delete()


def test_looking_which_data_centre_answers(world: World, through: Any, settings: Any) -> None:
    settings.TELEGRAM_CONNECT_TIMEOUT = 1
    with RunningProxy(socks5) as running, RunningProxy(silent) as quiet:
        good = through(running, "socks5", username=USER, password=PASSWORD)
        bad = through(quiet, "http")
        seen = {}
        for name, proxy in (("direct", None), ("good", good), ("bad", bad)):
            row = proxies.check(workspace=world.workspace, proxy=proxy)
            roadcheck.check(row.pk)
            row.refresh_from_db()
            assert row.state == "done"
            seen[name] = {one["transport"]: one for one in row.results}
            if name == "direct":
                nearest = {one["dc"]: one["nearest"] for one in row.results}
    for name in ("direct", "good"):
        assert set(seen[name]) == {"full", "abridged", "intermediate", "obfuscated"}
        assert all(one["ms"] > 0 for one in seen[name].values()), name
    # both data centres that help.getConfig tells of, and which help.getNearestDc calls nearest
    assert nearest == {2: True, 4: False}
    assert all(one["ms"] is None and one["error"] for one in seen["bad"].values())


@pytest.mark.skipif(not socket.has_ipv6, reason="this Python knows no IPv6")
def test_over_ipv6(world: World, settings: Any) -> None:
    with RunningProxy(passing(world.sandbox.host, world.sandbox.port), host="::1") as running:
        settings.TELEGRAM_DC = DataCentre(2, "::1", running.port)
        result = reach(world, transport="full", ipv6=True)
        assert result.state == "answered", result.error
        assert {host for host, _ in running.seen} == {"::1"}


async def test_a_login_keeps_its_data_centre_when_ipv6_is_switched(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Telethon would begin anew in data centre 2, with a key that is worth nothing there."""
    from ingestion.sources.mtproto import client

    made: list[Any] = []

    async def stop(self: Any) -> None:
        made.append((self.session.dc_id, self.session.server_address))
        raise ConnectionError

    monkeypatch.setattr(client._Client, "connect", stop)
    session = StringSession(world.account.session)
    session.set_dc(4, "149.154.167.91", 443)
    for ipv6 in (True, False):
        with pytest.raises(Exception, match="broke"):
            async with connect(
                Credentials(1, "0" * 32, session.save()), way=Way(transport="full", ipv6=ipv6)
            ):
                pass
    assert made == [(4, "2001:67c:4e8:f004::a"), (4, "149.154.167.91")]

"""Proxies, the way of an account, and the page about connectivity."""

from collections.abc import Callable
from typing import Any

import pytest
import redis
from django.test import Client
from django.utils import timezone

from ingestion.models import Account, Proxy, RoadCheck
from tests.dashboard.world import World
from workspaces.models import AuditEvent

ClientOf = Callable[[str], Client]
FORM = {"kind": "http", "host": "relay.example.org", "port": "3128", "name": "Relay"}
SECRET = "dd" + "ab" * 16


@pytest.fixture
def proxy(world: World) -> Proxy:
    return world.workspace.proxies.get()


def test_a_proxy_is_added_and_its_password_never_shown(world: World, client_of: ClientOf) -> None:
    client = client_of("admin")
    data = {**FORM, "username": "vera", "password": "pa55word"}
    assert client.post("/accounts/proxies/add/", data).status_code == 302
    made = Proxy.objects.get(host="relay.example.org")
    assert made.password == "pa55word"
    address = f"/accounts/proxies/{made.pk}/edit/"
    assert "pa55word" not in client.get(address).content.decode()
    client.post(address, {**data, "password": "", "port": "3129"})
    made.refresh_from_db()
    assert (made.port, made.password) == (3129, "pa55word")
    events = AuditEvent.objects.filter(action__startswith="proxy.")
    assert {event.action for event in events} == {"proxy.add", "proxy.change"}
    assert "pa55word" not in str([event.details for event in events])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"host": "https://x/"}, "without https"),
        ({"host": ""}, "name or IP address"),
        ({"port": "x"}, "is a number"),
        ({"kind": "mtproxy"}, "no secret of an MTProxy"),
        ({"kind": "mtproxy", "secret": "ee" + "ab" * 20}, "no secret of an MTProxy"),
        (
            {"kind": "socks5", "host": "proxy.example.org", "port": "1080", "username": "vera"},
            "already",
        ),
    ],
)
def test_what_is_wrong_is_told(
    fields: dict[str, str], words: str, world: World, client_of: ClientOf
) -> None:
    answer = client_of("owner").post("/accounts/proxies/add/", {**FORM, **fields})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert world.workspace.proxies.count() == 1


def test_an_account_is_led_through_it(world: World, proxy: Proxy, client_of: ClientOf) -> None:
    client = client_of("admin")
    address = f"/accounts/{world.account.pk}/road/"
    data = {"proxy": proxy.pk, "transport": "obfuscated", "port": "80", "ipv6": "on"}
    assert client.post(address, data).status_code == 302
    account = Account.objects.get(pk=world.account.pk)
    assert (account.proxy, account.transport, account.port, account.ipv6) == (
        proxy, "obfuscated", 80, True,
    )  # fmt: skip
    told = client.post(f"/accounts/proxies/{proxy.pk}/remove/", follow=True).content.decode()
    assert "is used by Main" in told
    client.post(address, {"proxy": "", "transport": "automatic", "port": "443"})
    client.post(f"/accounts/proxies/{proxy.pk}/remove/")
    assert not Proxy.objects.filter(pk=proxy.pk).exists()


def test_another_workspaces_proxy_is_no_choice(world: World, client_of: ClientOf) -> None:
    theirs = Proxy.objects.create(workspace=world.other, kind="http", host="h", port=1)
    answer = client_of("admin").post(
        f"/accounts/{world.account.pk}/road/",
        {"proxy": theirs.pk, "transport": "full", "port": "443"},
    )
    assert answer.status_code == 422


def test_a_look_is_asked_for_and_shown(
    world: World, proxy: Proxy, client_of: ClientOf, valkey: redis.Redis
) -> None:
    valkey.delete(f"tgadmin:limit:roads:{world.workspace.pk}")
    client = client_of("admin")
    for address in ("/accounts/roads/look/", f"/accounts/proxies/{proxy.pk}/test/"):
        page = client.post(address, follow=True).content.decode()
        assert "Looking" in page
    assert client.get("/accounts/roads/live/").status_code == 200
    place: dict[str, Any] = {"dc": 2, "host": "149.154.167.51", "port": 443}
    refused = [["The proxy %(proxy)s could not be reached.", {"proxy": "proxy.example.org:1080"}]]
    answers = {
        None: [
            {**place, "transport": "full", "ms": 41},
            {**place, "transport": "intermediate", "port": 80, "ms": None, "error": [["No."]]},
        ],
        proxy.pk: [{**place, "transport": "full", "ms": None, "error": refused}],
    }
    for number, results in answers.items():
        RoadCheck.objects.filter(proxy=number).update(
            state="done", results=results, finished_at=timezone.now()
        )
    live = client.get("/accounts/roads/live/")
    assert live.status_code == 286
    page = live.content.decode()
    assert "Data centre 2 answered in 41 ms" in page
    assert "intermediate:80" in page
    assert "Nothing answered" in page
    assert "proxy.example.org:1080 could not be reached" in page

"""Who is answered what, on every address; and nobody is shown a button that answers 403."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, URLResolver, resolve, reverse
from django.utils import timezone

from dashboard import urls
from ingestion.models import AccountCall
from tests.dashboard.routes import ADMIN, MEMBERS, OUTSIDE, ROLES, ROUTES, STRANGERS_OWN
from tests.dashboard.world import World
from tgadmin import urls as project

pytestmark = pytest.mark.usefixtures("valkey")

ClientOf = Callable[[str], Client]


def ask(client: Client, name: str, world: World) -> tuple[int, str]:
    """Ask and take back what it changed. Returns the status and, of what was read, the text."""
    route = ROUTES[name]
    address = reverse(name, args=route.arguments(world))
    signed_in = client.cookies.output(header="", sep=";")
    with transaction.atomic():
        # A call is void after a minute, and a slow machine walks longer than that.
        AccountCall.objects.update(created_at=timezone.now())
        answer = getattr(client, route.method)(address, route.data(world))
        transaction.set_rollback(True)
    client.cookies.clear()
    client.cookies.load(signed_in)
    read = route.method == "get" and answer.status_code == 200
    return int(answer.status_code), b"".join(answer).decode(errors="replace") if read else ""


def test_every_address_is_in_the_table() -> None:
    assert {pattern.name for pattern in urls.urlpatterns} == set(ROUTES)


def _names(patterns: Iterable[Any], prefix: str = "") -> Iterator[str]:
    """Yield every address below `patterns`, by the path that leads there and its name."""
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _names(pattern.url_patterns, path)
        else:
            yield f"{path} {pattern.name}"


def test_every_other_address_is_known() -> None:
    ours = {f"{pattern.pattern} {pattern.name}" for pattern in urls.urlpatterns}
    others = set(_names(project.urlpatterns)) - ours
    admin = {name for name in others if name.startswith("admin/")}
    assert others - admin == set(OUTSIDE)
    # The list of an app's tables and the catch-all are expressions; they are walked below.
    assert {first for name in admin if (first := name.split("/")[1]).isidentifier()} == ADMIN


@pytest.mark.parametrize("role", ROLES)
def test_the_admin_is_for_superusers_and_health_for_everybody(
    role: str, client_of: ClientOf, valkey: object
) -> None:
    client = client_of(role)
    answers = {name: client.get("/" + name.split(" ")[0]) for name in OUTSIDE}
    told = {
        name: (answer.status_code, answer.get("Location") or list(answer.json()["checks"]))
        for name, answer in answers.items()
    }
    assert told == OUTSIDE
    assert client.get("/admin/ingestion/")["Location"].startswith("/admin/login/")
    for name in _names(project.urlpatterns):
        path = re.sub("<int:[^>]*>", "0", re.sub("<(?:str|path):[^>]*>", "x", name.split(" ")[0]))
        if path.startswith("admin/") and "(" not in path and "^" not in path:
            answer = client.get(f"/{path}")
            allowed = {"admin/login/": 200, "admin/logout/": 302}.get(path, 302)
            assert answer.status_code == allowed, path
            assert allowed != 302 or answer["Location"].startswith("/admin/"), path


def test_each_person_is_answered_by_their_role_and_shown_nothing_that_refuses_them(
    world: World, client_of: ClientOf
) -> None:
    answers = {}
    for role in ROLES:
        client = client_of(role)
        for name in ROUTES:
            answers[name, role], page = ask(client, name, world)
            if role in MEMBERS:
                _assert_no_link_refuses(role, name, page)
    expected = {(name, role): ROUTES[name].expected(role) for name in ROUTES for role in ROLES}
    expected |= {(name, "stranger"): status for name, status in STRANGERS_OWN.items()}
    assert answers == expected


def test_a_button_is_no_link(world: World, client_of: ClientOf) -> None:
    client = client_of("owner")
    asks_first = {
        "channel-emptied",
        "channel-remove",
        "account-delete",
        "account-disconnect",
        "leave",
        "person-remove",
    }
    leads_back = {"settings-save"}  # what it says of a form that is wrong is a page
    for name, route in ROUTES.items():
        if route.method == "post":
            expected = 200 if name in asks_first else 302 if name in leads_back else 405
            answer = client.get(reverse(name, args=route.arguments(world)))
            assert answer.status_code == expected, name


def _assert_no_link_refuses(role: str, name: str, page: str) -> None:
    """Whichever attribute an address stands in: what a link, a form, one of its buttons, htmx
    (hx-get, hx-post) or a script of ours (data-upload, data-suggest) asks for. Pictures and files
    have no links.
    """
    for address in set(re.findall(r'\s[a-z-]+="(/[^"#?]*)', page)):
        target = _name_of(address)
        if target in ROUTES:
            assert role in ROUTES[target].allowed, f"{role} sees {address} on {name}"


@cache
def _name_of(address: str) -> str | None:
    """None of static files, and of what is no address."""
    try:
        return resolve(address).url_name
    except Resolver404:
        return None


def test_a_person_without_a_workspace_is_told_that_nothing_is_here(
    world: World, client_of: ClientOf
) -> None:
    person = world.people["stranger"]
    person.memberships.all().delete()
    answer = client_of("stranger").get("/")
    assert answer.status_code == 404
    assert "Ask an owner of a workspace for an invite link." in answer.content.decode()


def test_a_list_of_one_workspace_names_nothing_of_another(
    world: World, client_of: ClientOf
) -> None:
    client = client_of("stranger")
    for name in ("home", "home-live", "channels", "messages", "runs", "exports", "accounts"):
        page = client.get(reverse(name)).content.decode()
        assert "Хроника города" not in page, name
        assert "Reader 2" not in page, name


def test_filters_do_not_reach_into_another_workspace(world: World, client_of: ClientOf) -> None:
    client = client_of("stranger")
    assert client.get(f"/messages/?channel={world.channel.pk}").status_code == 404
    assert client.get(f"/runs/?channel={world.channel.pk}").status_code == 404


def test_who_was_signed_out_is_taken_to_the_door_by_a_live_part(
    world: World, client_of: ClientOf
) -> None:
    answer = client_of("anonymous").get(
        f"/channels/{world.channel.pk}/live/", headers={"HX-Request": "true"}
    )
    assert (answer.status_code, answer["HX-Redirect"]) == (286, "/login/")


def test_a_person_goes_to_another_of_their_workspaces(world: World, client_of: ClientOf) -> None:
    world.people["stranger"].memberships.create(workspace=world.workspace, role="viewer")
    client = client_of("stranger")
    client.post(f"/workspaces/{world.other.pk}/enter/")
    assert "Хроника города" not in client.get("/channels/").content.decode()
    client.post(f"/workspaces/{world.workspace.pk}/enter/")
    assert "Хроника города" in client.get("/channels/").content.decode()

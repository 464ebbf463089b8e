"""Who is answered what, on every address; and nobody is shown a button that answers 403."""

import re
from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from dashboard import urls
from tests.dashboard.routes import MEMBERS, ROLES, ROUTES, STRANGERS_OWN
from tests.dashboard.world import World

ClientOf = Callable[[str], Client]


def ask(client: Client, name: str, world: World) -> int:
    """Ask and take back what it changed."""
    route = ROUTES[name]
    address = reverse(name, args=route.arguments(world))
    with transaction.atomic():
        answer = getattr(client, route.method)(address, route.data(world))
        transaction.set_rollback(True)
    return int(answer.status_code)


def test_every_address_is_in_the_table() -> None:
    assert {pattern.name for pattern in urls.urlpatterns} == set(ROUTES)


def test_each_person_is_answered_by_their_role(world: World, client_of: ClientOf) -> None:
    answers = {(name, role): ask(client_of(role), name, world) for name in ROUTES for role in ROLES}
    expected = {(name, role): ROUTES[name].expected(role) for name in ROUTES for role in ROLES}
    expected |= {(name, "stranger"): status for name, status in STRANGERS_OWN.items()}
    assert answers == expected


def test_a_button_is_no_link(world: World, client_of: ClientOf) -> None:
    client = client_of("owner")
    asks_first = {"channel-remove", "account-delete"}
    for name, route in ROUTES.items():
        if route.method == "post":
            answer = client.get(reverse(name, args=route.arguments(world)))
            assert answer.status_code == (200 if name in asks_first else 405), name


@pytest.mark.parametrize("role", MEMBERS)
def test_nobody_is_shown_what_they_may_not_do(role: str, world: World, client_of: ClientOf) -> None:
    client = client_of(role)
    for name, route in ROUTES.items():
        if route.method != "get" or role not in route.allowed or route.ok != 200:
            continue
        page = client.get(reverse(name, args=route.arguments(world))).content.decode()
        for address in re.findall(r'(?:href|action|hx-get)="(/[^"#?]*)', page):
            try:
                target = resolve(address).url_name
            except Resolver404:
                continue  # static files
            if target in ROUTES:
                assert role in ROUTES[target].allowed, f"{role} sees {address} on {name}"


def test_a_person_without_a_workspace_is_told_that_nothing_is_here(
    world: World, client_of: ClientOf
) -> None:
    person = world.people["stranger"]
    person.memberships.all().delete()
    answer = client_of("stranger").get("/")
    assert answer.status_code == 404
    assert "Ask an owner of a workspace to add you." in answer.content.decode()


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

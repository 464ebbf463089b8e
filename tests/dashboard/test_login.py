"""The door."""

import pytest
from django.test import Client

from tests.dashboard.world import World


def enter(client: Client, password: str, name: str = "owner") -> tuple[int, str]:
    answer = client.post("/login/", {"username": name, "password": password})
    return answer.status_code, answer.content.decode()


def test_the_right_password_leads_to_the_dashboard(world: World, client: Client) -> None:
    assert enter(client, "pass-owner")[0] == 302
    assert client.get("/").status_code == 200


def test_a_page_that_was_asked_for_is_shown_after_signing_in(world: World, client: Client) -> None:
    assert client.get("/runs/?state=failed")["Location"] == "/login/?next=/runs/%3Fstate%3Dfailed"
    answer = client.post(
        "/login/", {"username": "owner", "password": "pass-owner", "next": "/runs/?state=failed"}
    )
    assert answer["Location"] == "/runs/?state=failed"


def test_a_button_pressed_after_the_session_ended_leads_home(world: World, client: Client) -> None:
    answer = client.post(f"/channels/{world.channel.pk}/sync/")
    assert answer["Location"] == "/login/?next=/"


def test_a_wrong_password_is_told(world: World, client: Client) -> None:
    status, page = enter(client, "wrong")
    assert status == 200
    assert "do not belong together" in page


def test_who_guesses_is_locked_out_and_told_for_how_long(world: World, client: Client) -> None:
    for _ in range(4):
        assert enter(client, "wrong")[0] == 200
    status, page = enter(client, "wrong")
    assert status == 429
    assert "shut for 15 minutes" in page
    assert enter(client, "pass-owner")[0] == 429
    assert enter(client, "pass-admin", "admin")[0] == 302


@pytest.mark.parametrize("door", ["/login/", "/admin/login/"])
@pytest.mark.parametrize("name", ["x" * 5_000, "\N{GRINNING FACE}" * 100, "a\0b", "\u202ex"])
def test_a_name_that_nobody_has_is_as_wrong_as_any(
    door: str, name: str, world: World, client: Client
) -> None:
    answer = client.post(door, {"username": name, "password": "x"})
    assert answer.status_code == 200
    assert 'name="username"' in answer.content.decode()


def test_signing_out_ends_the_session(world: World, client: Client) -> None:
    enter(client, "pass-owner")
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("superuser", [True, False])
def test_only_superusers_are_shown_the_stock_admin(
    superuser: bool, world: World, client: Client
) -> None:
    world.people["owner"].is_superuser = world.people["owner"].is_staff = superuser
    world.people["owner"].save()
    enter(client, "pass-owner")
    assert ("/admin/django_rq/" in client.get("/").content.decode()) is superuser

"""The workspace's own settings, and making another one."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.dashboard.world import World
from workspaces.models import Workspace

ClientOf = Callable[[str], Client]

FIELDS = {
    "name": "Night desk",
    "time_zone": "europe/lisbon",
    "default_sync_minutes": "30",
    "keep_exports_days": "",
}


def test_an_owner_changes_everything(world: World, client_of: ClientOf) -> None:
    answer = client_of("owner").post("/settings/save/", FIELDS, follow=True)
    assert "The settings are saved." in answer.content.decode()
    found = Workspace.objects.get(pk=world.workspace.pk)
    assert (found.name, found.time_zone) == ("Night desk", "Europe/Lisbon")
    assert (found.default_sync_minutes, found.keep_exports_days) == (30, None)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", " ", "A workspace needs a name."),
        ("time_zone", "Mars/Olympus", "There is no time zone “Mars/Olympus”."),
        ("default_sync_minutes", "0", "greater than or equal to 1"),
        ("keep_exports_days", "some", "Enter a whole number."),
    ],
)
def test_what_will_not_do_is_told_and_nothing_is_changed(
    field: str, value: str, words: str, world: World, client_of: ClientOf
) -> None:
    answer = client_of("owner").post("/settings/save/", FIELDS | {field: value})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Workspace.objects.get(pk=world.workspace.pk).name == "City desk"


def test_the_address_of_a_form_that_was_refused_can_be_opened(
    world: World, client_of: ClientOf
) -> None:
    """Who changes the language there, or loads it again, gets the form as it is kept."""
    client = client_of("owner")
    assert client.post("/settings/save/", FIELDS | {"name": " "}).status_code == 422
    answer = client.post("/language/", {"language": "ru", "next": "/settings/save/"}, follow=True)
    assert answer.redirect_chain[-1] == ("/settings/", 302)
    assert answer.status_code == 200
    assert '<html lang="ru"' in answer.content.decode()


def test_others_read_what_an_owner_set(world: World, client_of: ClientOf) -> None:
    Workspace.objects.filter(pk=world.workspace.pk).update(default_sync_minutes=15)
    page = client_of("viewer").get("/settings/").content.decode()
    assert "every 15 minutes" in page
    assert "/settings/save/" not in page


def test_another_workspace_is_made_and_entered(world: World, client_of: ClientOf) -> None:
    owner = client_of("owner")
    page = owner.post("/workspaces/new/", {"name": "Second desk"}, follow=True).content.decode()
    assert "Begin your archive" in page
    assert "Second desk" in page
    assert owner.post("/workspaces/new/", {"name": ""}).status_code == 422


def test_the_time_zones_are_offered(world: World, client_of: ClientOf) -> None:
    page = client_of("owner").get("/settings/").content.decode()
    assert '<option value="Asia/Tokyo">' in page
    assert '<option value="UTC">' in page

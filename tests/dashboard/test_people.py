"""People of a workspace, as owners and others see them; opening an invite."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.people_forms import JoinForm
from tests.dashboard.world import World
from workspaces import invites
from workspaces.errors import WorkspaceError
from workspaces.models import AuditEvent, Invite, Membership, User
from workspaces.roles import Role

ClientOf = Callable[[str], Client]


def text(client: Client, address: str) -> str:
    return client.get(address, follow=True).content.decode()


def new_link(world: World, role: Role = Role.ANALYST) -> str:
    _invite, secret = invites.make(
        workspace=world.workspace, role=role, label="Lena", user=world.people["owner"]
    )
    return f"/join/{secret}/"


def account(name: str = "lena") -> dict[str, str]:
    return {"username": name, "password1": "ferry at dawn", "password2": "ferry at dawn"}


def test_a_link_is_shown_once_and_kept_as_a_hash(world: World, client_of: ClientOf) -> None:
    owner = client_of("owner")
    shown = owner.post("/settings/people/invite/", {"role": "viewer", "label": "Lena"}, follow=True)
    found = re.search(r'value="http://testserver(/join/[^"]+)"', shown.content.decode())
    assert found
    assert "/join/" not in text(owner, "/settings/people/")
    assert "Lena" in text(owner, "/settings/people/")
    assert text(Client(), found[1]).count("City desk")


def test_a_new_person_makes_an_account_and_is_in(world: World) -> None:
    client = Client()
    answer = client.post(new_link(world), account())
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert "Хроника города" in text(client, "/channels/")
    lena = User.objects.get(username="lena")
    assert lena.memberships.get().role == Role.ANALYST
    assert not lena.is_staff
    assert not lena.is_superuser


def test_a_name_that_was_taken_a_moment_ago_is_told(world: World) -> None:
    first, second = JoinForm(account()), JoinForm(account())
    assert first.is_valid()
    assert second.is_valid()
    first.save()
    with pytest.raises(WorkspaceError, match="already exists"):
        second.save()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"password1": "12345678", "password2": "12345678"}, "too common"),
        ({"password2": "another one here"}, "didn’t match"),
        ({"username": "OWNER"}, "already exists"),
    ],
)
def test_an_account_that_will_not_do_is_told_and_leaves_the_link(
    fields: dict[str, str], words: str, world: World
) -> None:
    link = new_link(world)
    answer = Client().post(link, account() | fields)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Client().get(link).status_code == 200
    assert not User.objects.filter(username="lena").exists()


def test_who_is_signed_in_joins_with_one_press(world: World, client_of: ClientOf) -> None:
    client, link = client_of("stranger"), new_link(world)
    assert "You are signed in as" in text(client, link)
    answer = client.post(link, follow=True)
    assert "Welcome to “City desk”. Your role: Analyst." in answer.content.decode()
    assert "Хроника города" in text(client, "/channels/")


def test_a_member_is_told_and_does_not_use_the_link_up(world: World, client_of: ClientOf) -> None:
    link = new_link(world)
    assert "already" in client_of("viewer").post(link).content.decode()
    assert Client().get(link).status_code == 200


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"accepted_at": timezone.now()}, "was used already"),
        ({"revoked_at": timezone.now()}, "was revoked"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "too old"),
    ],
)
def test_a_link_that_is_over_says_why(
    change: dict[str, object], words: str, world: World, client_of: ClientOf
) -> None:
    link = new_link(world)
    Invite.objects.filter(label="Lena").update(**change)
    for client in (Client(), client_of("stranger")):
        for answer in (client.get(link), client.post(link, account())):
            assert answer.status_code == 410
            assert words in answer.content.decode()
    assert not User.objects.filter(username="lena").exists()


def test_a_link_cut_short_says_so(world: World) -> None:
    assert "leads nowhere" in Client().get(new_link(world)[:-3] + "/").content.decode()


def test_an_owner_revokes_a_link(world: World, client_of: ClientOf) -> None:
    owner = client_of("owner")
    address = f"/settings/invites/{world.invite.pk}/revoke/"
    assert "revoked" in owner.post(address, follow=True).content.decode()
    assert "could not be used any more" in owner.post(address, follow=True).content.decode()


def test_an_owner_changes_a_role(world: World, client_of: ClientOf) -> None:
    seat = Membership.objects.get(user=world.people["viewer"])
    address = f"/settings/people/{seat.pk}/role/"
    client_of("owner").post(address, {"role": "admin"})
    assert client_of("viewer").get("/settings/log/").status_code == 200
    client_of("owner").post(address, {"role": "emperor"})
    assert Membership.objects.get(pk=seat.pk).role == Role.ADMIN


def test_the_last_owner_is_told_why_nothing_happens(world: World, client_of: ClientOf) -> None:
    seat = Membership.objects.get(user=world.people["owner"])
    owner = client_of("owner")
    for answer in (
        owner.post(f"/settings/people/{seat.pk}/role/", {"role": "viewer"}, follow=True),
        owner.post(f"/settings/people/{seat.pk}/remove/", follow=True),
        owner.post("/settings/people/leave/", follow=True),
    ):
        assert "is the only owner of this workspace" in answer.content.decode()
    assert "Make somebody else an owner first" in text(owner, "/settings/people/leave/")


def test_who_is_removed_sees_nothing_from_then_on(world: World, client_of: ClientOf) -> None:
    viewer = client_of("viewer")
    seat = Membership.objects.get(user=world.people["viewer"])
    client_of("owner").post(f"/settings/people/{seat.pk}/remove/")
    assert viewer.get("/").status_code == 404
    assert viewer.get(f"/channels/{world.channel.pk}/").status_code == 404


def test_a_member_leaves_by_themselves(world: World, client_of: ClientOf) -> None:
    client_of("viewer").post("/settings/people/leave/")
    assert not world.people["viewer"].memberships.exists()


def test_everybody_sees_who_is_there_and_owners_what_to_do_about_it(
    world: World, client_of: ClientOf
) -> None:
    for role in ("admin", "analyst", "viewer"):
        page = text(client_of(role), "/settings/people/")
        assert "analyst" in page
        assert "Invite somebody" not in page
        assert "Mariam" not in page  # an invite's label is for owners
    assert "Mariam" in text(client_of("owner"), "/settings/people/")


def test_the_log_says_who_did_what_page_by_page(world: World, client_of: ClientOf) -> None:
    for number in range(60):
        AuditEvent.objects.create(
            workspace=world.workspace,
            user=world.people["admin"],
            action="channel.enable",
            target=f"Number {number}",
        )
    admin = client_of("admin")
    first = text(admin, "/settings/log/")
    assert "Turned syncing of Number 59 on" in first
    assert "Number 9 on" not in first
    older = re.search(r'href="(\?before=\d+)"', first)
    assert older
    second = text(admin, f"/settings/log/{older[1]}")
    assert "Turned syncing of Number 9 on" in second


def test_the_log_is_of_one_workspace(world: World, client_of: ClientOf) -> None:
    AuditEvent.objects.create(workspace=world.workspace, action="x.y", target="Only here")
    assert "Only here" not in text(client_of("stranger"), "/settings/log/")
    page = text(client_of("owner"), "/settings/log/")
    assert "x.y Only here" in page  # an action without words of its own
    assert "the server" in page

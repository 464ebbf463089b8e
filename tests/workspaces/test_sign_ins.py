"""Where people are signed in, and that it ends."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tests.factories import make_member
from workspaces import sign_ins
from workspaces.models import SignIn, User
from workspaces.roles import Role

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def vera() -> User:
    user = make_member(Role.OWNER, name="vera")
    user.set_password("a long one")
    user.save()
    return user


def enter(user: User, agent: str = FIREFOX) -> Client:
    client = Client(headers={"user-agent": agent})
    client.post("/login/", {"username": user.username, "password": "a long one"})
    return client


def is_in(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


def test_a_browser_is_noted_without_its_sessions_key(vera: User) -> None:
    key = enter(vera).session.session_key
    row = vera.sign_ins.get()
    assert (row.user_agent, row.address) == (FIREFOX, "127.0.0.1")
    assert key
    assert row.session_hash == sign_ins.hash_of(key) != key


def test_the_last_use_is_written_at_most_every_five_minutes(vera: User) -> None:
    client = enter(vera)
    long_ago = timezone.now() - timedelta(hours=1)
    vera.sign_ins.update(seen_at=long_ago)
    client.get("/profile/")
    assert vera.sign_ins.get().seen_at == long_ago
    cache.clear()  # the five minutes are over
    client.get("/profile/")
    assert vera.sign_ins.get().seen_at > long_ago


def test_a_session_from_before_there_was_a_list_gets_into_it(vera: User) -> None:
    client = enter(vera)
    vera.sign_ins.all().delete()
    cache.clear()
    client.get("/profile/")
    assert vera.sign_ins.get().user_agent == FIREFOX


def test_one_browser_is_signed_out(vera: User) -> None:
    here, there = enter(vera), enter(vera)
    other = vera.sign_ins.order_by("-pk")[0]
    sign_ins.end(user=vera, sign_in=other)
    assert is_in(here)
    assert not is_in(there)


def test_everywhere_is_everywhere(vera: User) -> None:
    clients = [enter(vera), enter(vera)]
    stranger = make_member(Role.OWNER, name="other")
    stranger.set_password("a long one")
    stranger.save()
    other = enter(stranger)
    sign_ins.end_all(user=vera)
    assert not any(is_in(client) for client in clients)
    assert is_in(other)
    assert not vera.sign_ins.exists()


def test_signing_out_takes_the_row_along(vera: User) -> None:
    enter(vera).post("/logout/")
    assert not SignIn.objects.exists()


def test_sessions_that_are_over_are_neither_listed_nor_kept(vera: User) -> None:
    enter(vera)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert not sign_ins.of(vera).exists()
    enter(vera)
    assert vera.sign_ins.count() == 1
    assert Session.objects.count() == 1


def test_an_agent_of_any_length_and_an_address_that_is_none_are_taken(vera: User) -> None:
    client = Client(headers={"user-agent": "x" * 5000}, REMOTE_ADDR="")
    client.post("/login/", {"username": "vera", "password": "a long one"})
    row = vera.sign_ins.get()
    assert (len(row.user_agent), row.address) == (300, None)

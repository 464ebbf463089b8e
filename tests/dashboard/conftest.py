"""A world, and browsers of its people."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.dashboard.world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def client_of(world: World) -> Callable[[str], Client]:
    """Return a signed-in client by role; "anonymous" is nobody."""

    def make(role: str) -> Client:
        client = Client()
        if role != "anonymous":
            client.force_login(
                world.people[role], backend="django.contrib.auth.backends.ModelBackend"
            )
        return client

    return make

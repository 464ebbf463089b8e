"""A world, and browsers of its people."""

import pickle
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from ingestion.models import AccountCall, FloodWait, SyncRun, WorkerHeartbeat
from tests.dashboard.world import FLOOD_LEFT, World, make_world


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[bytes]:
    """The world of a module's tests, pickled. It takes as long to make as ten tests, so it lies in a
    transaction around them, and what each changes is rolled back.
    """
    with ExitStack() as around:
        with django_db_blocker.unblock():
            around.enter_context(transaction.atomic())
            kept = pickle.dumps(make_world())
        yield kept
        with django_db_blocker.unblock():
            transaction.set_rollback(True)
            around.close()


@pytest.fixture
def world(made: bytes, db: None) -> World:
    """The world as new."""
    kept: World = pickle.loads(made)
    now = timezone.now()
    # What means something else, or nothing any more, when it is a minute old.
    WorkerHeartbeat.objects.update(seen_at=now - timedelta(seconds=4))
    AccountCall.objects.update(created_at=now)
    FloodWait.objects.update(until=now + FLOOD_LEFT)
    SyncRun.objects.filter(state="waiting").update(not_before=now + FLOOD_LEFT)
    return kept


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test without the world would find it or not, depending on what ran before."""
    of_module: dict[Path, dict[bool, str]] = defaultdict(dict)
    for item in items:
        asks = set(item.fixturenames) if isinstance(item, pytest.Function) else set()
        if item.path.parent == Path(__file__).parent and asks & {"made", "db"}:
            of_module[item.path]["made" in asks] = item.name
    for names in of_module.values():
        if len(names) > 1:
            raise pytest.UsageError(f"{names[False]} needs a module without the world's tests")


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

"""Servers for tests: real ones, started when the first test asks, ended with the run."""

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import redis
from django.conf import settings
from django.db import connection, transaction
from django.test import TransactionTestCase

from tgadmin.embedded import PostgresServer, ValkeyServer, valkey_url

# The same examples in every run, and none is wrong for being slow on a busy machine.
hypothesis.settings.register_profile(
    "same",
    derandomize=True,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("same")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--screenshots", metavar="DIR", help="where the pictures of the documentation are kept"
    )
    parser.addoption(
        "--crowded",
        type=float,
        default=60.0,
        metavar="SECONDS",
        help="for how long workers and a listener compete for one account (marker kill)",
    )
    parser.addoption("--pages", metavar="FILE", help="where the table of pages is written")


#: Each process has servers of its own (tests/settings.py), so more of them than these would start
#: servers longer than they test.
_MOST_AT_ONCE = 4


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """How many processes `-n auto`, which is what `manage.py test` says, stands for: 0, which is
    this one alone, where somebody wants to see or stop what runs.
    """
    options = config.option
    if options.capture == "no" or options.usepdb or options.collectonly:
        return 0
    return min(os.cpu_count() or 1, _MOST_AT_ONCE)


#: Where files take longest. They come first, so that no process is left with one of them alone
#: at the end; a file is never shared out (`--dist loadfile`), for what its tests share is costly.
_LONGEST = (
    "tests/browser/test_pages.py",
    "tests/kill/test_memory.py",
    "tests/tgadmin",
    "tests/ingestion",
    "tests/sandbox",
    "tests/project",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest in front."""
    items.sort(key=lambda item: not item.nodeid.startswith(_LONGEST))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """PostgreSQL of this run. It forgets everything in a power cut, and is fast for it."""
    server = PostgresServer(settings.TGADMIN_DATA_DIR, durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(postgres_server: PostgresServer) -> None:
    """Start the server before pytest-django makes its database there."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Empty the tables after a test of transactions in a tenth of Django's time: rows are deleted
    instead of every table's file made anew, and permissions, which nobody changes, stay.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _empty)
        yield


#: Made by `migrate` from the code alone.
_MADE_BY_MIGRATE = {"auth_permission", "django_content_type"}


def _empty(_test: TransactionTestCase) -> None:
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    deletes = [f'DELETE FROM "{name}"' for name in sorted({*tables} - _MADE_BY_MIGRATE)]
    with transaction.atomic(), connection.cursor() as cursor:
        # Django's foreign keys are looked at when the transaction ends: no order has to be kept.
        cursor.execute(";".join(deletes))


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[ValkeyServer]:
    server = ValkeyServer(settings.TGADMIN_DATA_DIR)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def valkey(valkey_server: ValkeyServer) -> Iterator["redis.Redis"]:
    """Return a client of an empty Valkey, the one that the queues are in."""
    client = redis.Redis(unix_socket_path=str(valkey_server.socket))
    client.flushall()
    yield client
    client.close()


@pytest.fixture
def valkey_server_url(valkey: "redis.Redis") -> str:
    return valkey_url(settings.TGADMIN_DATA_DIR)


@pytest.fixture
def data_dir() -> Path:
    """Return the data directory of this test run."""
    return Path(settings.TGADMIN_DATA_DIR)


@pytest.fixture(scope="session")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory as a first start leaves it, to be copied (tests/tgadmin/settled.py)."""
    from tests.tgadmin.settled import settle

    return settle(tmp_path_factory.mktemp("settled") / "data")

"""Servers for tests: real ones, started when the first test asks, ended with the run."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings

from tgadmin.embedded import PostgresServer, ValkeyServer, valkey_url


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--screenshots", metavar="DIR", help="where the pictures of the documentation are kept"
    )


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

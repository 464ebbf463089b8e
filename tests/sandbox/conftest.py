from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from telethon import TelegramClient
from telethon.crypto import rsa
from telethon.sessions import StringSession

from sandbox.testing import SandboxProcess

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """One server for tests that only read: eight kinds of channels, 400 ids each."""
    with SandboxProcess(tmp_path_factory.mktemp("sb"), channels=8, messages=400) as sandbox:
        rsa.add_key(sandbox.public_key.read_text(), old=False)
        yield sandbox


@pytest.fixture(scope="session")
def _changing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("sb"), channels=5, messages=250) as made:
        rsa.add_key(made.public_key.read_text(), old=False)
        yield made


@pytest.fixture
def sandbox(_changing: SandboxProcess) -> SandboxProcess:
    """A server as new, for tests that change something."""
    if not _changing.running:
        _changing.start()
    _changing.reset()
    return _changing


Connect = "Callable[..., Awaitable[TelegramClient]]"


@pytest.fixture
async def connect() -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    """Makes connected clients: logged in as `phone`, or as nobody when `phone` is None."""
    clients: list[Any] = []

    async def make(
        sandbox: SandboxProcess, phone: str | None = "15550001001", **options: Any
    ) -> Any:
        if "session" in options:
            session = options.pop("session")
        elif phone is None:
            session = StringSession()
            session.set_dc(2, sandbox.host, sandbox.port)
        else:
            session = StringSession(sandbox.session_string(phone))
        settings = {
            "auto_reconnect": False,
            "receive_updates": False,
            "flood_sleep_threshold": 0,
            "request_retries": 1,
            "connection_retries": 1,
            "retry_delay": 0,
            **options,
        }
        client = TelegramClient(session, *sandbox.api, **settings)
        clients.append(client)
        await client.connect()
        return client

    yield make
    for client in clients:
        await client.disconnect()

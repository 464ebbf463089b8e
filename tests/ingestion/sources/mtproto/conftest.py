"""A Telegram server for these tests, and connections to it."""

from collections.abc import Iterator
from typing import Any

import pytest

from ingestion.sources.base import ChannelAddress
from ingestion.sources.mtproto.client import connect
from ingestion.sources.mtproto.config import Credentials, TelegramServer
from sandbox.testing import SandboxProcess


class Telegram:
    """The sandbox as these tests see it."""

    def __init__(self, sandbox: SandboxProcess) -> None:
        self.sandbox = sandbox
        self.server = TelegramServer.parse(sandbox.dc, sandbox.public_key)
        self.cards: list[dict[str, Any]] = sandbox.status()["channels"]

    def credentials(self, session: str | None = None, phone: str | None = None) -> Credentials:
        """Return a login of the first account, another one's, or the given session."""
        api_id, api_hash = self.sandbox.api
        text = self.sandbox.session_string(phone) if session is None else session
        return Credentials(api_id, api_hash, text)

    def connect(self, session: str | None = None, *, timeout: float = 10.0) -> Any:
        return connect(self.credentials(session), server=self.server, timeout=timeout)

    def card(self, kind: str) -> dict[str, Any]:
        return next(card for card in self.cards if card["kind"] == kind and card["username"])

    def methods(self, since: int) -> list[str]:
        return [entry["method"] for entry in self.sandbox.requests(since)]


@pytest.fixture(scope="session")
def sandbox_of_sources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(
        tmp_path_factory.mktemp("sandbox"), channels=8, messages=400, seed=7
    ) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def sandbox_of_module(sandbox_of_sources: SandboxProcess) -> SandboxProcess:
    """As new for every module: starting another takes longer than all its tests."""
    sandbox_of_sources.reset()
    return sandbox_of_sources


@pytest.fixture
def telegram(sandbox_of_module: SandboxProcess) -> Iterator[Telegram]:
    yield Telegram(sandbox_of_module)
    sandbox_of_module.clear_faults()


async def address_of(session: Any, card: dict[str, Any]) -> ChannelAddress:
    """Return how the session reaches a channel."""
    found = next(one for one in await session.dialogs() if one.peer_id == card["id"])
    return ChannelAddress(found.peer_id, found.access_hash)

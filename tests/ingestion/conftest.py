"""A channel that an account can read, and a sandbox to read it from."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ingestion.models import Account, Channel, ChannelAccess
from sandbox.testing import SandboxProcess
from tests.factories import make_channel, make_workspace
from tests.ingestion.world import World
from tgadmin.env import DataCentre


@pytest.fixture
def channel(db: None) -> Channel:
    return make_channel()


@pytest.fixture
def account(channel: Channel) -> Account:
    account = Account.objects.create(
        workspace=channel.workspace,
        phone="+9996620001",
        api_id=1,
        api_hash="hash",
        state=Account.State.READY,
    )
    ChannelAccess.objects.create(channel=channel, account=account, access_hash=1)
    return account


@pytest.fixture(scope="session")
def reading_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """For tests that change nothing in it."""
    with SandboxProcess(tmp_path_factory.mktemp("sb"), channels=8, messages=450) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def changing_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("sb"), channels=5, messages=450) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(changing_sandbox: SandboxProcess) -> SandboxProcess:
    """For tests that edit, delete, or make it misbehave: they ask it for the truth themselves."""
    changing_sandbox.clear_faults()
    changing_sandbox.pace()
    return changing_sandbox


@pytest.fixture
def connect_to(settings: Any, transactional_db: None) -> Callable[[SandboxProcess], World]:
    """Makes an archive with an account that is logged in to a sandbox."""

    def connect(sandbox: SandboxProcess) -> World:
        settings.TELEGRAM_DC = DataCentre(2, sandbox.host, sandbox.port)
        settings.TELEGRAM_PUBLIC_KEY = sandbox.public_key
        settings.TELEGRAM_MIN_INTERVAL = 0
        api_id, api_hash = sandbox.api
        phone = sandbox.accounts[0]["phone"]
        workspace = make_workspace()
        account = Account.objects.create(
            workspace=workspace,
            phone=f"+{phone}",
            api_id=api_id,
            api_hash=api_hash,
            session=sandbox.session_string(phone),
            state=Account.State.READY,
        )
        return World(sandbox, workspace, account)

    return connect


@pytest.fixture
def world(sandbox: SandboxProcess, connect_to: Callable[[SandboxProcess], World]) -> World:
    return connect_to(sandbox)

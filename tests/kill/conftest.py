"""The seed of all random choices, an installation for each test, and what was measured."""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.register_assert_rewrite("tests.ingestion.world", "tests.kill.subject", "tests.kill.attack")

from sandbox.testing import SandboxProcess  # noqa: E402
from tests.kill.installation import Installation  # noqa: E402

#: Set it to repeat a run of these tests.
SEED_VARIABLE = "KILL_SEED"

_told = pytest.StashKey[list[str]]()

Installer = Callable[..., Installation]


@pytest.fixture(scope="session")
def seed() -> int:
    return int(os.environ.get(SEED_VARIABLE) or random.randrange(1_000_000))


@pytest.fixture
def tell(request: pytest.FixtureRequest, seed: int) -> Callable[[str], None]:
    """Print something now, and again below the results of the tests."""
    lines = request.config.stash.setdefault(_told, [])

    def say(text: str) -> None:
        print(text)
        lines.append(f"{request.node.name} ({SEED_VARIABLE}={seed}): {text}")

    return say


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    lines = config.stash.get(_told, [])
    if lines:
        terminalreporter.section("what the kill tests saw")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture
def install(tmp_path: Path, django_db_blocker: Any) -> Iterator[Installer]:
    """Starts a sandbox and an installation that reads it; both end with the test."""
    with _installer(tmp_path, django_db_blocker) as start:
        yield start


@pytest.fixture(scope="module")
def installer(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Iterator[Installer]:
    """The same for a file of tests."""
    with _installer(tmp_path_factory.mktemp("up"), django_db_blocker) as start:
        yield start


@contextmanager
def _installer(folder: Path, django_db_blocker: Any) -> Iterator[Installer]:
    with ExitStack() as stack:
        stack.enter_context(django_db_blocker.unblock())

        def start(*, workers: int = 2, world: dict[str, Any], **env: str) -> Installation:
            sandbox = stack.enter_context(SandboxProcess(folder / "sandbox", **world))
            return stack.enter_context(Installation(folder, sandbox, workers=workers, **env))

        yield start

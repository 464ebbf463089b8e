"""The seed of all random choices, an installation for each test, and what was measured."""

import itertools
import os
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.register_assert_rewrite(
    "tests.ingestion.world",
    "tests.kill.subject",
    "tests.kill.attack",
    "tests.kill.rounds",
    "tests.kill.crowd",
    "tests.kill.reckoning",
)

from sandbox.testing import SandboxProcess  # noqa: E402
from tests.kill.installation import Installation  # noqa: E402

#: Set it to repeat a run of these tests.
SEED_VARIABLE = "KILL_SEED"

_TOLD = "told"

Installer = Callable[..., Installation]


@pytest.fixture(scope="session")
def seed() -> int:
    return int(os.environ.get(SEED_VARIABLE) or random.randrange(1_000_000))


@pytest.fixture
def tell(request: pytest.FixtureRequest, seed: int) -> Callable[[str], None]:
    """Print something now, and again below the results of the tests."""

    def say(text: str) -> None:
        print(text)
        line = f"{request.node.name} ({SEED_VARIABLE}={seed}): {text}"
        # The one part of a report that comes back from another process.
        request.node.user_properties.append((_TOLD, line))

    return say


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reports = [one for name in ("passed", "failed") for one in terminalreporter.stats.get(name, [])]
    lines = [
        line
        for report in reports
        if report.when == "call"
        for name, line in report.user_properties
        if name == _TOLD
    ]
    if lines:
        terminalreporter.section("what the kill tests saw")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture
def install(tmp_path: Path, settled: Path, django_db_blocker: Any) -> Iterator[Installer]:
    """Starts a sandbox and an installation that reads it; both end with the test."""
    with _installer(tmp_path, settled, django_db_blocker) as start:
        yield start


@pytest.fixture(scope="module")
def installer(
    tmp_path_factory: pytest.TempPathFactory, settled: Path, django_db_blocker: Any
) -> Iterator[Installer]:
    """The same for a file of tests."""
    with _installer(tmp_path_factory.mktemp("up"), settled, django_db_blocker) as start:
        yield start


@contextmanager
def _installer(folder: Path, settled: Path, django_db_blocker: Any) -> Iterator[Installer]:
    numbers = itertools.count(1)
    with ExitStack() as stack:
        stack.enter_context(django_db_blocker.unblock())

        def start(*, workers: int = 2, world: dict[str, Any], **env: str) -> Installation:
            own = folder / f"{next(numbers)}"
            sandbox = stack.enter_context(SandboxProcess(own / "sandbox", **world))
            return stack.enter_context(
                Installation(own, sandbox, like=settled, workers=workers, **env)
            )

        yield start

import contextlib
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.tgadmin.running import Up, wait_for_none

Starter = Callable[..., Up]


@pytest.fixture
def start_up(tmp_path: Path) -> Iterator[Starter]:
    """Start `up` with a data directory of this test; whatever happens, all of it is ended."""
    started: list[Up] = []

    def start(*arguments: str, data: Path | None = None, port: int | None = None, **env: str) -> Up:
        arguments = ("--workers", "1", *arguments)
        started.append(Up(data or tmp_path / "data", *arguments, port=port, **env))
        return started[-1]

    yield start
    for up in started:
        with contextlib.suppress(ProcessLookupError):
            up.end(signal.SIGKILL)
    for up in started:
        wait_for_none(up.data, seconds=10)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Return one `up` for the tests that only look."""
    # A folder with a space in its name, as people have them.
    up = Up(tmp_path_factory.mktemp("my archive") / "data", "--workers", "1")
    yield up.wait_until_ready()
    up.end()

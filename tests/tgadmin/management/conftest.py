import contextlib
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.tgadmin.running import Up, wait_for_none
from tests.tgadmin.settled import GIVEN, copy_data

Starter = Callable[..., Up]


@pytest.fixture
def start_up(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Starter]:
    """Start `up` with a data directory of this test; whatever happens, all of it is ended.

    Unless a directory is given, it is a copy of one that was started before.
    """
    begun = tmp_path / "data"
    started: list[Up] = []

    def start(*arguments: str, data: Path | None = None, port: int | None = None, **env: str) -> Up:
        if not data and not begun.exists():
            copy_data(request.getfixturevalue("settled"), begun)
        env = env if data else GIVEN | env
        started.append(Up(data or begun, "--workers", "1", *arguments, port=port, **env))
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

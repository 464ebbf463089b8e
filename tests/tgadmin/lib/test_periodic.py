"""What the tick does for the apps above it."""

import pytest

from tgadmin.lib import periodic


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(periodic, "_registered", {})


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def names(clock: Clock) -> list[str]:
    return [entry.name for entry in periodic.due(clock)]


def test_each_is_due_at_once_and_then_in_its_own_time() -> None:
    clock = Clock()
    periodic.register("often", int, every_seconds=2)
    periodic.register("seldom", int, every_seconds=5)
    assert names(clock) == ["often", "seldom"]
    assert names(clock) == []
    clock.now += 2
    assert names(clock) == ["often"]
    clock.now += 3
    assert names(clock) == ["often", "seldom"]


def test_a_name_is_registered_once() -> None:
    periodic.register("same", int, every_seconds=2)
    periodic.register("same", str, every_seconds=2)
    assert [entry.call for entry in periodic.due(Clock())] == [str]


def test_an_error_stops_no_other_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    called: list[str] = []

    def broken() -> None:
        raise ValueError("broken")

    periodic.register("broken", broken, every_seconds=1)
    periodic.register("whole", lambda: called.append("whole"), every_seconds=1)
    periodic.run_due(Clock())
    assert called == ["whole"]
    assert "broken failed" in caplog.text

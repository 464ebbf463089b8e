"""How long a program that ends again and again is left alone before it is started once more."""

import subprocess
import sys
from pathlib import Path

import pytest

from tgadmin.management.supervisor import children
from tgadmin.management.supervisor.children import Child


class Clock:
    """Time as a test wants it."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(children, "time", made)
    return made


def ends_at_once() -> "subprocess.Popen[bytes]":
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process


def delays(child: Child, clock: Clock, *, count: int) -> list[float]:
    """Seconds for which it is away, each time."""
    child.start()
    found = []
    for _ in range(count):
        ended = clock.now
        while not child.look_after():
            clock.now += 0.25
        found.append(clock.now - ended)
    return found


def test_a_program_is_left_alone_twice_as_long_each_time(clock: Clock) -> None:
    found = delays(Child("web", ends_at_once), clock, count=9)
    assert found == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_a_server_is_never_left_away_for_long(clock: Clock, tmp_path: Path) -> None:
    """Everything else waits for it."""
    child = Child("valkey", ends_at_once, socket=tmp_path / "valkey.sock")
    assert delays(child, clock, count=7) == [0.5, 1, 2, 4, 4, 4, 4]


def test_what_ran_well_for_a_while_is_started_again_at_once(clock: Clock) -> None:
    child = Child("web", ends_at_once)
    delays(child, clock, count=5)
    clock.now += 31
    ended = clock.now
    while not child.look_after():
        clock.now += 0.25
    assert clock.now - ended == 0.5

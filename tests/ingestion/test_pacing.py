"""The pace is learned: slower after a flood wait, slowly faster again."""

import pytest

from ingestion.pacing import FASTER, FIRST_STEP, SLOWER, SLOWEST, Pacer
from tests.clock import Time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    return Time(monkeypatch)


async def test_requests_are_an_interval_apart(clock: Time) -> None:
    pacer = Pacer(interval=0.5, least=0.1, clock=clock)
    for _ in range(4):
        await pacer.turn()
    assert clock.now == pytest.approx(1.5)


async def test_a_flood_wait_is_kept_and_slows_down_what_follows(clock: Time) -> None:
    pacer = Pacer(interval=0, least=0, clock=clock)
    pacer.flooded(2)
    await pacer.turn()
    assert clock.now == 2
    assert pacer.interval == FIRST_STEP * SLOWER


def test_answers_make_it_faster_down_to_the_setting(clock: Time) -> None:
    pacer = Pacer(interval=1, least=0.3, clock=clock)
    pacer.answered()
    assert pacer.interval == FASTER
    for _ in range(1000):
        pacer.answered()
    assert pacer.interval == 0.3


def test_it_never_becomes_slower_than_the_slowest(clock: Time) -> None:
    pacer = Pacer(interval=1, least=0.3, clock=clock)
    for _ in range(50):
        pacer.flooded(1)
    assert pacer.interval == SLOWEST

"""A lease is let go before it ends, whatever happens to its renewals."""

import asyncio
import os

import pytest

from tests.clock import Time
from tgadmin.lib import leases


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    return Time(monkeypatch, 1000.0)


async def test_it_is_let_go_when_somebody_else_has_it(clock: Time) -> None:
    async def renew() -> bool:
        return False

    with pytest.raises(leases.LeaseExpired):
        await leases.keep(renew, leases.Deadline(clock.now, clock))
    assert clock.now == 1000 + leases.RENEWAL


async def test_it_is_let_go_in_time_when_the_database_is_away(clock: Time) -> None:
    async def renew() -> bool:
        raise ConnectionError

    with pytest.raises(leases.LeaseExpired):
        await leases.keep(renew, leases.Deadline(clock.now, clock))
    assert clock.now == 1000 + leases.TERM - leases.MARGIN


async def test_the_deadline_counts_from_before_the_renewal_was_sent(clock: Time) -> None:
    renewals = 0

    async def slow_then_silent() -> bool:
        nonlocal renewals
        renewals += 1
        if renewals > 1:
            raise ConnectionError
        clock.now += 3  # the answer took so long
        return True

    with pytest.raises(leases.LeaseExpired):
        await leases.keep(slow_then_silent, leases.Deadline(clock.now, clock))
    sent_at = 1000 + leases.RENEWAL
    assert clock.now == sent_at + leases.TERM - leases.MARGIN


@pytest.mark.parametrize("steps", range(5))
async def test_a_keeper_ends_when_it_is_cancelled_just_as_its_answer_comes(
    monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    """Work that ends while a renewal does: it must not go on for ever, and the work with it."""
    monkeypatch.setattr(leases, "RENEWAL", 0)
    asked, answer = asyncio.Event(), asyncio.get_running_loop().create_future()

    async def renew() -> bool:
        asked.set()
        ours: bool = await asyncio.ensure_future(asyncio.shield(answer))
        return ours

    keeping = asyncio.ensure_future(leases.keep(renew, leases.Deadline(leases.now())))
    await asked.wait()
    answer.set_result(True)
    for _ in range(steps):  # so far the answer has come, from the future to whoever waits for it
        await asyncio.sleep(0)
    keeping.cancel()
    await asyncio.wait({keeping}, timeout=1)
    try:
        assert keeping.cancelled()
    finally:
        keeping.cancel()


def test_a_parent_sees_that_its_child_holds_on_for_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1000.0
    monkeypatch.setattr(leases, "now", lambda: now)
    assert not leases.is_stuck(), "nothing is held"
    child = os.fork()
    if not child:
        leases.Deadline(now)
        os._exit(0)
    os.waitpid(child, 0)
    now += leases.TERM - leases.MARGIN
    assert not leases.is_stuck(), "it is letting go"
    now += leases.MARGIN / 2
    assert leases.is_stuck()
    leases.Deadline(now).over()
    assert not leases.is_stuck()

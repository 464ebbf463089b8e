"""A lease is let go before it ends, whatever happens to its renewals."""

import asyncio

import pytest

from tgadmin.lib import leases


class Time:
    """A clock that the test moves; sleeping moves it, too."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(asyncio, "sleep", self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    return Time(monkeypatch)


async def test_it_is_let_go_when_somebody_else_has_it(clock: Time) -> None:
    async def renew() -> bool:
        return False

    with pytest.raises(leases.LeaseExpired):
        await leases.keep(renew, acquired_at=clock.now, clock=clock)
    assert clock.now == 1000 + leases.RENEWAL


async def test_it_is_let_go_in_time_when_the_database_is_away(clock: Time) -> None:
    async def renew() -> bool:
        raise ConnectionError

    with pytest.raises(leases.LeaseExpired):
        await leases.keep(renew, acquired_at=clock.now, clock=clock)
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
        await leases.keep(slow_then_silent, acquired_at=clock.now, clock=clock)
    sent_at = 1000 + leases.RENEWAL
    assert clock.now == sent_at + leases.TERM - leases.MARGIN

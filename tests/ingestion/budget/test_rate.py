"""The rate is learned: fast enough, and hardly ever refused. The limits are simulated."""

import pytest

from ingestion.budget.pace import Pace, bounds
from ingestion.budget.rate import FIRST, IDLE, REST, SLOWEST, STEP, Bounds, Rate
from sandbox.limits import Limit
from tgadmin.management.bench import budget

FREE = Bounds(None, None)
FROM_ONE = Bounds(1.0, None)
NOW = 1_000_000.0


def send(rate: Rate, within: Bounds, *, seconds: float, now: float = NOW) -> float:
    """Send as fast as the rate allows for so long; the time afterwards."""
    end = now + seconds
    while now < end:
        now += rate.delay(now)
        rate.sent(now, within)
        now += 0.01
    return now


@pytest.mark.parametrize("name", budget.LIMITS)
@pytest.mark.parametrize("pace", [Pace.NORMAL, Pace.FAST])
def test_a_limit_is_found_and_kept(name: str, pace: Pace) -> None:
    outcome = budget.simulate(
        budget.LIMITS[name](), bounds("history", pace, least=budget.LEAST), hours=8
    )
    assert outcome.most_in_an_hour <= 2
    assert outcome.ratio >= 0.9


def test_a_client_without_a_budget_is_refused_all_the_time() -> None:
    outcome = budget.naive(Limit(30, 30), hours=2)
    assert len(outcome.waits) / 2 >= 100
    growing = budget.naive(Limit(30, 30, penalty=30, growth=2), hours=2)
    assert growing.ratio < 0.2


def test_a_limit_of_an_hour_is_found_by_its_refusals() -> None:
    outcome = budget.simulate(
        Limit(1000, 3600), bounds("history", Pace.NORMAL, least=0.3), hours=12
    )
    assert len(outcome.waits) / 12 <= 2
    assert outcome.ratio >= 0.9


def test_gentle_keeps_below_what_others_are_refused_for() -> None:
    gentle = bounds("history", Pace.GENTLE, least=0.3)
    outcome = budget.simulate(Limit(30, 30), gentle)
    assert outcome.waits == []
    assert outcome.ratio == pytest.approx(0.5, abs=0.01)


def test_requests_are_an_interval_apart() -> None:
    rate = Rate.load({}, FROM_ONE)
    now = send(rate, FROM_ONE, seconds=9.5)
    assert rate.count == 11
    assert now == pytest.approx(NOW + 10, abs=0.1)
    assert rate.delay(now) > 0.5


def test_who_comes_late_catches_up_a_little_only() -> None:
    rate = Rate.load({}, FROM_ONE)
    rate.sent(NOW, FROM_ONE)
    rate.sent(NOW + 20, FROM_ONE)
    assert rate.delay(NOW + 20) == 0.75


def test_without_a_start_nothing_is_held_back_until_the_first_refusal() -> None:
    rate = Rate.load({}, FREE)
    for request in range(100):
        assert rate.delay(NOW + request / 100) == 0
        rate.sent(NOW + request / 100, FREE)
    assert rate.rate is None
    rate.refuse(NOW + 1, 9)
    # A hundred in a second and nine of pause: ten a second would have been right.
    assert rate.rate == pytest.approx(9.7, abs=0.1)


def test_few_requests_before_a_refusal_tell_nothing() -> None:
    rate = Rate.load({}, FREE)
    rate.sent(NOW, FREE)
    rate.refuse(NOW, 3000)
    assert rate.rate == pytest.approx(FIRST, abs=0.1)


def test_what_goes_well_for_a_step_becomes_faster_up_to_the_bound() -> None:
    within = Bounds(1.0, 1.3)
    rate = Rate.load({}, within)
    now = send(rate, within, seconds=STEP + 2)
    assert (rate.allowed, rate.rate) == (1.0, 1.25)
    send(rate, within, seconds=STEP + 2, now=now)
    assert rate.rate == 1.3


def test_what_is_hardly_used_proves_nothing() -> None:
    rate = Rate.load({}, FROM_ONE)
    for minute in range(60):
        rate.sent(NOW + minute * 2 * IDLE, FROM_ONE)
    assert (rate.allowed, rate.rate) == (0, 1.0)


def test_what_was_refused_is_not_tried_again_for_hours() -> None:
    within = Bounds(1.0, None)
    rate = Rate.load({}, within)
    now = send(rate, within, seconds=3 * STEP)
    rate.refuse(now, 1)
    refused, settled = rate.refused, rate.rate
    assert refused
    assert settled
    now = send(rate, within, seconds=REST, now=now + 1)
    assert rate.rate
    assert rate.rate < refused


def test_a_refusal_at_a_rate_that_went_well_makes_it_slower() -> None:
    """Telegram changed its mind, or somebody else uses the account, too."""
    rate = Rate.load({}, FROM_ONE)
    now = send(rate, FROM_ONE, seconds=STEP + 2)
    rate.refuse(now, 1)
    first = rate.rate
    now = send(rate, FROM_ONE, seconds=20, now=now + 1)
    rate.refuse(now, 1)
    assert first
    assert rate.rate
    assert rate.rate < 0.9 * first


def test_it_never_becomes_slower_than_the_slowest() -> None:
    rate = Rate.load({}, FROM_ONE)
    for refusal in range(50):
        rate.sent(NOW + refusal * 100, FROM_ONE)
        rate.refuse(NOW + refusal * 100, 90_000)
    assert rate.rate == SLOWEST


def test_what_was_learned_survives_as_plain_json() -> None:
    rate = Rate.load({}, FROM_ONE)
    now = send(rate, FROM_ONE, seconds=400)
    rate.refuse(now, 7)
    assert Rate.load(rate.dump(), FROM_ONE) == rate
    slower = Rate.load(rate.dump(), Bounds(0.1, 0.2))
    assert slower.rate == 0.2


def test_a_clock_that_was_set_back_stops_nothing() -> None:
    rate = Rate.load({}, FROM_ONE)
    rate.sent(NOW, FROM_ONE)
    assert rate.delay(NOW - 86_400) <= 16

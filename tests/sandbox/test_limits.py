"""Limits as Telegram might count them (https://core.telegram.org/api/errors#420-flood)."""

import pytest

from sandbox.limits import Limit


def test_a_window_slides() -> None:
    limit = Limit(3, 10)
    assert [limit.ask("a", now) for now in (0.0, 1.0, 2.0)] == [0, 0, 0]
    assert limit.ask("a", 4) == 6
    assert limit.ask("a", 9.9) == pytest.approx(0.1)
    assert limit.ask("a", 10) == 0
    assert limit.ask("a", 10.5) == 0.5


def test_a_refused_request_does_not_count() -> None:
    limit = Limit(1, 10)
    limit.ask("a", 0)
    for now in range(1, 10):
        assert limit.ask("a", now) == 10 - now
    assert limit.ask("a", 10) == 0


def test_accounts_are_counted_apart() -> None:
    limit = Limit(1, 10)
    assert (limit.ask("a", 0), limit.ask("b", 0)) == (0, 0)


def test_a_penalty_is_a_fixed_time_that_grows_for_who_ignores_it() -> None:
    limit = Limit(1, 10, penalty=30, growth=2)
    limit.ask("a", 0)
    assert limit.ask("a", 1) == 30
    assert limit.ask("a", 2) == 60
    assert limit.ask("a", 61.9) == 120
    assert limit.ask("a", 200) == 0
    assert limit.ask("a", 201) == 240


def test_an_hour_of_patience_and_the_penalty_is_as_at_first() -> None:
    limit = Limit(1, 10, penalty=30, growth=2)
    limit.ask("a", 0)
    assert limit.ask("a", 1) == 30
    assert limit.ask("a", 5000) == 0
    assert limit.ask("a", 5001) == 30

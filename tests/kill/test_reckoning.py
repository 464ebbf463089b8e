"""How the kill tests count what was asked for again."""

import pytest

from tests.kill.reckoning import HISTORY, Entry, Shot, asked_again


def read(seq: int, connection: int, top: int, *, answer: str = "ok", size: int = 100) -> Entry:
    return {
        "seq": seq,
        "method": HISTORY,
        "connection": connection,
        "answer": answer,
        "ids": list(range(top, top - size, -1)) if answer == "ok" else [],
    }


def test_what_was_under_way_at_a_kill_counts_for_it() -> None:
    log = [read(1, 1, 900), read(2, 1, 800), read(3, 1, 700), read(4, 2, 800), read(5, 2, 700)]
    assert asked_again(log, [0], [Shot(3, "horse")], 20) == [2]


def test_a_page_counts_for_the_kill_of_whoever_asked_for_it_last() -> None:
    log = [read(1, 1, 900), read(2, 1, 800), read(3, 2, 900), read(4, 3, 900), read(5, 3, 800)]
    assert asked_again(log, [0], [Shot(2, "horse"), Shot(3, "worker")], 20) == [2, 1]


def test_what_a_horse_asks_before_it_hears_that_postgres_is_gone_is_no_third_batch() -> None:
    log = [read(1, 1, 900), read(2, 1, 800), read(3, 2, 900), read(4, 2, 800)]
    log += [read(5, 3, 900), read(6, 3, 800)]
    assert asked_again(log, [0], [Shot(2, "horse"), Shot(3, "PostgreSQL")], 20) == [2, 2]


def test_a_short_page_travels_with_the_next_and_a_refusal_is_no_page() -> None:
    log = [read(1, 1, 900, size=7), read(2, 1, 893), read(3, 1, 793, answer="error")]
    log += [read(4, 2, 900, size=7), read(5, 2, 893), read(6, 2, 793)]
    assert asked_again(log, [0], [Shot(3, "horse")], 20) == [1]


def test_a_new_lap_asks_for_everything_anew() -> None:
    log = [read(1, 1, 900), read(3, 2, 900)]
    assert asked_again(log, [0, 2], [], 20) == []


@pytest.mark.parametrize("connection", [1, 2], ids=["over the same connection", "over the next"])
def test_asking_twice_for_no_reason_fails(connection: int) -> None:
    log = [read(1, 1, 900), read(2, connection, 900)]
    with pytest.raises(AssertionError):
        asked_again(log, [0], [Shot(2, "horse")], 20)


def test_one_kill_does_not_explain_two_connections() -> None:
    log = [read(1, 1, 900), read(2, 2, 900), read(3, 3, 900)]
    with pytest.raises(AssertionError):
        asked_again(log, [0], [Shot(1, "horse")], 20)

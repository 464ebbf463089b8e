"""The rules of a channel's sequence (https://core.telegram.org/api/updates#pts-checking-and-applying)."""

from ingestion.live.sequence import GAP_WAIT, MOST_KEPT, Sequence
from ingestion.sources.live import EventKind, LiveEvent


def event(pts: int | None, count: int = 1, kind: EventKind = EventKind.NEW) -> LiveEvent:
    return LiveEvent(-100, kind, pts, count)


def taken(sequence: Sequence, *events: LiveEvent, now: float = 0.0) -> list[int | None]:
    return [ready.pts for one in events for ready in sequence.take(one, now)]


def test_what_follows_is_taken_and_what_was_taken_is_not_taken_again() -> None:
    sequence = Sequence(10)
    assert taken(sequence, event(11), event(13, 2), event(11), event(13, 2)) == [11, 13]
    assert sequence.pts == 13
    assert not sequence.must_ask(100)


def test_what_comes_early_waits_for_what_is_late() -> None:
    sequence = Sequence(10)
    assert taken(sequence, event(12), event(14), event(13)) == []
    assert taken(sequence, event(11)) == [11, 12, 13, 14]
    assert not sequence.must_ask(100)


def test_a_gap_is_waited_for_half_a_second_and_then_asked_about() -> None:
    # https://core.telegram.org/api/updates#recovering-gaps
    sequence = Sequence(10)
    taken(sequence, event(13), now=5.0)
    assert not sequence.must_ask(5.0 + GAP_WAIT / 2)
    assert sequence.must_ask(5.0 + GAP_WAIT)


def test_a_difference_takes_with_it_what_it_told_and_releases_the_rest() -> None:
    sequence = Sequence(10)
    taken(sequence, event(12), event(15))
    assert [ready.pts for ready in sequence.jump(14)] == [15]
    assert sequence.pts == 15
    assert not sequence.must_ask(100)


def test_a_gap_behind_a_difference_is_a_gap_of_its_own() -> None:
    sequence = Sequence(10)
    taken(sequence, event(12), event(20), now=1.0)
    assert sequence.jump(14) == []
    assert sequence.must_ask(1.0 + GAP_WAIT)


def test_what_is_outside_of_the_sequence_is_taken_at_once() -> None:
    sequence = Sequence(10)
    taken(sequence, event(13))
    assert taken(sequence, event(None, 0, EventKind.COUNTERS)) == [None]


def test_an_event_that_counts_nothing_follows_itself() -> None:
    sequence = Sequence(10)
    assert taken(sequence, event(10, 0, EventKind.OTHER)) == [10]
    assert sequence.pts == 10


def test_being_told_of_more_than_was_told_is_reason_to_ask() -> None:
    sequence = Sequence(10)
    assert taken(sequence, event(None, 0, EventKind.BEHIND)) == []
    assert sequence.must_ask(0)


def test_nothing_can_be_put_in_order_before_it_is_known_where_the_channel_stands() -> None:
    sequence = Sequence(None)
    assert taken(sequence, event(13)) == []
    assert sequence.must_ask(0)


def test_of_too_many_early_ones_it_is_asked_at_once() -> None:
    sequence = Sequence(10)
    taken(sequence, *(event(12 + number) for number in range(MOST_KEPT + 1)))
    assert sequence.must_ask(0)

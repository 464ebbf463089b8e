"""IdRanges is a set of integers: every operation agrees with Python's own sets."""

from hypothesis import given
from hypothesis import strategies as st

from tgadmin.lib.ranges import IdRanges

PAIRS = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 60)), max_size=8)


def as_set(ranges: IdRanges) -> set[int]:
    return {number for low, high in ranges.pairs for number in range(low, high + 1)}


@given(PAIRS)
def test_pairs_are_sorted_disjoint_and_do_not_touch(pairs: list[tuple[int, int]]) -> None:
    ranges = IdRanges.of(pairs)
    ends = [number for pair in ranges.pairs for number in pair]
    assert ends == sorted(ends)
    assert all(
        before[1] + 1 < after[0]
        for before, after in zip(ranges.pairs, ranges.pairs[1:], strict=False)
    )
    assert as_set(ranges) == {n for low, high in pairs for n in range(low, high + 1)}


@given(PAIRS, PAIRS)
def test_operations_are_those_of_sets(
    left: list[tuple[int, int]], right: list[tuple[int, int]]
) -> None:
    a, b = IdRanges.of(left), IdRanges.of(right)
    assert as_set(a | b) == as_set(a) | as_set(b)
    assert as_set(a & b) == as_set(a) & as_set(b)
    assert as_set(a - b) == as_set(a) - as_set(b)
    assert len(a) == len(as_set(a))
    assert bool(a) == bool(as_set(a))
    assert a.top == max(as_set(a), default=0)
    assert all((number in a) == (number in as_set(a)) for number in range(62))

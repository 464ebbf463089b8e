"""Sets of message ids as sorted, disjoint ranges: what `int8multirange` is in PostgreSQL."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class IdRanges:
    """An immutable set of integers. `pairs` are `(from, to)`, both inclusive, ascending,
    neither touching nor overlapping.
    """

    pairs: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]]) -> Self:
        """From inclusive pairs in any order; empty ones (`from > to`) are left out."""
        merged: list[tuple[int, int]] = []
        for low, high in sorted(pair for pair in pairs if pair[0] <= pair[1]):
            if merged and low <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(merged[-1][1], high))
            else:
                merged.append((low, high))
        return cls(tuple(merged))

    @classmethod
    def span(cls, low: int, high: int) -> Self:
        """All ids from `low` to `high`, both inclusive; empty when `low > high`."""
        return cls.of([(low, high)])

    @classmethod
    def single(cls, ids: Iterable[int]) -> Self:
        """A set of single ids."""
        return cls.of((i, i) for i in ids)

    def __or__(self, other: Self) -> Self:
        if not other.pairs:
            return self
        return type(self).of((*self.pairs, *other.pairs))

    def __and__(self, other: Self) -> Self:
        return type(self).of(
            (max(low, other_low), min(high, other_high))
            for low, high in self.pairs
            for other_low, other_high in other.overlapping(low, high)
        )

    def __sub__(self, other: Self) -> Self:
        rest: list[tuple[int, int]] = []
        for low, high in self.pairs:
            start = low
            for other_low, other_high in other.overlapping(low, high):
                rest.append((start, other_low - 1))
                start = other_high + 1
            rest.append((start, high))
        return type(self).of(rest)

    def overlapping(self, low: int, high: int) -> Iterator[tuple[int, int]]:
        """The pairs that share an id with `low … high`, whole, ascending."""
        start = max(bisect_right(self.pairs, (low, low)) - 1, 0)
        for pair in self.pairs[start:]:
            if pair[0] > high:
                return
            if pair[1] >= low:
                yield pair

    def __contains__(self, value: int) -> bool:
        return any(True for _ in self.overlapping(value, value))

    def __len__(self) -> int:
        """How many ids there are (not how many ranges)."""
        return sum(high - low + 1 for low, high in self.pairs)

    def __bool__(self) -> bool:
        return bool(self.pairs)

    @property
    def top(self) -> int:
        """The highest id; 0 when empty."""
        return self.pairs[-1][1] if self.pairs else 0

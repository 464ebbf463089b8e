"""One figure, its limit and its target."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """`ratio` is value ÷ limit where there is a limit; `target` is for the ratio then, else for
    the value.
    """

    name: str
    value: float
    unit: str
    target: float
    limit: float | None = None
    #: Whether less is better (seconds, megabytes, rows written).
    at_most: bool = False
    #: What else was seen: `{"p50": 3.1, "queries": 12}`.
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        return self.value / self.limit if self.limit else None

    @property
    def met(self) -> bool:
        measured = self.ratio if self.ratio is not None else self.value
        return measured <= self.target if self.at_most else measured >= self.target

    def as_dict(self) -> dict[str, Any]:
        row = asdict(self)
        del row["at_most"]
        if not self.more:
            del row["more"]
        return {**row, "ratio": self.ratio, "met": self.met}


@contextmanager
def stopwatch() -> Iterator[Callable[[], float]]:
    """Seconds from here on; garbage of earlier work is collected before."""
    gc.collect()
    started = time.perf_counter()
    yield lambda: time.perf_counter() - started


def rate(count: int, seconds: list[float]) -> float:
    """Things a second, from the median of several measurements."""
    return count / median(seconds)

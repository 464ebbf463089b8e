"""What runs did in a stretch of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.stats import _sql
from archive.stats._days import _rows


@dataclass(frozen=True, slots=True)
class RunSums:
    """Runs that began, those of them that failed, and what all did: messages archived, edits
    seen, deletions seen.
    """

    runs: int = 0
    failed: int = 0
    new: int = 0
    changed: int = 0
    deleted: int = 0

    def __add__(self, other: "RunSums") -> "RunSums":
        return RunSums(
            self.runs + other.runs,
            self.failed + other.failed,
            self.new + other.new,
            self.changed + other.changed,
            self.deleted + other.deleted,
        )


@dataclass(frozen=True, slots=True)
class RunActivity:
    """`now` is the sum of `slices`, which are equally long; `before` is as long as all of them."""

    now: RunSums
    before: RunSums
    slices: tuple[RunSums, ...]


def run_activity(
    *, channels: Sequence[int], start: datetime, end: datetime, slices: int = 30
) -> RunActivity:
    """Runs of the channels that began in `start <= time < end`, and those of the period before."""
    rows = _rows(
        _sql.RUNS,
        {
            "channels": list(channels),
            "before": start - (end - start),
            "start": start,
            "end": end,
            "slices": slices,
        },
    )
    found = {number: RunSums(*values) for number, *values in rows}
    line = tuple(found.get(number, RunSums()) for number in range(1, slices + 1))
    return RunActivity(sum(line, RunSums()), found.get(0, RunSums()), line)

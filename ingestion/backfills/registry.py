"""Which backfills there are."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

#: Where a backfill goes on: JSON that it understands itself.
Cursor = list[Any]


@dataclass(frozen=True, slots=True)
class Step:
    """What a batch did: rows looked at, those that were written, and behind which key the next one
    begins; None when there is nothing left.
    """

    cursor: Cursor | None
    rows: int = 0
    changed: int = 0


@dataclass(frozen=True, slots=True)
class Kind:
    """A backfill. `step` takes a cursor (None at the beginning) and about how many rows it is to
    look at, and is called in a transaction; `estimate` says how many rows there are about. A batch
    must take a second or two at most: what it writes stays locked so long.
    """

    name: str
    label: str | Promise
    step: Callable[[Cursor | None, int], Step]
    estimate: Callable[[], int]
    batch: int = 2_000


_known: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """A second registration of a name replaces the first."""
    _known[kind.name] = kind


def known() -> dict[str, Kind]:
    """All of them by name."""
    return dict(sorted(_known.items()))

"""What the tick does beside its own work. Apps above it register their part when they are ready,
so that nothing below has to import what lies above.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Periodic:
    """A function to be called every so many seconds."""

    name: str
    call: Callable[[], object]
    every: float
    next_at: float = 0.0


_registered: dict[str, Periodic] = {}


def register(name: str, call: Callable[[], object], every_seconds: float) -> None:
    """Have the tick call it; a second registration of a name replaces the first."""
    _registered[name] = Periodic(name, call, every_seconds)


def due(clock: Callable[[], float] = time.monotonic) -> list[Periodic]:
    """What is to be called now; it counts as called. The caller sees to it that an error in one
    does not stop the others.
    """
    now = clock()
    found = [entry for entry in _registered.values() if entry.next_at <= now]
    for entry in found:
        entry.next_at = now + entry.every
    return found

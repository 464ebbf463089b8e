"""What the tick does beside its own work. Apps above it register their part when they are ready,
so that nothing below has to import what lies above.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

logger = logging.getLogger(__name__)


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
    """What is to be called now; it counts as called."""
    now = clock()
    found = [entry for entry in _registered.values() if entry.next_at <= now]
    for entry in found:
        entry.next_at = now + entry.every
    return found


def run_due(clock: Callable[[], float] = time.monotonic) -> None:
    """Call what is due; what fails is logged, called again in its turn, and stops no other."""
    for entry in due(clock):
        try:
            entry.call()
        except Exception:
            logger.exception("%s failed; it will be tried again", entry.name)

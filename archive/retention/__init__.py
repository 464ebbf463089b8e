"""How long messages are kept, and letting go of those that are older."""

from archive.retention.parts import unpack
from archive.retention.policy import (
    Kept,
    hold_on,
    keep,
    kept,
    lift_hold,
    limit,
    place_hold,
)
from archive.retention.preview import Preview, preview
from archive.retention.slices import due, start, start_due, work

__all__ = [
    "Kept",
    "Preview",
    "due",
    "hold_on",
    "keep",
    "kept",
    "lift_hold",
    "limit",
    "place_hold",
    "preview",
    "start",
    "start_due",
    "unpack",
    "work",
]

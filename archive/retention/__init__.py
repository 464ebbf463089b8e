"""How long messages are kept, and letting go of those that are older."""

from archive.retention.looking import Preview, preview, previews
from archive.retention.parts import unpack
from archive.retention.policy import (
    Kept,
    held,
    hold_on,
    keep,
    kept,
    lift_hold,
    limit,
    place_hold,
    refuse_held,
)
from archive.retention.slices import due, start, start_due, work

__all__ = [
    "Kept",
    "Preview",
    "due",
    "held",
    "hold_on",
    "keep",
    "kept",
    "lift_hold",
    "limit",
    "place_hold",
    "preview",
    "previews",
    "refuse_held",
    "start",
    "start_due",
    "unpack",
    "work",
]

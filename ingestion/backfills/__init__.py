"""Working through all rows of large tables, beside everything else: in batches, each a transaction
that also writes down how far it came. So it can be killed at any moment and goes on behind the last
batch, and no row is counted twice.

An app registers its backfills when it is ready; a migration that needs one starts it
(`operations.StartBackfill`); workers do them in slices, or `manage.py backfill NAME` at once.
"""

from ingestion.backfills.registry import Cursor, Kind, Step, known, register
from ingestion.backfills.walking import Stretch, lock_writers, rows_of, stretch
from ingestion.backfills.work import UnknownBackfill, due, pause, revive, start, work_slice

__all__ = [
    "Cursor",
    "Kind",
    "Step",
    "Stretch",
    "UnknownBackfill",
    "due",
    "known",
    "lock_writers",
    "pause",
    "register",
    "revive",
    "rows_of",
    "start",
    "stretch",
    "work_slice",
]

"""What of a batch is new, and what differs from what is archived."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ingestion import sql
from ingestion.records import FULL_SOURCES, SOURCE_RANKS
from ingestion.writer.batch import Batch
from ingestion.writer.rows import Hashed
from tgadmin.lib.copying import BinaryArray

if TYPE_CHECKING:
    import psycopg


@dataclass(slots=True)
class Differences:
    """A batch's records by message id, and the ids that are to be written."""

    hashed: dict[int, Hashed]
    new: set[int] = field(default_factory=set)
    #: Told by the same source before, and the content differs; whether that is an edit, rather
    #: than a newer way of hashing.
    content: dict[int, bool] = field(default_factory=dict)
    #: Told by the same source before, and only counters differ.
    counters: set[int] = field(default_factory=set)
    #: Archived from a source of another rank.
    foreign: set[int] = field(default_factory=set)

    @property
    def unchanged(self) -> int:
        """How many records bring nothing."""
        differ = len(self.content) + len(self.counters) + len(self.foreign)
        return len(self.hashed) - len(self.new) - differ


def compare(cursor: "psycopg.Cursor[Any]", batch: Batch) -> Differences:
    """Look the records up by their keys and hashes; reads the narrow table alone where it can."""
    found = Differences(
        {number: Hashed.of(record, batch.hash_version) for number, record in batch.records.items()}
    )
    hashed = found.hashed
    if not hashed:
        return found
    rank = SOURCE_RANKS[batch.source]
    rows = cursor.execute(
        sql.COMPARE_HASHES if batch.source in FULL_SOURCES else sql.COMPARE_WITH_RAW,
        {
            "channel": batch.channel_id,
            "source": batch.source,
            "rank": rank,
            "version": batch.hash_version,
            "ids": BinaryArray.of_bigints(list(hashed)),
            "contents": BinaryArray.of_bytes([h.content for h in hashed.values()], size=32),
            "counters": BinaryArray.of_bytes([h.counters for h in hashed.values()], size=8),
        },
    )
    for number, differs, version, stored_rank in rows:
        if stored_rank is None:
            found.new.add(number)
        elif stored_rank != rank:
            found.foreign.add(number)
        elif differs:
            found.content[number] = version == batch.hash_version
        else:
            found.counters.add(number)
    return found

"""Two people of whom an archive knows the names, and everything that tells of people."""

from typing import Final

from ingestion.models import (
    Message,
    MessageRaw,
    MessageRevision,
    MessageStats,
    Sender,
    SenderChange,
)
from ingestion.records import PeerRecord

ALICE: Final = PeerRecord(8880000501, "user", "Alice Berg", ("alice_b",))
BOB: Final = PeerRecord(8880000502, "user", "Bob", ("bob_the_first",))
#: All by which she could be found.
TRACES: Final = ("8880000501", "Alice Berg", "alice_b", "Alice Stone")


def stored() -> str:
    """All of it, as text to look for traces in."""
    tables = (Message, MessageRaw, MessageStats, MessageRevision, Sender, SenderChange)
    return repr([list(table.objects.values()) for table in tables])

"""What an export takes of memory, and what it imports."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection

from archive.models import Export
from ingestion.models import Channel
from tests.archive import programs
from tests.factories import archive_messages, make_record

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

MakeExport = Callable[..., Export]


@pytest.fixture
def messages(channel: Channel) -> int:
    """Archive enough messages for several blocks; returns how many."""
    archive_messages(channel, [make_record(n, text="x" * 500) for n in range(1, 2001)])
    return 2000


_MEMORY = """
import sys
from pathlib import Path
from archive.tasks import make_export
make_export({pk})
status = Path("/proc/self/status").read_text()
print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
print("telethon" in sys.modules)
"""


def measured(export: Export, export_dir: Path) -> float:
    peak, has_telethon = programs.run(_MEMORY.format(pk=export.pk), export_dir).split()
    assert has_telethon == "False"
    export.refresh_from_db()
    assert export.state == Export.State.DONE
    return int(peak) / 1024


#: With vectors of nothing: an export does not read them.
_ROWS = """
INSERT INTO ingestion_message (channel_id, message_id, date, sender_id, author, text, entities,
                               kind, links, hashtags, first_seen_at, tsv)
SELECT %(channel)s, n, now(), '', '', repeat('word ', 60), '[]', 'text', '{}', '{}', now(), ''
FROM generate_series(3000, 3000 + %(rows)s) n;
INSERT INTO ingestion_messageraw (channel_id, message_id, source, raw)
SELECT %(channel)s, n, 'mtproto', jsonb_build_object('message', repeat('raw ' || n, 200))
FROM generate_series(3000, 3000 + %(rows)s) n
"""


@dataclass(frozen=True)
class Limit:
    """MB that an export takes at most, and how many more for many rows than for few."""

    most: int
    growth: int


@pytest.mark.parametrize(
    ("rows", "limits"),
    [
        # A row group of Parquet is held while it is written, however many there are.
        (100_000, {"csv": Limit(100, 8), "jsonl": Limit(100, 8), "parquet": Limit(250, 150)}),
        (10_000, {"xlsx": Limit(100, 8), "html": Limit(100, 8)}),
    ],
    ids=["hundred thousand", "ten thousand"],
)
def test_memory_does_not_grow_with_the_rows(
    make_export: MakeExport,
    export_dir: Path,
    messages: int,
    channel: Channel,
    rows: int,
    limits: dict[str, Limit],
) -> None:
    small = {kind: measured(make_export(kind), export_dir) for kind in limits}
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, {"channel": channel.pk, "rows": rows})
    large = {kind: measured(make_export(kind), export_dir) for kind in limits}
    assert {kind for kind, limit in limits.items() if large[kind] >= limit.most} == set()
    grown = {kind: large[kind] - small[kind] for kind in limits}
    assert {kind: by for kind, by in grown.items() if by >= limits[kind].growth} == {}


def test_tables_that_were_emptied_and_filled_again_are_looked_at_first(
    make_export: MakeExport, export_dir: Path, channel: Channel
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE ingestion_message, ingestion_messageraw")
    archive_messages(channel, [make_record(n, text="x") for n in range(1, 2001)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
    measured(make_export("jsonl"), export_dir)
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'ingestion_messageraw'")
        assert cursor.fetchone()[0] > 1000  # a sample's guess


def test_exporting_does_not_import_telethon_and_stays_below_100_mb(
    make_export: MakeExport, export_dir: Path, messages: int
) -> None:
    assert measured(make_export(), export_dir) < 100

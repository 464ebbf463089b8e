"""What an export takes of memory, and what it imports."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from django.db import connection

from archive import schedules
from archive.exports import Options
from archive.models import Export
from archive.redaction.rules import SHARE_OUTSIDE
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


_EACH: Final = """
import ctypes, os, re
from pathlib import Path
# What is freed goes back, whichever thread had it.
os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
ctypes.CDLL(None).mallopt(-8, 1)
from archive.exports import arrow, parquet
from archive.tasks import make_export
# Small, so that what is held of a few rows is as much as of many: Arrow reads 32 blocks ahead.
parquet.GROUP_BYTES = 1 << 20
arrow._BLOCK = 1 << 17
for number in [{pks}]:
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    make_export(number)
    print(re.search(r"VmHWM:\\s+([0-9]+)", Path("/proc/self/status").read_text())[1])
"""
#: Through what rows go on their way, and into how many files.
WAYS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "compressed by gzip": ("csv", {"gzip": True}),
    "compressed by zstd": ("jsonl", {"zstd": True}),
    "redacted": ("csv", {"redaction": {"name": "all", "rules": SHARE_OUTSIDE}}),
    "with media": ("csv", {"with_media": True}),
    "by channel": ("parquet", {"partition": "channel"}),
    "by month": ("parquet", {"partition": "month"}),
    "into a lake": ("parquet", {}),
}
#: Eight kilobytes each, over ten months.
_LONG_ROWS: Final = """
INSERT INTO ingestion_message (channel_id, message_id, date, sender_id, author, text, entities,
                               kind, links, hashtags, first_seen_at)
SELECT %(channel)s, n, timestamptz '2026-01-01' + n %% 300 * interval '1 day', '', '',
       repeat('x', 1990), '[]', 'text', '{}', '{}', now()
FROM generate_series(%(first)s, %(last)s) n;
INSERT INTO ingestion_messageraw (channel_id, message_id, source, raw)
SELECT %(channel)s, n, 'mtproto', jsonb_build_object('message', repeat(md5(n::text), 190))
FROM generate_series(%(first)s, %(last)s) n
"""


def peaks(make_export: MakeExport, export_dir: Path, channel: Channel) -> dict[str, float]:
    """Of each way in turn, in one process: megabytes."""
    made = {name: make_export(kind, **fields) for name, (kind, fields) in WAYS.items()}
    made["into a lake"].delete()
    schedule = schedules.make(
        workspace=channel.workspace, name=uuid4().hex, options=Options(), every="day"
    )
    made["into a lake"] = schedules.run(schedule=schedule)
    exports = [Export.objects.get(pk=export.pk) for export in made.values()]
    pks = ", ".join(str(export.pk) for export in exports)
    found = programs.run(_EACH.format(pks=pks), export_dir).split()
    for export in exports:
        export.refresh_from_db()
        assert export.state == Export.State.DONE, export.error
    return {name: int(peak) / 1024 for name, peak in zip(made, found, strict=True)}


def test_memory_does_not_grow_whatever_the_rows_go_through(
    make_export: MakeExport, export_dir: Path, channel: Channel
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LONG_ROWS, {"channel": channel.pk, "first": 1, "last": 1_500})
        small = peaks(make_export, export_dir, channel)
        # 56 MB more, 14 of them in texts.
        cursor.execute(_LONG_ROWS, {"channel": channel.pk, "first": 1_501, "last": 8_500})
        large = peaks(make_export, export_dir, channel)
    grown = {name: large[name] - small[name] for name in large}
    most = {name: 20 if WAYS[name][0] == "parquet" else 8 for name in grown}
    assert {name: more for name, more in grown.items() if more > most[name]} == {}


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

"""An export is of one moment, whatever is written while it is made."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.db import connection

from archive.exports.heart import Heart
from archive.exports.work import run_export
from archive.models import Export
from ingestion.models import Channel, Message
from tests.factories import WHEN, archive_messages, make_channel, make_record

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

#: Of each channel; more than an export reads at a time.
MESSAGES = 600
EDITED, GONE = 590, 595


@pytest.fixture
def two(channel: Channel) -> list[Channel]:
    channels = [channel, make_channel(channel.workspace)]
    for one in channels:
        archive_messages(one, [make_record(n) for n in range(1, MESSAGES + 1)])
    return channels


def write_elsewhere(channels: list[Channel]) -> None:
    """Commit a message, an edit and a deletion in each channel, through another connection."""

    def write() -> None:
        edited = make_record(EDITED, text="edited", edit_date=WHEN + timedelta(days=1))
        for channel in channels:
            archive_messages(channel, [edited, make_record(MESSAGES + 1)], gone=[GONE])
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def rows_of(path: Path) -> list[dict[str, Any]]:
    names = ("channel_id", "message_id", "text", "revisions", "deleted_at")
    query = f"SELECT * REPLACE (deleted_at::text AS deleted_at) FROM '{path}'"
    found = duckdb.execute(f"SELECT {', '.join(names)} FROM ({query})").fetchall()
    return [dict(zip(names, row, strict=True)) for row in found]


@pytest.mark.parametrize(("kind", "read"), [("jsonl", lines_of), ("parquet", rows_of)])
@pytest.mark.parametrize("after", [1, MESSAGES], ids=["in the first", "between the two"])
def test_what_is_written_in_the_middle_is_in_none_of_its_channels(
    two: list[Channel],
    export_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    read: Callable[[Path], list[dict[str, Any]]],
    after: int,
) -> None:
    reached: list[int] = []
    progress = Heart.progress

    def intruded(heart: Heart, rows: int, size: int, expected: int | None) -> None:
        if rows >= after and not reached:
            reached.append(rows)
            write_elsewhere(two)
        progress(heart, rows, size, expected)

    monkeypatch.setattr(Heart, "progress", intruded)
    export = Export.objects.create(workspace=two[0].workspace, format=kind)
    run_export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.rows) == (Export.State.DONE, 2 * MESSAGES)
    # It was in the middle, and the other connection's work is there.
    assert 0 < reached[0] <= MESSAGES
    assert Message.objects.filter(text="edited").count() == len(two)
    assert Message.objects.exclude(deleted_at=None).count() == len(two)

    found = read(export.path)
    for channel in two:
        rows = {row["message_id"]: row for row in found if row["channel_id"] == channel.pk}
        assert sorted(rows) == list(range(1, MESSAGES + 1))
        assert rows[EDITED]["text"] == f"Message {EDITED}"
        assert not rows[EDITED]["revisions"]
        assert rows[GONE]["deleted_at"] is None

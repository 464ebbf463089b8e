"""Retention, killed with signal 9: every message is in the table or in a file that is whole."""

from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq
import pytest
from django.utils import timezone
from pytest_django import Settings

from archive import retention
from archive.models import RetentionFile, RetentionRun
from archive.retention import parts
from ingestion import coverage
from ingestion.models import Channel, Message, MessageRaw, MessageStats
from tests.factories import archive_messages, make_channel, make_record
from tests.kill.stuck import Moment

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]

IDS: Final = list(range(1, 10))
#: Of these, and in parts of two.
OLD: Final = IDS[:6]

_PROLOGUE: Final = """
from archive import retention
from archive.retention import parts, slices
from ingestion import letting_go
slices.PART = 2
"""

#: Where it is killed, and how many messages are in archive files by then.
_MOMENTS: Final = [
    # The first archive file is written, and not under its name yet.
    (Moment("parts.FileSink", "publish", behind=False, at=1), 0),
    # The second is whole, and nothing of it was deleted.
    (Moment("letting_go", "let_go", behind=False, at=2), 2),
    # In the middle of the deletion: the messages are gone, their sums are not.
    (Moment("letting_go", "_delete", behind=True, at=1), 2),
    # All of the second is gone, and the third is about to be.
    (Moment("letting_go", "_delete", behind=True, at=2), 4),
]


def in_files() -> list[int]:
    """The messages of archive files; each file was read, and is what its row says."""
    found: list[int] = []
    for file in RetentionFile.objects.order_by("pk"):
        ids = pq.read_table(file.path)["message_id"].to_pylist()
        parts.verify(file.path, file.sha256, ids)
        assert len(ids) == file.rows
        found += ids
    return found


def in_table(table: Any = Message) -> list[int]:
    return list(table.objects.order_by("message_id").values_list("message_id", flat=True))


def fill(channel: Channel) -> RetentionRun:
    noon = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0)
    days = [timedelta(days=9 - number) for number in IDS]
    archive_messages(
        channel,
        [make_record(n, date=noon - age) for n, age in zip(IDS, days, strict=True)],
    )
    retention.keep(workspace=channel.workspace, days=2, action="move")
    return retention.start(channel=channel)


@pytest.mark.timeout(60)
def test_a_message_is_in_the_table_or_in_a_whole_file_whenever_it_is_killed(
    tmp_path: Path, settings: Settings
) -> None:
    settings.KEPT_DIR = tmp_path / "kept"
    channel = make_channel()
    run = fill(channel)
    for moment, moved in _MOMENTS:
        moment.kill(
            prologue=_PROLOGUE,
            work=f"retention.work(run_id={run.pk}, seconds=60)",
            exports=tmp_path / "exports",
        )
        there = in_table()
        assert in_files() == OLD[:moved], moment
        assert there == IDS[moved:], moment
        for table in (MessageRaw, MessageStats):
            assert in_table(table) == there
        run.refresh_from_db()
        assert (run.state, run.messages) == (RetentionRun.State.RUNNING, moved)
        report = coverage.report(Channel.objects.get())
        assert (report.let_go, report.messages, report.absent) == (moved, len(there), 0)
    while retention.work(run_id=run.pk, seconds=0):
        pass
    assert (in_files(), in_table()) == (OLD, IDS[6:])
    run.refresh_from_db()
    assert (run.state, run.messages) == (RetentionRun.State.DONE, 6)
    # Nothing that a killed worker left is taken for a file.
    whole = {file.path for file in RetentionFile.objects.all()}
    assert set((tmp_path / "kept" / str(channel.pk)).glob("*.parquet")) == whole

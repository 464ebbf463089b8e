"""A run of a lake that is killed: the next one is made under the same names."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest
from django.utils import timezone

from archive import schedules, tasks
from archive.exports import Options, lake, work
from archive.models import Export, ExportSchedule
from ingestion.models import Channel, Message
from tests.archive import programs
from tests.archive.test_lake import folder, latest  # noqa: F401, a fixture
from tests.factories import WHEN, archive_messages, make_record

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

#: At some moment it says so, and waits to be killed.
_PROLOGUE: Final = """
import time
from archive.exports import lake
from archive.exports.heart import Heart
from archive.exports.work import run_export
def stand_still():
    print("there", flush=True)
    time.sleep(60)
"""
_MOMENTS: Final = {
    "while it reads": """
def progress(*_):
    stand_still()
Heart.progress = progress
""",
    "between two files": """
put = lake._put
def put_one(*arguments):
    put(*arguments)
    if arguments[1].endswith(".parquet"):
        stand_still()
lake._put = put_one
""",
    "before its manifest": """
put_text = lake._put_text
def put_or_stand(*arguments):
    if arguments[1].endswith(".json"):
        stand_still()
    put_text(*arguments)
lake._put_text = put_or_stand
""",
    "before the schedule is told": """
put_text = lake._put_text
def put_then_stand(*arguments):
    put_text(*arguments)
    if arguments[1].endswith(".json"):
        stand_still()
lake._put_text = put_then_stand
""",
}


@pytest.fixture
def schedule(channel: Channel, folder: Path) -> ExportSchedule:  # noqa: F811, the fixture
    return schedules.make(workspace=channel.workspace, name="daily", options=Options(), every="day")


def killed(export: Export, moment: str, export_dir: Path) -> None:
    code = f"{_PROLOGUE}{_MOMENTS[moment]}run_export({export.pk})"
    with programs.started(code, export_dir) as process:
        assert process.stdout
        assert process.stdout.readline() == "there\n"
        process.kill()
        process.wait()


def again(export: Export) -> None:
    """The tick finds it silent, and the next worker makes it."""
    Export.objects.update(heartbeat_at=timezone.now() - timedelta(seconds=tasks.SILENCE + 1))
    assert tasks.requeue_interrupted() == [export.pk]
    work.run_export(export.pk)
    export.refresh_from_db()
    assert export.state == Export.State.DONE, export.error


def held(folder: Path) -> list[tuple[str, int]]:  # noqa: F811, the fixture's value
    """Every row of the lake: of which run it is, and its message."""
    query = f"""
        SELECT regexp_extract(filename, 'run-(\\d+)', 1), message_id
        FROM read_parquet('{folder}/**/*.parquet', filename = true)
        ORDER BY ALL
    """
    found: list[tuple[str, int]] = duckdb.execute(query).fetchall()
    return found


def told(folder: Path) -> list[str]:  # noqa: F811, the fixture's value
    """The files that manifests name."""
    manifests: list[dict[str, Any]] = [
        json.loads(path.read_bytes()) for path in folder.rglob("manifests/*.json")
    ]
    return sorted(part["path"] for manifest in manifests for part in manifest["files"])


@pytest.mark.parametrize("moment", _MOMENTS)
def test_after_a_kill_and_the_next_run_the_lake_has_each_message_once(
    schedule: ExportSchedule,
    channel: Channel,
    folder: Path,  # noqa: F811, the fixture
    export_dir: Path,
    valkey: object,
    moment: str,
) -> None:
    june = WHEN + timedelta(days=40)
    april = make_record(9, date=WHEN - timedelta(days=30))
    written = [make_record(n, date=WHEN if n < 4 else june) for n in range(1, 7)]
    archive_messages(channel, [*written, april])
    first = schedules.run(schedule=schedule)
    killed(first, moment, export_dir)
    # What comes in meanwhile is in the run that is made again, and a month that went is not.
    archive_messages(channel, [make_record(7, date=june)])
    Message.objects.filter(message_id=9).delete()
    again(first)
    assert held(folder) == [("000001", n) for n in range(1, 8)]

    edited = make_record(2, text="edited", date=WHEN, edit_date=june)
    archive_messages(channel, [edited, make_record(8, date=june)])
    second = schedules.run(schedule=schedule)
    killed(second, moment, export_dir)
    again(second)
    assert [row for row in held(folder) if row[0] != "000001"] == [("000002", 2), ("000002", 8)]
    assert latest(folder) == [(n, "edited" if n == 2 else f"Message {n}") for n in range(1, 9)]

    root = folder / lake.root_of(schedule) / "messages"
    there = [path for path in root.rglob("*") if path.is_file()]
    assert sorted(str(path.relative_to(root)) for path in there) == told(folder)
    assert all(any(path.iterdir()) for path in root.rglob("*") if path.is_dir())
    assert not list(folder.rglob("*.begun"))
    assert not list(export_dir.glob("*"))

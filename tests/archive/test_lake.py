"""A lake that a schedule keeps up."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from django.core.files.storage import storages
from django.db import connections
from django.test import Client
from pytest_django import Settings

from archive import schedules, tasks
from archive.exports import Options, lake, work
from archive.exports.lake import Watermark
from archive.models import Export, ExportSchedule, RedactionProfile
from archive.privacy import choices
from ingestion.errors import IngestionError
from ingestion.models import Channel
from tests.factories import WHEN, archive_messages, make_channel, make_member, make_record
from tests.ingestion.media.test_store import bucket  # noqa: F401, a fixture
from workspaces.roles import Role

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(tmp_path: Path, settings: Settings, export_dir: Path) -> Path:
    """Return where lakes are in this test."""
    place = {**settings.STORAGES["lake-local"], "OPTIONS": {"location": tmp_path / "lake"}}
    settings.STORAGES = {**settings.STORAGES, "lake-local": place}
    storages.__dict__.pop("backends", None)
    return tmp_path / "lake"


@pytest.fixture
def schedule(channel: Channel, folder: Path) -> ExportSchedule:
    return schedules.make(
        workspace=channel.workspace, name="Daily news", options=Options(), every="day"
    )


def run(schedule: ExportSchedule) -> dict[str, Any]:
    """One run, and its manifest."""
    export = schedules.run(schedule=schedule)
    work.run_export(export.pk)
    export.refresh_from_db()
    schedule.refresh_from_db()
    assert export.state == Export.State.DONE, export.error
    storage = lake.storage_of(schedule)
    name = f"{lake.root_of(schedule)}/manifests/run-{schedule.number:06d}.json"
    with storage.open(name) as file:
        told: dict[str, Any] = json.load(file)
    assert told["rows"] == export.rows == sum(part["rows"] for part in told["files"])
    return told


def latest(folder: Path) -> list[tuple[int, str]]:
    """What readers of the lake see: of each message the version of the highest run."""
    query = f"""
        SELECT message_id, text
        FROM read_parquet('{folder}/**/*.parquet', hive_partitioning = true, filename = true)
        QUALIFY row_number() OVER (
            PARTITION BY channel_id, message_id
            ORDER BY regexp_extract(filename, 'run-(\\d+)', 1) DESC) = 1
        ORDER BY message_id
    """
    found: list[tuple[int, str]] = duckdb.execute(query).fetchall()
    return found


def test_a_lake_of_the_same_name_goes_on_behind_the_one_that_was_there(
    schedule: ExportSchedule, channel: Channel, folder: Path
) -> None:
    archive_messages(channel, [make_record(1, text="before")])
    run(schedule)
    run(schedule)
    schedules.remove(schedule=schedule)
    edited = make_record(1, text="after", edit_date=WHEN + timedelta(days=1))
    archive_messages(channel, [edited])
    again = schedules.make(
        workspace=channel.workspace, name="Daily news", options=Options(), every="day"
    )
    told = run(again)
    assert (told["run"], told["whole"]) == (3, True)
    assert latest(folder) == [(1, "after")]


def test_each_run_adds_what_was_written_since(
    schedule: ExportSchedule, channel: Channel, folder: Path
) -> None:
    archive_messages(channel, [make_record(n, views=1) for n in range(1, 6)])
    first = run(schedule)
    assert (first["rows"], first["whole"]) == (5, True)
    assert (run(schedule)["rows"], run(schedule)["whole"]) == (0, False)
    edited = make_record(2, text="edited", edit_date=WHEN + timedelta(days=1), views=1)
    archive_messages(channel, [edited, make_record(3, views=99), make_record(6)], gone=[4])
    assert run(schedule)["rows"] >= 3
    found = latest(folder)
    assert found == [(n, "edited" if n == 2 else f"Message {n}") for n in range(1, 7)]
    dataset = ds.dataset(folder / lake.root_of(schedule) / "messages", partitioning="hive")
    views = dict(zip(*dataset.to_table(["message_id", "views"]).to_pydict().values(), strict=True))
    assert views[3] == 99
    assert not list(folder.rglob("*.part"))


def test_a_lake_goes_through_its_profile_as_it_is_now_and_stops_when_that_is_gone(
    channel: Channel, folder: Path
) -> None:
    archive_messages(channel, [make_record(1, text="Call +49 30 901820, ada@example.org")])
    user = make_member(Role.ADMIN, channel.workspace)
    profile = choices.save(
        workspace=channel.workspace, name="Partners", actions={"phone": "replace"}, user=user
    )
    client = Client()
    client.force_login(user)
    sent = {"name": "Shared", "every": "day", "target": "folder", "redaction": str(profile.pk)}
    client.post("/exports/schedules/make/", sent)
    schedule = ExportSchedule.objects.get()
    run(schedule)
    assert latest(folder) == [(1, "Call [phone], ada@example.org")]
    # The profile is made stricter: all that is there is written again.
    both = {"phone": "replace", "email": "replace"}
    choices.save(
        workspace=channel.workspace, name="Partners", actions=both, key=str(profile.pk), user=user
    )
    assert run(schedule)["whole"]
    assert latest(folder) == [(1, "Call [phone], [email]")]
    # Rules that are not understood, then none at all: nothing goes out in the clear.
    archive_messages(channel, [make_record(2, text="Call +49 30 901821")])
    RedactionProfile.objects.update(rules={"phone": "scramble"})
    work.run_export(schedules.run(schedule=schedule).pk)
    assert Export.objects.latest("pk").state == Export.State.FAILED
    choices.delete(profile=profile, user=user)
    failed = schedules.run(schedule=schedule)
    assert failed.state == Export.State.FAILED
    assert not tasks.enqueue_export(failed.pk)
    assert [number for number, _ in latest(folder)] == [1]
    why = "The redaction profile “Partners” was deleted"
    assert why in client.get("/exports/schedules/").content.decode()
    (problem,) = [one for one in client.get("/").context["problems"] if why in str(one.cause)]
    assert problem.name == "shared"


def test_what_a_slow_transaction_commits_after_the_run_is_in_the_next_one(
    schedule: ExportSchedule, channel: Channel, folder: Path
) -> None:
    """Its rows have an older time than the run; a watermark of times would leave them out."""
    archive_messages(channel, [make_record(1), make_record(2)])
    slow = connections.create_connection("default")
    try:
        slow.set_autocommit(False)
        with slow.cursor() as cursor:
            cursor.execute("UPDATE ingestion_message SET text = 'late' WHERE message_id = 1")
            assert run(schedule)["rows"] == 2
            archive_messages(channel, [make_record(3)])
            slow.commit()
    finally:
        slow.close()
    run(schedule)
    assert latest(folder) == [(1, "late"), (2, "Message 2"), (3, "Message 3")]


def test_a_channel_that_comes_back_comes_whole(
    schedule: ExportSchedule, channel: Channel, folder: Path
) -> None:
    other = make_channel(channel.workspace, removed_at=WHEN)
    archive_messages(channel, [make_record(1)])
    archive_messages(other, [make_record(7)])
    assert run(schedule)["rows"] == 1
    run(schedule)
    Channel.objects.filter(pk=other.pk).update(removed_at=None)
    assert run(schedule)["rows"] == 1
    assert [n for n, _text in latest(folder)] == [1, 7]


def test_everything_is_written_again_when_the_last_run_says_nothing_of_this_database(
    schedule: ExportSchedule, channel: Channel
) -> None:
    archive_messages(channel, [make_record(1)])
    run(schedule)
    schedule.watermark["cluster"] = "another"
    schedule.save()
    assert run(schedule)["rows"] == 1
    now = Watermark(5_000_000_000, "a", {})
    assert now.since(Watermark(4_999_999_000, "a", {})) == str(4_999_999_000 % 2**32)
    assert now.since(Watermark(1_000, "a", {})) is None
    assert now.since(None) is None


def test_a_schedule_is_due_by_the_clock_of_its_workspace_and_runs_once(
    schedule: ExportSchedule, channel: Channel
) -> None:
    channel.workspace.time_zone = "Asia/Tokyo"
    channel.workspace.save()
    schedule.refresh_from_db()
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert schedules.next_after(schedule, noon) == datetime(2026, 5, 1, 18, tzinfo=UTC)
    schedule.every, schedule.weekday = "week", 6
    assert schedules.next_after(schedule, noon).astimezone(UTC) == datetime(
        2026, 5, 2, 18, tzinfo=UTC
    )
    schedule.every, schedule.minute = "hour", 30
    assert schedules.next_after(schedule, noon) == noon + timedelta(minutes=30)
    (asked,) = tasks.make_due_exports()
    assert Export.objects.get(pk=asked).schedule == schedule
    assert tasks.make_due_exports() == []
    assert schedules.run(schedule=schedule).pk == asked
    schedules.switch(schedule=schedule, on=False)
    assert schedule.next_run_at is None


def test_what_cannot_be_kept_up_is_refused_in_words(
    schedule: ExportSchedule, channel: Channel
) -> None:
    workspace = channel.workspace
    for name, target in (("Новости", "folder"), ("daily-news", "folder"), ("a", "s3")):
        with pytest.raises(IngestionError):
            schedules.make(
                workspace=workspace, name=name, options=Options(), every="day", target=target
            )


@pytest.mark.slow
def test_a_lake_is_kept_up_on_s3(
    channel: Channel,
    folder: Path,
    bucket: dict[str, Any],  # noqa: F811, the fixture
    settings: Settings,
) -> None:
    place = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {**bucket, "location": "lake", "file_overwrite": True},
    }
    settings.STORAGES = {**settings.STORAGES, "lake-s3": place}
    archive_messages(channel, [make_record(n) for n in (1, 2)])
    schedule = schedules.make(
        workspace=channel.workspace, name="far", options=Options(), every="hour", target="s3"
    )
    assert run(schedule)["rows"] == 2
    archive_messages(channel, [make_record(3)])
    told = run(schedule)
    (part,) = told["files"]
    storage = lake.storage_of(schedule)
    with storage.open(f"{lake.root_of(schedule)}/messages/{part['path']}") as file:
        assert pq.read_table(file).column("message_id").to_pylist() == [3]
    assert not list(folder.rglob("*.parquet"))

"""Old messages go, into archive files first where that is wished, and never before those are whole."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from django.conf import settings as conf
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from archive import retention
from archive.exports import COLUMNS, FileSink
from archive.models import RetentionFile, RetentionHold, RetentionPolicy, RetentionRun
from archive.retention import looking, slices
from archive.stats import rollup
from ingestion import coverage
from ingestion.errors import InputError
from ingestion.importing.opening import open_source
from ingestion.media import planning, store
from ingestion.media.wanting import Wish
from ingestion.models import (
    Channel,
    CounterSnapshot,
    Medium,
    Message,
    MessageRaw,
    StoredFile,
)
from ingestion.services import channels
from tests.archive.test_whole_files import written
from tests.factories import archive_messages, make_channel, make_record, make_user
from workspaces.models import AuditEvent

DAY = timedelta(days=1)
#: Newest first, these are 0 to 9 days old.
IDS = range(1, 11)


@pytest.fixture
def kept_dir(tmp_path: Path, settings: Settings) -> Path:
    settings.KEPT_DIR = tmp_path / "kept"
    settings.STORAGES = {
        **settings.STORAGES,
        "media-local": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "store"},
        },
    }
    return tmp_path / "kept"


def fill(channel: Channel) -> Channel:
    noon = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0)
    archive_messages(
        channel,
        [make_record(n, text=f"message {n}", date=noon - (10 - n) * DAY) for n in IDS],
    )
    channel.refresh_from_db()
    return channel


@pytest.fixture
def channel(db: None, kept_dir: Path) -> Channel:
    return fill(make_channel(title="News"))


def keep(channel: Channel, days: int | None, action: str = "move") -> None:
    retention.keep(workspace=channel.workspace, days=days, action=action)


def run_all() -> None:
    retention.start_due()
    for run_id in retention.due():
        while retention.work(run_id=run_id, seconds=0):
            pass


def ids(channel: Channel) -> list[int]:
    rows = Message.objects.filter(channel=channel).order_by("message_id")
    return list(rows.values_list("message_id", flat=True))


def attach(channel: Channel, message_id: int, words: bytes) -> StoredFile:
    """A stored file that a message names."""
    sha256 = hashlib.sha256(words).hexdigest()
    file, made = StoredFile.objects.get_or_create(
        sha256=sha256, defaults={"size": len(words), "mime": "text/plain", "storage": "local"}
    )
    if made:
        store.storage("local").save(store.key(sha256), ContentFile(words))
    message = Message.objects.get(channel=channel, message_id=message_id)
    Medium.objects.create(
        channel=channel, message_id=message_id, kind="document", remote_id=message_id,
        date=message.date, name="a.txt", state="done", want=2, file=file,
    )  # fmt: skip
    return file


def test_what_is_too_old_is_moved_into_files_that_are_whole(
    channel: Channel, kept_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "PART", 3)
    lone, shared = attach(channel, 2, b"only here"), attach(channel, 3, b"shared")
    attach(channel, 9, b"shared")
    keep(channel, 3)
    seen = retention.preview(channel, days=3)
    assert (seen.messages, seen.files, seen.bytes) == (6, 2, 15)
    assert seen.newest == (timezone.now() - 4 * DAY).date()
    run_all()
    assert ids(channel) == [7, 8, 9, 10]
    run = RetentionRun.objects.get()
    assert (run.state, run.messages, run.messages_expected, run.media) == ("done", 6, 6, 2)
    assert (run.parts, run.freed) == (2, 9)
    assert not StoredFile.objects.filter(pk=lone.pk).exists()
    assert StoredFile.objects.filter(pk=shared.pk).exists()
    moved = []
    for file in RetentionFile.objects.order_by("pk"):
        whole = file.path.read_bytes()
        assert hashlib.sha256(whole).hexdigest() == file.sha256
        assert len(whole) == file.size
        moved += pq.read_table(file.path).to_pylist()
    assert [row["message_id"] for row in moved] == [1, 2, 3, 4, 5, 6]
    assert moved[0]["text"] == "message 1"
    assert moved[0]["raw"]
    assert moved[0]["date"].tzinfo is not None
    manifest = json.loads((kept_dir / f"{file.name}.manifest.json").read_text())
    assert (manifest["rows"], manifest["complete"]) == (3, False)
    assert (manifest["format"], manifest["retention"]["how"]) == ("parquet", "move")
    copied = kept_dir / str(channel.pk) / "files"
    assert {path.name for path in copied.iterdir()} == {lone.sha256, shared.sha256}
    report = coverage.report(channel)
    assert (report.let_go, report.messages, report.absent, report.deleted) == (6, 4, 0, 0)
    assert rollup.check(channel.pk) == []
    actions = AuditEvent.objects.filter(action__startswith="retention.").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == [
        "retention.policy", "retention.start", "retention.end",
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_an_archive_file_has_all_that_was_known_and_can_be_imported(
    channel: Channel, tmp_path: Path
) -> None:
    archive_messages(
        channel, [make_record(3, text="edited", edit_date=timezone.now(), reactions={"👍": 1})]
    )
    MessageRaw.objects.create(channel=channel, message_id=1, source="web_preview", raw={"p": "<b>"})
    MessageRaw.objects.filter(message_id=2).update(source="desktop", raw={"id": 2, "from": "Ada"})
    CounterSnapshot.objects.create(
        channel=channel, message_id=4, step=1, at=timezone.now(), views=7
    )
    Message.objects.filter(message_id=5).update(deleted_at=timezone.now(), deleted_how="live")
    before = [json.loads(line) for line in written(channel, "jsonl").splitlines()]
    keep(channel, 3)
    run_all()
    path = RetentionFile.objects.get().path
    assert set(COLUMNS["jsonl"]) < set(pq.read_schema(path).names)
    names = ["message_id", "raw", "raw_source", "other_raw", "revisions", "counters", "deleted_how"]
    rows = duckdb.execute(f"SELECT {', '.join(names)} FROM '{path}'").fetchall()
    by_id = {row[0]: dict(zip(names, row, strict=True)) for row in rows}
    assert by_id[1]["raw_source"] == "mtproto"
    assert json.loads(by_id[1]["other_raw"]) == [{"source": "web_preview", "raw": {"p": "<b>"}}]
    assert by_id[2]["raw_source"] == "desktop"
    assert json.loads(by_id[2]["raw"]) == {"id": 2, "from": "Ada"}
    (earlier,) = json.loads(by_id[3]["revisions"])
    assert (earlier["text"], earlier["raw"]["message"]) == ("message 3", "message 3")
    assert json.loads(by_id[4]["counters"])[0]["views"] == 7
    assert by_id[5]["deleted_how"] == "live"
    # What an export said of the same messages, line by line.
    call_command("retention", lines=path)
    lines = [json.loads(line) for line in path.with_suffix(".jsonl").read_bytes().splitlines()]
    (revised,) = lines[2]["revisions"]
    revised.pop("raw")
    assert [told(line) for line in lines] == [told(line) for line in before[:6]]
    source = open_source(path.with_suffix(".jsonl"), zone=UTC)
    records = [record for portion in source.portions() for record in portion.page.records]
    assert [record.message_id for record in records] == [1, 2, 3, 4, 5, 6]


def told(line: Any) -> Any:
    """A line with its moments as moments: PostgreSQL and Python spell fractions differently."""
    if isinstance(line, dict):
        return {name: told(value) for name, value in line.items()}
    if isinstance(line, list):
        return [told(value) for value in line]
    try:
        return datetime.fromisoformat(line) if isinstance(line, str) and "T" in line else line
    except ValueError:
        return line


def test_files_alone_may_go_while_their_messages_stay(channel: Channel, kept_dir: Path) -> None:
    lone, shared = attach(channel, 2, b"only here"), attach(channel, 3, b"shared")
    attach(channel, 9, b"shared")
    keep(channel, 3, "move_media")
    seen = retention.preview(channel, days=3, action="move_media")
    assert (seen.messages, seen.files, seen.bytes) == (2, 2, 15)
    assert retention.start_due() == 1
    run_all()
    run = RetentionRun.objects.get()
    assert (run.state, run.messages, run.messages_expected, run.media) == ("done", 2, 2, 2)
    assert ids(channel) == list(IDS)
    assert coverage.report(channel).let_go == 0
    gone = Medium.objects.filter(let_go_at__isnull=False).order_by("message_id")
    assert [(row.message_id, row.file, row.state) for row in gone] == [
        (2, None, "skipped"),
        (3, None, "skipped"),
    ]
    # What another message names stays; the archive has both, and says which message had which.
    assert list(StoredFile.objects.all()) == [shared]
    file = RetentionFile.objects.get()
    listed = [json.loads(line) for line in file.path.read_text().splitlines()]
    assert [(row["message_id"], row["copied"]) for row in listed] == [
        (2, [lone.sha256]),
        (3, [shared.sha256]),
    ]
    assert hashlib.sha256(file.path.read_bytes()).hexdigest() == file.sha256
    copied = kept_dir / str(channel.pk) / "files"
    assert {path.name for path in copied.iterdir()} == {lone.sha256, shared.sha256}
    # A policy that wants every file does not fetch them again, and tomorrow has nothing to do.
    planning.decide(channel, Wish(mode="all"), low=1, high=10)
    assert Medium.objects.get(message_id=2).state == "skipped"
    RetentionRun.objects.update(created_at=timezone.now() - DAY)
    assert retention.start_due() == 0


def test_a_look_counts_few_files_exactly_and_says_of_many_that_there_are_more(
    channel: Channel, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    other = fill(make_channel(channel.workspace, title="Other"))
    for number in (2, 3, 4):
        attach(channel, number, f"file of {number}".encode())
    attach(other, 2, b"file of 2")
    retention.place_hold(channel=other, reason="Case 12/26")
    with django_assert_num_queries(3):
        here, there = retention.previews([channel, other], days=3)
    assert here == retention.preview(channel, days=3)
    assert (here.messages, here.files, here.bytes, here.is_all) == (6, 3, 27, True)
    assert (there.messages, there.files, there.held) == (6, 1, "Case 12/26")

    monkeypatch.setattr(looking, "LOOKED_AT", 4)
    monkeypatch.setattr(looking, "LEAST", 1)
    here, there = retention.previews([channel, other], days=3, action="delete_media")
    assert (here.messages, here.files, here.bytes, here.is_all) == (2, 2, 18, False)
    today = timezone.now().date()
    assert (here.oldest, here.newest) == (today - 8 * DAY, today - 6 * DAY)
    assert (there.messages, there.files, there.is_all) == (1, 1, True)
    # Of one channel, and where nobody waits for a page, there is room for all.
    assert retention.previews([channel], days=3)[0].files == 3
    assert retention.preview(channel, days=3).is_all


def test_deleting_writes_no_file(channel: Channel, kept_dir: Path) -> None:
    keep(channel, 5, "delete")
    run_all()
    assert ids(channel) == [5, 6, 7, 8, 9, 10]
    assert not kept_dir.exists()
    assert not RetentionFile.objects.exists()


def test_it_runs_once_a_day_and_only_where_something_is_too_old(channel: Channel) -> None:
    keep(channel, 100)
    assert retention.start_due() == 0
    keep(channel, 3, "delete")
    assert retention.start_due() == 1
    assert retention.start_due() == 0
    run_all()
    assert retention.start_due() == 0
    RetentionRun.objects.update(created_at=timezone.now() - DAY)
    keep(channel, 2, "delete")
    assert retention.start_due() == 1


def test_a_damaged_file_lets_nothing_go(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(channel, 3)
    whole = FileSink.publish

    def damage(sink: Any) -> None:
        if sink.target.suffix == ".parquet":
            sink.temporary.write_bytes(sink.temporary.read_bytes()[:-9] + b"123456789")
        whole(sink)

    monkeypatch.setattr(FileSink, "publish", damage)
    run_all()
    run = RetentionRun.objects.get()
    assert run.state == "failed"
    assert "is not what was written" in str(run.error)
    assert ids(channel) == list(IDS)
    assert coverage.report(channel).let_go == 0


def test_a_full_disk_lets_nothing_go(channel: Channel, kept_dir: Path) -> None:
    kept_dir.write_text("no directory")
    keep(channel, 3)
    run_all()
    assert RetentionRun.objects.get().state == "failed"
    assert ids(channel) == list(IDS)


def test_what_nobody_foresaw_ends_the_run_and_says_so(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that does not answer, for instance: it is not tried every other second for ever."""

    def broken(*_: Any) -> None:
        raise RuntimeError("the store is away")

    monkeypatch.setattr(slices, "write_part", broken)
    keep(channel, 5)
    run_all()
    run = RetentionRun.objects.get()
    assert run.state == RetentionRun.State.FAILED
    assert "RuntimeError" in str(run.error)
    assert ids(channel) == list(IDS)
    assert retention.due() == []


def test_a_hold_stops_it_also_when_it_is_under_way(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "PART", 2)
    keep(channel, 3)
    owner = make_user()
    retention.start_due()
    (run_id,) = retention.due()
    assert retention.work(run_id=run_id, seconds=0)
    retention.place_hold(channel=channel, reason="Case 12/26", user=owner)
    assert not retention.work(run_id=run_id, seconds=5)
    assert RetentionRun.objects.get().state == "held"
    assert ids(channel) == list(range(3, 11))
    RetentionRun.objects.update(created_at=timezone.now() - 2 * DAY)
    assert retention.start_due() == 0
    with pytest.raises(InputError, match="Case 12/26"):
        retention.start(channel=channel)
    assert retention.preview(channel, days=3).held == "Case 12/26"
    retention.lift_hold(channel=channel, user=owner)
    run_all()
    assert ids(channel) == [7, 8, 9, 10]
    hold = RetentionHold.objects.get()
    assert (hold.placed_by, hold.lifted_by) == (owner, owner)


def test_a_hold_keeps_the_messages_of_a_channel_that_is_removed(channel: Channel) -> None:
    retention.place_hold(channel=channel, reason="Case 12/26")
    with pytest.raises(InputError, match="Case 12/26"):
        channels.remove(channel=channel, delete_messages=True)
    assert ids(channel) == list(IDS)
    channel.refresh_from_db()
    assert channel.removed_at is None
    channels.remove(channel=channel)
    retention.lift_hold(channel=channel)
    assert channels.remove(channel=channel, delete_messages=True) == len(IDS)


def test_a_channel_may_differ_from_its_workspace(channel: Channel) -> None:
    keep(channel, 3)
    other = fill(make_channel(channel.workspace))
    retention.keep(workspace=channel.workspace, channel=other, days=None)
    assert (retention.kept(channel).days, retention.kept(other).days) == (3, None)
    run_all()
    assert (len(ids(channel)), len(ids(other))) == (4, 10)
    retention.keep(workspace=channel.workspace, channel=other, days=None, like_workspace=True)
    assert retention.kept(other) == retention.kept(channel)


def test_a_policy_that_keeps_more_meanwhile_ends_the_run(channel: Channel) -> None:
    keep(channel, 3)
    retention.start_due()
    keep(channel, None)
    (run_id,) = retention.due()
    retention.work(run_id=run_id, seconds=5)
    assert ids(channel) == list(IDS)
    assert RetentionRun.objects.get().state == "done"


def test_another_workspace_is_left_alone(channel: Channel) -> None:
    stranger = fill(make_channel())
    keep(channel, 3, "delete")
    run_all()
    assert stranger.workspace_id == channel.workspace_id or ids(stranger) == list(IDS)


@pytest.mark.parametrize(("days", "action"), [(0, "move"), (40_000, "move"), (3, "burn")])
def test_nonsense_is_refused(channel: Channel, days: int, action: str) -> None:
    with pytest.raises(InputError):
        keep(channel, days, action)
    assert not RetentionPolicy.objects.exists()


def test_files_lie_below_the_data_directory() -> None:
    assert Path(conf.KEPT_DIR).name == "kept"

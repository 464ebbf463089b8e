"""One attempt at an export: whole or not at all, whatever happens."""

import hashlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.template.loader import render_to_string
from django.utils import timezone
from psycopg.sql import SQL

from archive import exports, services, tasks
from archive.exports import FORMATS, FileSink, heart, sidecar, work
from archive.exports.work import run_export
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


def files(export_dir: Path) -> list[str]:
    return sorted(path.name for path in export_dir.glob("*") if sidecar.SUFFIX not in path.name)


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_a_done_export_is_whole_and_its_row_says_what_is_in_it(
    make_export: MakeExport, export_dir: Path, messages: int, kind: str
) -> None:
    export = make_export(kind)
    run_export(export.pk)
    export.refresh_from_db()
    data = export.path.read_bytes()
    assert export.state == Export.State.DONE
    assert export.rows == export.rows_expected == messages
    assert data.count(b"\n") == messages + (kind == "csv")
    assert export.size == len(data)
    assert export.sha256 == hashlib.sha256(data).hexdigest()
    assert export.started_at <= export.ended_at <= timezone.now()  # type: ignore[operator]
    assert export.worker_token is None
    assert files(export_dir) == [f"export-{export.pk}.{kind}"]
    assert export.path.stat().st_mode & 0o777 == 0o600


def test_only_a_queued_export_is_made(
    make_export: MakeExport, export_dir: Path, messages: int
) -> None:
    for state in set(Export.State) - {Export.State.QUEUED}:
        export = make_export(state=state)
        run_export(export.pk)
        export.refresh_from_db()
        assert export.state == state
    run_export(404)
    assert files(export_dir) == []


class Intruder:
    """Does something in the middle of an export: after its third block."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
        self.blocks = 0
        write = FileSink.write

        def intruded(sink: FileSink, block: bytes) -> None:
            self.blocks += 1
            write(sink, block)
            if self.blocks == 3:
                act()

        monkeypatch.setattr(FileSink, "write", intruded)


def test_a_wish_to_cancel_is_seen_within_a_second_and_leaves_nothing(
    make_export: MakeExport, export_dir: Path, messages: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = make_export()
    wished: list[float] = []

    def cancel() -> None:
        thread = threading.Thread(target=cancel_elsewhere)
        thread.start()
        thread.join()
        wished.append(time.monotonic())
        time.sleep(0.95)  # PostgreSQL or the disk is slow

    def cancel_elsewhere() -> None:
        assert services.cancel(export=Export.objects.get(pk=export.pk))
        connection.close()

    intruder = Intruder(monkeypatch, cancel)
    run_export(export.pk)
    export.refresh_from_db()
    assert export.state == Export.State.CANCELLED
    assert intruder.blocks == 3
    assert time.monotonic() - wished[0] < 1.5
    assert files(export_dir) == []


def test_a_copy_that_waits_is_woken_by_the_wish(
    make_export: MakeExport, export_dir: Path, messages: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The statement sleeps on the server; only its cancellation ends it."""
    export = make_export()
    sleeping = SQL("COPY (SELECT pg_sleep(30)) TO STDOUT")
    monkeypatch.setattr(FORMATS["jsonl"], "statement", lambda _: sleeping)
    timer = threading.Timer(0.3, wish_to_cancel, [export.pk])
    timer.start()
    began = time.monotonic()
    run_export(export.pk)
    timer.join()
    export.refresh_from_db()
    assert export.state == Export.State.CANCELLED
    assert time.monotonic() - began < 5
    assert files(export_dir) == []


def wish_to_cancel(pk: int) -> None:
    Export.objects.filter(pk=pk).update(cancel_wish=True)
    connection.close()


def test_a_wish_in_the_last_moment_counts(
    make_export: MakeExport, export_dir: Path, messages: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = make_export()
    seal = FileSink.seal

    def cancel_then_seal(sink: FileSink) -> object:
        Export.objects.filter(pk=export.pk).update(cancel_wish=True)
        return seal(sink)

    monkeypatch.setattr(FileSink, "seal", cancel_then_seal)
    run_export(export.pk)
    export.refresh_from_db()
    assert export.state == Export.State.CANCELLED
    assert files(export_dir) == []


def test_an_export_that_was_taken_over_is_left_alone(
    make_export: MakeExport, export_dir: Path, messages: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = make_export()
    other = uuid4()

    def take_over() -> None:
        thread = threading.Thread(target=set_token, args=(export.pk, other))
        thread.start()
        thread.join()
        time.sleep(heart.BEAT * 2)

    Intruder(monkeypatch, take_over)
    run_export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.worker_token) == (Export.State.RUNNING, other)
    assert files(export_dir) == []


def set_token(pk: int, token: object) -> None:
    Export.objects.filter(pk=pk).update(worker_token=token)
    connection.close()


def test_a_deleted_export_ends_its_work(
    make_export: MakeExport, export_dir: Path, messages: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = make_export()

    def delete() -> None:
        thread = threading.Thread(target=delete_elsewhere)
        thread.start()
        thread.join()
        time.sleep(heart.BEAT * 2)

    def delete_elsewhere() -> None:
        services.delete(export=Export.objects.get(pk=export.pk))
        connection.close()

    intruder = Intruder(monkeypatch, delete)
    run_export(export.pk)
    assert intruder.blocks == 3
    assert not Export.objects.exists()
    assert files(export_dir) == []


def test_a_worker_that_has_to_stop_gives_the_export_back(
    make_export: MakeExport, export_dir: Path, messages: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = make_export()
    before = signal.getsignal(signal.SIGTERM)
    Intruder(monkeypatch, lambda: os.kill(os.getpid(), signal.SIGTERM))
    run_export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.attempt) == (Export.State.QUEUED, 2)
    assert files(export_dir) == []
    assert signal.getsignal(signal.SIGTERM) == before
    run_export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.rows) == (Export.State.DONE, messages)


def test_progress_is_told_while_it_runs(
    make_export: MakeExport, export_dir: Path, messages: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = make_export(rows_expected=None)
    seen: list[Export] = []

    def look() -> None:
        time.sleep(heart.BEAT * 2)
        thread = threading.Thread(target=look_elsewhere)
        thread.start()
        thread.join()

    def look_elsewhere() -> None:
        seen.append(Export.objects.get(pk=export.pk))
        connection.close()

    Intruder(monkeypatch, look)
    run_export(export.pk)
    assert 0 < seen[0].rows < messages == seen[0].rows_expected
    assert seen[0].size > 0
    assert (timezone.now() - seen[0].heartbeat_at).total_seconds() < 30  # type: ignore[operator]


def test_a_lost_database_gives_it_back_until_it_is_given_up(
    make_export: MakeExport, export_dir: Path, messages: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose() -> None:
        raise OperationalError("the connection is lost")

    export = make_export()
    Intruder(monkeypatch, lose)
    run_export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.attempt) == (Export.State.QUEUED, 2)
    Export.objects.update(attempt=work.ATTEMPTS)
    Intruder(monkeypatch, lose)
    run_export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.error) == (Export.State.FAILED, work.GIVEN_UP)
    assert files(export_dir) == []


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(28, "No space left on device"), "There is no room for the file"),
        (PermissionError(13, "Permission denied"), "could not be written (Permission denied)"),
        (ValueError("what"), "Something unexpected went wrong (ValueError)"),
    ],
)
def test_what_fails_says_so_in_words_and_leaves_nothing(
    make_export: MakeExport,
    export_dir: Path,
    messages: int,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    words: str,
) -> None:
    def fail() -> None:
        raise error

    export = make_export()
    Intruder(monkeypatch, fail)
    run_export(export.pk)
    export.refresh_from_db()
    assert export.state == Export.State.FAILED
    assert words in export.error
    assert (export.sha256, export.file_name) == ("", "")
    assert files(export_dir) == []


_FULL_DISK = """
import resource
from archive.exports import parquet
from archive.exports.work import run_export
parquet.GROUP_ROWS = 500
resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))
run_export({pk})
"""


@pytest.mark.parametrize(("kind", "room"), [("csv", 300_000), ("parquet", 20_000)])
def test_a_disk_that_is_full_fails_the_export(
    make_export: MakeExport, export_dir: Path, messages: int, kind: str, room: int
) -> None:
    export = make_export(kind)
    programs.run(_FULL_DISK.format(pk=export.pk, room=room), export_dir)
    export.refresh_from_db()
    assert export.state == Export.State.FAILED
    assert "There is no room for the file" in export.error
    assert files(export_dir) == []


_STUCK = """
import time
from archive.exports.heart import Heart
from archive.exports.work import run_export
def slow(heart, rows, size, expected):
    if rows > 1_000:
        print("in the middle", flush=True)
        time.sleep(60)
Heart.progress = slow
run_export({pk})
"""


@pytest.mark.parametrize(
    ("kind", "more"),
    [("jsonl", {}), ("xlsx", {}), ("parquet", {"partition": "month"}), ("html", {})],
)
def test_a_killed_attempt_leaves_nothing_and_begins_anew_by_itself(
    make_export: MakeExport,
    export_dir: Path,
    messages: int,
    valkey: object,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    more: dict[str, str],
) -> None:
    export = make_export(kind, **more)
    with programs.started(_STUCK.format(pk=export.pk), export_dir) as process:
        assert process.stdout
        assert process.stdout.readline() == "in the middle\n"
        process.kill()
    export.refresh_from_db()
    assert export.state == Export.State.RUNNING
    assert f"export-{export.pk}.1.part" in files(export_dir)

    # The tick finds it silent, and the next worker writes all of it again.
    Export.objects.update(heartbeat_at=timezone.now() - timedelta(seconds=tasks.SILENCE + 1))
    assert tasks.requeue_interrupted() == [export.pk]
    export.refresh_from_db()
    assert (export.state, export.attempt) == (Export.State.QUEUED, 2)
    words = render_to_string("dashboard/parts/export_table.html", {"rows": [export]})
    assert "attempt 2: it was interrupted and begins anew" in words
    tasks.make_export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.rows) == (Export.State.DONE, messages)
    monkeypatch.setattr(exports.files, "_JUST_MADE", 0)
    tasks.expire_exports()
    assert files(export_dir) == [export.file_name]
    assert hashlib.sha256(export.path.read_bytes()).hexdigest() == export.sha256
    if kind == "jsonl":
        lines = export.path.read_bytes().splitlines()
        assert [json.loads(line)["message_id"] for line in lines] == list(range(1, messages + 1))

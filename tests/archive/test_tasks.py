"""Exports and their jobs: whatever Valkey forgets or a worker leaves, nothing is lost."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import django_rq
import pytest
from django.db import transaction
from django.utils import timezone
from redis import Redis
from rq import SimpleWorker

from archive import privacy_tasks, tasks
from archive.exports import work
from archive.models import Export
from archive.retention import slices
from tests.archive import programs
from tgadmin.lib import periodic
from tgadmin.lib.logs.context import ContextFilter

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]

MakeExport = Callable[..., Export]


def queued() -> list[str]:
    return [str(job) for job in django_rq.get_queue(tasks.QUEUE).job_ids]


def make_silent(make_export: MakeExport, seconds: float = 31, **fields: object) -> Export:
    heartbeat_at = timezone.now() - timedelta(seconds=seconds)
    return make_export(state=Export.State.RUNNING, heartbeat_at=heartbeat_at, **fields)


def test_a_job_is_named_by_export_and_attempt_and_made_after_commit(
    make_export: MakeExport,
) -> None:
    export = make_export(attempt=3)
    with transaction.atomic():
        tasks.enqueue_export(export.pk)
        assert queued() == []
    assert queued() == [f"export-{export.pk}-3"]


def test_an_export_has_one_job_at_most(make_export: MakeExport) -> None:
    export = make_export()
    assert tasks.enqueue_export(export.pk)
    assert not tasks.enqueue_export(export.pk)
    assert len(queued()) == 1


def test_what_is_not_queued_gets_no_job(make_export: MakeExport) -> None:
    assert not tasks.enqueue_export(make_export(state="done").pk)
    assert not tasks.enqueue_export(404)
    assert queued() == []


def test_the_job_makes_the_file_and_leaves_no_result(
    make_export: MakeExport, export_dir: Path, valkey: Redis
) -> None:
    export = make_export()
    tasks.enqueue_export(export.pk)
    queue = django_rq.get_queue(tasks.QUEUE)
    SimpleWorker([queue], connection=queue.connection).work(burst=True, logging_level="ERROR")
    export.refresh_from_db()
    assert export.state == Export.State.DONE
    assert not valkey.exists(f"rq:job:export-{export.pk}-1")


def test_a_flushed_valkey_loses_no_export(make_export: MakeExport, valkey: Redis) -> None:
    export = make_export()
    tasks.enqueue_export(export.pk)
    assert tasks.requeue_interrupted() == []
    valkey.flushall()
    assert tasks.requeue_interrupted() == [export.pk]
    assert queued() == [f"export-{export.pk}-1"]


def test_an_export_whose_worker_fell_silent_starts_anew(
    make_export: MakeExport, export_dir: Path
) -> None:
    silent = make_silent(make_export, rows=10, size=20)
    heard = make_silent(make_export, seconds=5)
    export_dir.mkdir()
    (export_dir / f"export-{silent.pk}.1.part").write_bytes(b"half")
    assert tasks.requeue_interrupted() == [silent.pk]
    silent.refresh_from_db()
    heard.refresh_from_db()
    assert (silent.state, silent.attempt, silent.rows, silent.size) == ("queued", 2, 0, 0)
    assert (heard.state, heard.attempt) == ("running", 1)
    assert queued() == [f"export-{silent.pk}-2"]
    assert list(export_dir.iterdir()) == []


def test_a_silent_export_that_was_to_be_cancelled_is(
    make_export: MakeExport, export_dir: Path
) -> None:
    export = make_silent(make_export, cancel_wish=True)
    assert tasks.requeue_interrupted() == []
    export.refresh_from_db()
    assert (export.state, export.attempt) == ("cancelled", 1)
    assert export.ended_at is not None


def test_an_export_that_kills_its_workers_is_given_up(
    make_export: MakeExport, export_dir: Path
) -> None:
    export = make_silent(make_export, attempt=work.ATTEMPTS)
    assert tasks.requeue_interrupted() == []
    export.refresh_from_db()
    assert (export.state, export.error) == ("failed", work.GIVEN_UP)


def test_the_tick_calls_it(make_export: MakeExport) -> None:
    export = make_export()
    assert periodic._registered["exports"].call() == [export.pk]


def test_jobs_import_no_telethon(export_dir: Path) -> None:
    code = (
        "import sys; import archive.tasks, archive.exports.work; print('telethon' in sys.modules)"
    )
    assert programs.run(code, export_dir) == "False\n"


def test_what_is_logged_of_a_retention_names_it(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_run_id: int) -> bool:
        raise RuntimeError("the store is away")

    monkeypatch.setattr(slices, "_step", broken)
    caplog.handler.addFilter(ContextFilter())
    privacy_tasks.run_retention(7)
    assert [vars(record)["ids"] for record in caplog.records] == [{"retention": 7}]

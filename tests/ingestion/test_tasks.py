"""Queues carry numbers only, and losing them loses nothing."""

import io
import logging
import subprocess
from datetime import timedelta
from typing import Any
from uuid import uuid4

import django_rq
import pytest
import redis
from django.utils import timezone
from rq.job import Job, JobStatus

from ingestion import tasks
from ingestion.models import Account, Backfill, Channel, SyncRun
from ingestion.services import calls, runs
from tests.ingestion.world import World
from tgadmin.lib import periodic, processes
from tgadmin.lib.logs.context import ContextFilter
from tgadmin.lib.logs.formats import TextFormatter

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]


def queued(name: str) -> list[str]:
    ids: list[str] = django_rq.get_queue(name).job_ids
    return ids


def test_a_press_is_enqueued_after_the_commit(channel: Channel, account: Account) -> None:
    runs.request_sync(channel=channel)
    tasks.enqueue_due()
    update = SyncRun.objects.get(kind="update")
    assert queued("slices") == [f"run-{update.pk}-0"]


def test_a_job_holds_ids_and_nothing_else(channel: Channel, account: Account) -> None:
    runs.request_sync(channel=channel)
    tasks.enqueue_due()
    job = Job.fetch(queued("slices")[0], connection=django_rq.get_connection("slices"))
    assert job.args == (SyncRun.objects.get(kind="update").pk, 0)
    assert job.timeout == -1


def test_the_same_slice_is_never_in_the_queue_twice(channel: Channel, account: Account) -> None:
    runs.request_sync(channel=channel)
    for _ in range(3):
        tasks.tick()
    assert len(queued("slices")) == 1


def test_what_a_worker_left_comes_back_with_the_tick() -> None:
    """The tick is in no transaction."""
    silent = timezone.now() - timedelta(minutes=1)
    Backfill.objects.create(
        name="hashes", state="running", heartbeat_at=silent, worker_token=uuid4()
    )
    tasks.tick()
    periodic._registered["backfills"].call()
    row = Backfill.objects.get()
    assert (row.state, row.worker_token, row.slice) == ("queued", None, 1)
    assert "backfill-hashes-1" in queued("exports")


def test_flushing_valkey_loses_nothing(
    channel: Channel, account: Account, valkey: redis.Redis
) -> None:
    runs.request_sync(channel=channel)
    call = calls.post(account=account, kind="log_out")
    tasks.tick()
    before = (queued("slices"), queued("calls"))
    assert before == ([f"run-{SyncRun.objects.get(kind='update').pk}-0"], [f"call-{call.pk}"])
    valkey.flushall()
    assert queued("slices") == []
    tasks.tick()
    assert (queued("slices"), queued("calls")) == before


def taken(run: SyncRun) -> Job:
    """The run's job as it is when a worker has taken it out of the queue, and done nothing yet."""
    job = Job.fetch(f"run-{run.pk}-0", connection=django_rq.get_connection("slices"))
    django_rq.get_queue("slices").empty()  # type: ignore[no-untyped-call]
    job.save()
    return job


def test_a_job_that_left_the_queue_long_ago_is_replaced(channel: Channel, account: Account) -> None:
    runs.request_sync(channel=channel)
    tasks.tick()
    run = SyncRun.objects.get(kind="update")
    job = taken(run)
    job.set_status(JobStatus.STARTED)
    job.started_at = timezone.now()
    job.save()
    tasks.tick()
    run.refresh_from_db()
    assert run.slice == 0, "its worker may be about to begin"
    job.started_at -= tasks.STUCK_AFTER * 2
    job.save()
    tasks.tick()
    tasks.tick()
    run.refresh_from_db()
    assert run.slice == 1
    assert queued("slices") == [f"run-{run.pk}-1"]


@pytest.mark.skipif(not processes.can_tell_the_dead(), reason="names tell machines apart on Linux")
@pytest.mark.parametrize("status", [JobStatus.QUEUED, JobStatus.STARTED])
def test_a_job_whose_worker_is_dead_is_replaced_at_once(
    channel: Channel, account: Account, status: JobStatus
) -> None:
    runs.request_sync(channel=channel)
    tasks.tick()
    run = SyncRun.objects.get(kind="update")
    dead = subprocess.Popen(["true"])
    dead.wait()
    job = taken(run)
    job.meta["worker"] = f"{processes.machine()}:{dead.pid}"
    job.set_status(status)
    job.save()
    tasks.tick()
    tasks.tick()
    assert queued("slices") == [f"run-{run.pk}-1"]


def test_without_valkey_nothing_breaks(
    channel: Channel, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As the product connects: an address, and no second try.
    nowhere = redis.Redis.from_url("unix:///nowhere/valkey.sock")
    queue = django_rq.get_queue("slices", connection=nowhere)
    monkeypatch.setattr("tgadmin.lib.jobs.django_rq.get_queue", lambda _: queue)
    runs.request_sync(channel=channel)
    assert tasks.tick() == 1
    assert SyncRun.objects.get(kind="update").state == SyncRun.State.QUEUED


def test_what_a_worker_logs_names_run_account_and_channel(world: World, settings: Any) -> None:
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    handler.setFormatter(TextFormatter())
    handler.addFilter(ContextFilter())
    channel = world.add("channel_1")
    runs.request_sync(channel=channel)
    run = SyncRun.objects.get(kind="update")
    settings.BATCH_SIZE = "not a number"  # something that nobody foresaw
    logging.getLogger("ingestion").addHandler(handler)
    try:
        tasks.run_slice(run.pk, run.slice)
    finally:
        logging.getLogger("ingestion").removeHandler(handler)
    line = next(line for line in heard.getvalue().splitlines() if "failed" in line)
    assert f" run={run.pk} account={world.account.pk} channel={channel.pk}: " in line
    assert (world.account.session or "?") not in heard.getvalue()

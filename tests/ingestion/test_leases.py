"""Who holds an account, and what is known of a holder that is gone."""

import subprocess

import pytest

from ingestion import leases, runs, scheduler
from ingestion.models import Account, AccountLease, Channel, SyncRun
from ingestion.services import runs as services
from tgadmin.lib import processes

State = SyncRun.State


@pytest.fixture
def run(channel: Channel, account: Account) -> SyncRun:
    """An update that a worker has begun."""
    services.request_sync(channel=channel)
    update = SyncRun.objects.get(kind=SyncRun.Kind.UPDATE)
    token = leases.acquire(account.pk)
    assert token
    assert runs.start(update.pk, update.slice, token)
    return update


@pytest.mark.skipif(not processes.can_tell_the_dead(), reason="names tell machines apart on Linux")
def test_what_a_dead_process_of_this_machine_held_is_free_at_once(run: SyncRun) -> None:
    child = subprocess.Popen(["true"])
    child.wait()
    AccountLease.objects.update(holder=f"{processes.machine()}:{child.pid}")
    scheduler.claim_due()
    run.refresh_from_db()
    assert run.state == State.INTERRUPTED
    assert [item.run_id for item in scheduler.claim_due()] == [run.pk]


def test_a_process_of_another_machine_is_not_judged_by_its_number(run: SyncRun) -> None:
    AccountLease.objects.update(holder="elsewhere/1/2:999999")
    scheduler.claim_due()
    run.refresh_from_db()
    assert run.state == State.RUNNING

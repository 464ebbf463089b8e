"""Every state that something can be in has a badge: a page that cannot say one says nothing at all."""

import pytest

from archive.models import Export
from dashboard import states
from ingestion.models import Account, RunEvent, SyncRun


@pytest.mark.parametrize("state", Export.State)
def test_of_an_export(state: Export.State) -> None:
    assert states.of_export(Export(state=state)).word


@pytest.mark.parametrize("state", SyncRun.State)
def test_of_a_run_and_of_a_backfill(state: SyncRun.State) -> None:
    run = SyncRun(state=state)
    assert states.of_run(run).word
    assert states.of_backfill(state).word
    for kind in RunEvent.Kind:
        assert states.of_event(RunEvent(kind=kind), run).word


@pytest.mark.parametrize("state", Account.State)
def test_of_an_account(state: Account.State) -> None:
    assert states.of_account(Account(state=state)).word


def test_a_wish_that_no_worker_has_seen_yet_counts() -> None:
    running = Export(state=Export.State.RUNNING, pause_wish=True)
    assert states.of_export(running).word == "Pausing"
    running.cancel_wish = True
    assert states.of_export(running).word == "Cancelling"

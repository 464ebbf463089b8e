"""Standing in line for an account: who goes first, who gives way, and what the silent leave."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from ingestion import holding, leases, scheduler, sync
from ingestion.holding import Place
from ingestion.leases import Priority
from ingestion.models import Account, AccountClaim, Channel, SyncRun
from ingestion.services import runs
from ingestion.wishes import look


def waited(place: Place, seconds: float) -> None:
    """As if this place had been taken so long ago."""
    since = timezone.now() - timedelta(seconds=seconds)
    AccountClaim.objects.filter(pk=place.claim).update(since=since)


@pytest.fixture
def listener(account: Account) -> Iterator[holding.Lease]:
    """Somebody who holds the account for as long as nobody else wants it."""
    lease = holding.acquire(account.pk, Priority.LISTENER)
    assert lease
    yield lease
    lease.deadline.over()


def test_a_holder_learns_that_somebody_better_stands_in_line(
    account: Account, listener: holding.Lease
) -> None:
    assert not holding.should_give_way(account.pk, Priority.LISTENER)
    media = Place(account.pk, Priority.MEDIA)
    assert media.ask() is None
    assert holding.should_give_way(account.pk, Priority.LISTENER)
    assert not holding.should_give_way(account.pk, Priority.MEDIA)
    media.leave()
    assert not holding.should_give_way(account.pk, Priority.LISTENER)


def test_what_is_given_back_goes_to_the_best_in_line(
    account: Account, listener: holding.Lease
) -> None:
    places = [Place(account.pk, p) for p in (Priority.MEDIA, Priority.UPDATE, Priority.BACKFILL)]
    assert [place.ask() for place in places] == [None] * 3
    holding.release(listener)
    assert holding.acquire(account.pk, Priority.LISTENER) is None
    assert [bool(place.ask()) for place in places] == [False, True, False]
    assert leases.held_for(account.pk) == Priority.UPDATE
    assert not AccountClaim.objects.filter(pk=places[1].claim).exists()


def test_a_person_goes_before_everybody(account: Account, listener: holding.Lease) -> None:
    place = Place(account.pk, Priority.UPDATE)
    place.ask()
    waited(place, leases.PATIENCE + 1)
    holding.release(listener)
    assert holding.acquire(account.pk, Priority.PERSON)


def test_of_two_alike_the_first_goes_first(account: Account, listener: holding.Lease) -> None:
    first, second = Place(account.pk, Priority.MEDIA), Place(account.pk, Priority.MEDIA)
    first.ask()
    second.ask()
    holding.release(listener)
    assert second.ask() is None
    assert first.ask()


def test_who_waited_long_enough_has_a_turn(account: Account) -> None:
    backfill = holding.acquire(account.pk, Priority.BACKFILL)
    assert backfill
    listener = Place(account.pk, Priority.LISTENER)
    listener.ask()
    assert not holding.should_give_way(account.pk, Priority.BACKFILL)
    waited(listener, leases.PATIENCE + 1)
    assert holding.should_give_way(account.pk, Priority.BACKFILL)
    holding.release(backfill)
    assert holding.acquire(account.pk, Priority.BACKFILL) is None
    assert listener.ask()


def test_the_silent_lose_their_place(account: Account, listener: holding.Lease) -> None:
    place = Place(account.pk, Priority.MEDIA)
    place.ask()
    AccountClaim.objects.update(expires_at=timezone.now() - timedelta(minutes=2))
    assert not holding.should_give_way(account.pk, Priority.LISTENER)
    holding.release(listener)
    assert holding.acquire(account.pk, Priority.LISTENER)
    leases.withdraw(uuid4())
    assert not AccountClaim.objects.exists()


def test_accounts_have_lines_of_their_own(account: Account, listener: holding.Lease) -> None:
    other = Account.objects.create(workspace=account.workspace, phone="+1", api_id=1, api_hash="h")
    Place(account.pk, Priority.UPDATE).ask()
    assert holding.acquire(other.pk, Priority.LISTENER)


def test_a_run_is_due_while_somebody_holds_the_account_who_gives_way(
    channel: Channel, account: Account, listener: holding.Lease
) -> None:
    runs.request_sync(channel=channel)
    assert len(scheduler.claim_due()) == 1
    holding.release(listener)
    assert holding.acquire(account.pk, Priority.BACKFILL)
    assert scheduler.claim_due() == []


def test_a_slice_ends_for_who_goes_first(channel: Channel, account: Account) -> None:
    runs.request_sync(channel=channel)
    run = SyncRun.objects.get(kind=SyncRun.Kind.BACKFILL)
    token = leases.acquire(account.pk, Priority.BACKFILL)
    assert token
    SyncRun.objects.exclude(pk=run.pk).delete()
    assert look(run.pk, account.pk, Priority.BACKFILL) == ("", False, False)
    Place(account.pk, Priority.UPDATE).ask()
    assert look(run.pk, account.pk, Priority.BACKFILL) == ("", False, True)
    assert look(run.pk, account.pk, Priority.UPDATE) == ("", False, False)


@pytest.mark.django_db(transaction=True)
def test_a_slice_waits_for_a_holder_that_gives_way(
    channel: Channel, account: Account, listener: holding.Lease
) -> None:
    def give_way() -> None:
        while not holding.should_give_way(account.pk, Priority.LISTENER):
            seen.wait(0.01)
        holding.release(listener)
        connection.close()

    seen = threading.Event()
    holder = threading.Thread(target=give_way)
    holder.start()
    lease = holding.acquire(account.pk, Priority.UPDATE, patience=sync.PATIENCE)
    holder.join()
    assert lease
    assert leases.held_for(account.pk) == Priority.UPDATE
    assert not AccountClaim.objects.exists()


def test_nobody_waits_for_a_holder_who_goes_first(account: Account) -> None:
    assert holding.acquire(account.pk, Priority.UPDATE)
    assert holding.acquire(account.pk, Priority.BACKFILL, patience=60) is None
    assert not AccountClaim.objects.exists()

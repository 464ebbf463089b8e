"""What was heard is written under the account's lease, together with how far it was heard."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone

from ingestion import leases
from ingestion.errors import AccessError, LeaseLost
from ingestion.leases import Priority
from ingestion.live import store
from ingestion.live.claims import LiveClaim
from ingestion.models import (
    Account,
    Channel,
    ChannelAccess,
    ChannelLive,
    CounterSnapshot,
    Coverage,
    Message,
    MessageStats,
)
from ingestion.sources.live import Counters
from ingestion.writer import Batch, write
from tests.factories import archive_messages, make_record
from tgadmin.lib.ranges import IdRanges


@pytest.fixture
def lease(account: Account) -> UUID:
    token = leases.acquire(account.pk, Priority.LISTENER)
    assert token
    return token


@pytest.fixture
def row(channel: Channel, account: Account) -> ChannelLive:
    return ChannelLive.objects.create(
        channel=channel, account=account, since=timezone.now(), pts=10, top=3
    )


def batch_of(channel: Channel, *numbers: int) -> Batch:
    batch = Batch(channel.pk, "mtproto")
    batch.records = {number: make_record(number) for number in numbers}
    batch.covered = IdRanges.span(min(numbers), max(numbers))
    return batch


def claim_of(account: Account, token: UUID, *, before: int | None = 10) -> LiveClaim:
    return LiveClaim(account.pk, token, before=before, pts=12, top=5, events=2)


def nothing_written(channel: Channel, row: ChannelLive) -> bool:
    row.refresh_from_db()
    rows = Message.objects.filter(channel=channel)
    covered = Coverage.objects.filter(channel=channel).exclude(ranges=IdRanges())
    return not rows.exists() and not covered.exists() and (row.pts, row.events) == (10, 0)


def test_messages_coverage_and_place_are_one(
    channel: Channel, account: Account, lease: UUID, row: ChannelLive
) -> None:
    write(batch_of(channel, 4, 5), claim_of(account, lease))
    row.refresh_from_db()
    assert (row.pts, row.top, row.events) == (12, 5, 2)
    assert row.last_event_at
    assert Message.objects.filter(channel=channel).count() == 2
    assert Coverage.objects.get(channel=channel).ranges.pairs == ((4, 5),)


def test_who_lost_the_account_writes_nothing(
    channel: Channel, account: Account, lease: UUID, row: ChannelLive
) -> None:
    leases.release(account.pk, lease)
    assert leases.acquire(account.pk)
    with pytest.raises(LeaseLost):
        write(batch_of(channel, 4, 5), claim_of(account, lease))
    assert nothing_written(channel, row)


def test_whose_lease_ran_out_writes_nothing(
    channel: Channel, account: Account, lease: UUID, row: ChannelLive
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ingestion_accountlease SET expires_at = now() - interval '1 s'")
    with pytest.raises(LeaseLost):
        write(batch_of(channel, 4, 5), claim_of(account, lease))
    assert nothing_written(channel, row)


def test_what_somebody_else_read_on_is_not_written_over(
    channel: Channel, account: Account, lease: UUID, row: ChannelLive
) -> None:
    with pytest.raises(LeaseLost):
        write(batch_of(channel, 4, 5), claim_of(account, lease, before=9))
    assert nothing_written(channel, row)


def test_a_token_that_nobody_gave_is_worth_nothing(
    channel: Channel, account: Account, row: ChannelLive
) -> None:
    with pytest.raises(LeaseLost):
        write(batch_of(channel, 4, 5), claim_of(account, uuid4()))
    assert nothing_written(channel, row)


def test_counters_alone_are_kept_with_their_history(channel: Channel) -> None:
    archive_messages(channel, [make_record(1, views=10, forwards=2, reactions={"b": 1, "a": 2})])
    batch = Batch(channel.pk, "mtproto")
    batch.counters = {1: Counters(views=900), 77: Counters(views=5)}
    outcome = write(batch)
    stats = MessageStats.objects.get(channel=channel, message_id=1)
    assert (stats.views, stats.forwards, stats.reactions) == (900, 2, {"a": 2, "b": 1})
    assert (outcome.counters, outcome.touched) == (1, [1])
    assert CounterSnapshot.objects.filter(channel=channel, message_id=1, views=10).exists()
    # A sync that finds the same has nothing to write, and neither has the same event.
    same = make_record(1, views=900, forwards=2, reactions={"a": 2, "b": 1})
    assert archive_messages(channel, [same]).unchanged == 1
    assert write(batch).counters == 0


def test_who_is_refused_leaves_the_channel_to_the_next_account(
    channel: Channel, account: Account, row: ChannelLive
) -> None:
    Channel.objects.filter(pk=channel.pk).update(live=True)
    other = Account.objects.create(
        workspace=channel.workspace, phone="+2", api_id=1, api_hash="x", state=Account.State.READY
    )
    ChannelAccess.objects.create(channel=channel, account=other, access_hash=2)
    assert store.chosen() == {account.pk: {channel.pk: 1}}
    error = AccessError("CHANNEL_PRIVATE", "Not for you.")
    store.refuse(channel.pk, account.pk, error)
    assert store.chosen() == {other.pk: {channel.pk: 2}}
    store.refuse(channel.pk, other.pk, error)
    assert store.chosen() == {}, "both were refused: they are asked again later"
    ChannelLive.objects.update(not_before=timezone.now() - timedelta(minutes=1))
    assert store.chosen() == {account.pk: {channel.pk: 1}}


def test_an_account_that_is_lost_leaves_its_channels_to_others(
    channel: Channel, account: Account, row: ChannelLive
) -> None:
    Channel.objects.filter(pk=channel.pk).update(live=True)
    Account.objects.update(state=Account.State.LOST)
    assert store.chosen() == {}

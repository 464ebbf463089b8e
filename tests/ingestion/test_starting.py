"""Starting runs: the account that reads, the same again, and a channel that was really emptied."""

import pytest

from ingestion.errors import InputError
from ingestion.models import Account, Channel, ChannelAccess, Message, SyncRun
from ingestion.services import runs
from tests.factories import make_channel, make_user
from tests.ingestion.test_faults import wait_is_over, waiting_run
from tests.ingestion.world import World, assert_equal_to_truth
from workspaces.models import AuditEvent

State = SyncRun.State


@pytest.fixture
def second(channel: Channel, account: Account) -> Account:
    other = Account.objects.create(
        workspace=channel.workspace,
        phone="+9996620002",
        api_id=1,
        api_hash="hash",
        state=Account.State.READY,
    )
    ChannelAccess.objects.create(channel=channel, account=other, access_hash=2)
    return other


def test_the_oldest_account_reads_when_nothing_else_tells_them_apart(
    channel: Channel, account: Account, second: Account
) -> None:
    assert runs.account_for(channel) == account


def test_a_connected_account_reads_rather_than_a_lost_one(
    channel: Channel, account: Account, second: Account
) -> None:
    Account.objects.filter(pk=account.pk).update(state=Account.State.LOST)
    assert runs.account_for(channel) == second


def test_the_account_with_the_fewest_active_runs_reads(
    channel: Channel, account: Account, second: Account
) -> None:
    busy = make_channel(channel.workspace)
    ChannelAccess.objects.create(channel=busy, account=account, access_hash=3)
    runs.request_sync(channel=busy)
    assert runs.account_for(channel) == second
    SyncRun.objects.update(state=State.DONE)
    assert runs.account_for(channel) == account


def test_a_lost_account_is_named_rather_than_none(channel: Channel, account: Account) -> None:
    Account.objects.update(state=Account.State.LOST)
    assert runs.account_for(channel) == account


def test_a_run_that_ended_starts_again_as_the_same_kind(channel: Channel, account: Account) -> None:
    person = make_user()
    runs.request_sync(channel=channel)
    SyncRun.objects.update(state=State.FAILED)
    failed = SyncRun.objects.get(kind="backfill")
    again = runs.retry(run=failed, user=person)
    assert (again.kind, again.state, again.requested_by) == ("backfill", State.QUEUED, person)
    assert again.press != failed.press
    assert SyncRun.objects.filter(state=State.QUEUED).count() == 1


def test_a_retry_while_one_is_active_shows_that_one(channel: Channel, account: Account) -> None:
    runs.request_sync(channel=channel)
    SyncRun.objects.update(state=State.FAILED)
    failed = SyncRun.objects.get(kind="backfill")
    again = runs.retry(run=failed)
    assert runs.retry(run=failed) == again


def test_a_channel_that_is_off_starts_nothing(channel: Channel, account: Account) -> None:
    runs.request_sync(channel=channel)
    run = SyncRun.objects.get(kind="update")
    SyncRun.objects.update(state=State.FAILED)
    Channel.objects.update(enabled=False)
    run.channel.refresh_from_db()
    with pytest.raises(InputError, match="switched off"):
        runs.retry(run=run)


def test_a_confirmation_waits_for_a_refresh_that_runs(channel: Channel, account: Account) -> None:
    runs.request_sync(channel=channel)
    SyncRun.objects.filter(kind="refresh").update(state=State.RUNNING)
    with pytest.raises(InputError, match="under way"):
        runs.refresh_emptied(channel=channel)
    assert not AuditEvent.objects.filter(action="channel.emptied").exists()


def emptied(world: World) -> Channel:
    """A channel that was archived and then really emptied."""
    channel = world.add("channel_3")
    world.sync(channel)
    ids = [m["id"] for m in world.sandbox.truth(channel.peer_id)["messages"]]
    world.sandbox.delete(channel.peer_id, *ids)
    return channel


def test_an_emptied_channel_is_believed_when_a_person_confirms_it(world: World) -> None:
    channel = emptied(world)
    archived = Message.objects.filter(channel=channel).count()
    world.sync(channel)
    stuck = waiting_run()
    assert stuck.error_code == "EMPTY_ANSWER"
    assert not Message.objects.filter(deleted_at__isnull=False).exists()
    since = world.sandbox.last_request()
    run = runs.refresh_emptied(channel=channel, user=make_user())
    stuck.refresh_from_db()
    assert stuck.state == State.CANCELLED
    world.work()
    run.refresh_from_db()
    assert (run.state, run.deleted) == (State.DONE, archived)
    assert world.sandbox.requests(since, method="channels.getMessages")
    assert Message.objects.filter(channel=channel, deleted_at__isnull=False).count() == archived
    world.sandbox.reset()


def test_what_is_still_there_is_not_marked_though_it_was_confirmed(world: World) -> None:
    channel = world.add("channel_2")
    world.sync(channel)
    world.sandbox.fault("empty_page", "messages.getHistory", count=None)
    run = runs.refresh_emptied(channel=channel)
    world.work()
    run.refresh_from_db()
    assert (run.state, run.deleted) == (State.DONE, 0)
    world.sandbox.clear_faults()
    channel.refresh_from_db()
    assert_equal_to_truth(channel, world.sandbox.truth(channel.peer_id))


def test_the_next_refresh_trusts_no_odd_answer_again(world: World) -> None:
    channel = world.add("channel_2")
    world.sync(channel)
    runs.refresh_emptied(channel=channel)
    world.work()
    world.sandbox.fault("empty_page", "messages.getHistory", skip=1, count=None)
    world.sync(channel)
    assert waiting_run().error_code == "EMPTY_ANSWER"
    world.sandbox.clear_faults()
    wait_is_over()
    world.work()

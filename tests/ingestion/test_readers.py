"""Several accounts of a workspace: who reads, and who goes on when one cannot."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ingestion import readers, runs, scheduler, usage
from ingestion.budget import pace
from ingestion.errors import AccountError, FloodWait
from ingestion.models import (
    Account,
    AccountBudget,
    Channel,
    ChannelAccess,
    Dialog,
    RunEvent,
    SyncRun,
)
from ingestion.models import FloodWait as FloodWaitRow
from ingestion.services import calls as posting
from ingestion.services import runs as services
from tests.factories import make_channel
from tests.ingestion.world import World, assert_equal_to_truth
from tgadmin.lib.ranges import IdRanges
from tgadmin.lib.told import NOTHING

State = SyncRun.State
HISTORY = "messages.getHistory"
RESOLVE = "contacts.resolveUsername"


@pytest.fixture
def second(world: World) -> Account:
    """Another account of the workspace, which knows nothing of the first one's channels."""
    return world.second_account()


@pytest.fixture
def shared(world: World) -> Channel:
    """A public channel that the first account added."""
    return world.add("channel_1")


def phone(account: Account) -> str:
    return account.phone.lstrip("+")


def askers(world: World, since: int, method: str = HISTORY) -> set[str]:
    return {entry["account"] for entry in world.sandbox.requests(since, method)}


def moved(run: SyncRun) -> list[str]:
    rows = RunEvent.objects.filter(run=run, kind=RunEvent.Kind.MOVED)
    return list(rows.values_list("error_code", flat=True))


def assert_all_archived(world: World, channel: Channel) -> None:
    assert_equal_to_truth(channel, world.sandbox.truth(channel.username))
    assert not world.report(channel).gaps


class TestFailover:
    """The run keeps its plan and what is done of it, whoever goes on."""

    def test_a_long_flood_wait_hands_over_in_the_middle_of_a_run(
        self, world: World, second: Account, shared: Channel, settings: Any
    ) -> None:
        world.sandbox.fault(
            "flood_wait", HISTORY, seconds=1800, hold=True, skip=3, account=phone(world.account)
        )
        since = world.sandbox.last_request()
        done = world.sync(shared)
        assert {run.state for run in done.values()} == {State.DONE}
        backfill = done["backfill"]
        assert backfill.account == second
        assert moved(backfill) == ["FLOOD_WAIT"]
        assert_all_archived(world, shared)
        # What the first one brought was not asked for again.
        assert len(world.sandbox.requests(since, HISTORY)) <= 5 + 2 + 5
        # The second one looked the name up once.
        assert len(world.sandbox.requests(since, RESOLVE)) == 1
        assert askers(world, since) == {phone(world.account), phone(second)}
        assert shared.accesses.get(account=second).state == ChannelAccess.State.OK

    def test_a_short_flood_wait_is_waited_for(
        self, world: World, second: Account, shared: Channel
    ) -> None:
        world.sandbox.fault("flood_wait", HISTORY, seconds=20, account=phone(world.account))
        world.sync(shared)
        run = SyncRun.objects.get(kind="update", channel=shared)
        assert (run.state, run.account) == (State.WAITING, world.account)

    def test_who_was_thrown_out_is_replaced_and_remembered(
        self, world: World, second: Account, shared: Channel
    ) -> None:
        world.sandbox.fault("channel_private", HISTORY, account=phone(world.account))
        done = world.sync(shared)
        assert {run.state for run in done.values()} == {State.DONE}
        access = shared.accesses.get(account=world.account)
        assert (access.state, access.error_code) == (ChannelAccess.State.KICKED, "CHANNEL_PRIVATE")
        assert "may not read the channel" in access.error
        assert moved(done["update"]) == ["CHANNEL_PRIVATE"]
        assert services.account_for(shared) == second
        assert_all_archived(world, shared)

    def test_a_banned_account_gives_all_its_runs_away(
        self, world: World, second: Account, shared: Channel
    ) -> None:
        other = world.add("channel_2")
        services.request_sync(channel=shared)
        services.request_sync(channel=other)
        SyncRun.objects.update(account=world.account)
        world.sandbox.fault("user_deactivated_ban", "*", account=phone(world.account), code=401)
        world.work()
        world.account.refresh_from_db()
        assert (world.account.state, world.account.error_code) == (
            Account.State.LOST,
            "USER_DEACTIVATED_BAN",
        )
        assert {run.state for run in SyncRun.objects.all()} == {State.DONE}
        assert {run.account for run in SyncRun.objects.all()} == {second}
        assert_all_archived(world, shared)
        assert_all_archived(world, other)

    def test_without_another_account_the_runs_end_and_say_why(
        self, world: World, shared: Channel
    ) -> None:
        services.request_sync(channel=shared)
        world.sandbox.fault("user_deactivated_ban", "*", account=phone(world.account), code=401)
        world.work()
        assert {run.state for run in SyncRun.objects.all()} == {State.FAILED}
        for run in SyncRun.objects.all():
            assert run.error_code == "USER_DEACTIVATED_BAN"
            assert "Telegram has banned this account." in run.error
            assert "connect another account" in run.error

    def test_when_nobody_can_read_it_the_run_ends_with_the_last_refusal(
        self, world: World, second: Account, shared: Channel
    ) -> None:
        world.sandbox.fault("channel_private", HISTORY, count=None)
        done = world.sync(shared)
        assert done["update"].state == State.FAILED
        assert done["update"].error_code == "CHANNEL_PRIVATE"
        states = set(shared.accesses.values_list("state", flat=True))
        assert states == {ChannelAccess.State.KICKED}

    def test_when_both_are_limited_the_run_waits(
        self, world: World, second: Account, shared: Channel
    ) -> None:
        ChannelAccess.objects.create(channel=shared, account=second, access_hash=1)
        for account in (world.account, second):
            usage.note_wait(account.pk, FloodWait(seconds=1800, method=HISTORY))
        world.sync(shared)
        run = SyncRun.objects.get(kind="update", channel=shared)
        assert run.state == State.WAITING
        assert moved(run) == []

    def test_runs_in_quiet_hours_go_to_an_account_that_has_none(
        self, world: World, second: Account, shared: Channel
    ) -> None:
        now = timezone.now()
        Account.objects.filter(pk=world.account.pk).update(
            quiet_from=(now - timedelta(hours=1)).time(), quiet_to=(now + timedelta(hours=1)).time()
        )
        since = world.sandbox.last_request()
        world.sync(shared)
        assert askers(world, since) == {phone(second)}

    def test_an_account_that_was_forgotten_is_replaced(
        self, world: World, second: Account, shared: Channel
    ) -> None:
        services.request_sync(channel=shared)
        world.account.delete()
        world.work()
        assert {run.account for run in SyncRun.objects.all()} == {second}
        assert_all_archived(world, shared)


class TestReaching:
    """A second account gets at a channel when it is first wanted."""

    def test_a_private_one_is_found_in_its_list(self, world: World, second: Account) -> None:
        channel = world.add("channel_2")
        card = next(c for c in world.sandbox.status()["channels"] if c["id"] == channel.peer_id)
        world.sandbox.control("member", channel=card["id"], phone=phone(second))
        Channel.objects.filter(pk=channel.pk).update(is_private=True, username="")
        Dialog.objects.create(
            account=second,
            peer_id=channel.peer_id,
            access_hash=0,
            kind="broadcast",
            title="x",
            position=0,
            seen_at=timezone.now() - timedelta(days=1),
        )
        posted = posting.post(account=second, kind="dialogs")
        world.answer(posted)
        Account.objects.filter(pk=world.account.pk).update(state=Account.State.LOST)
        channel.refresh_from_db()
        since = world.sandbox.last_request()
        done = world.sync(channel)
        assert {run.state for run in done.values()} == {State.DONE}
        assert not world.sandbox.requests(since, RESOLVE)

    def test_no_name_is_looked_up_when_the_days_are_used_up(
        self, world: World, second: Account, shared: Channel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(pace.CAPS["resolve"], pace.Pace.NORMAL, 1)
        usage.count(second.pk, {"resolve": 1})
        usage.note_wait(world.account.pk, FloodWait(seconds=1800, method=HISTORY))
        assert [one.account for one in readers.candidates(shared)] == [world.account]

    def test_a_name_that_leads_elsewhere_is_no_way(
        self, world: World, second: Account, shared: Channel
    ) -> None:
        world.sandbox.control("member", channel=shared.username, phone=phone(second), joined=False)
        Channel.objects.filter(pk=shared.pk).update(username="channel_3")
        Account.objects.filter(pk=world.account.pk).update(state=Account.State.LOST)
        shared.refresh_from_db()
        services.request_sync(channel=shared)
        SyncRun.objects.update(account=second)
        world.work()
        run = SyncRun.objects.get(kind="update", channel=shared)
        assert (run.state, run.error_code) == (State.FAILED, "NO_WAY")
        access = shared.accesses.get(account=second)
        assert (access.state, access.access_hash) == (ChannelAccess.State.GONE, 0)


class TestChoosing:
    """Who reads is decided by what is known, without asking Telegram."""

    @pytest.fixture
    def other(self, account: Account) -> Account:
        return Account.objects.create(
            workspace=account.workspace, phone="+9996620002", api_id=1, api_hash="h", state="ready"
        )

    def test_public_channels_are_spread_over_accounts(
        self, account: Account, other: Account, channel: Channel
    ) -> None:
        channels = [channel, *(make_channel(account.workspace) for _ in range(9))]
        for one in channels[1:]:
            ChannelAccess.objects.create(channel=one, account=account, access_hash=1)
        for one in channels:
            services.request_sync(channel=one)
        counts = [SyncRun.objects.filter(account=one).count() for one in (account, other)]
        assert abs(counts[0] - counts[1]) <= 3

    def test_a_faster_account_is_given_more(
        self, account: Account, other: Account, channel: Channel
    ) -> None:
        ChannelAccess.objects.create(channel=channel, account=other, access_hash=2)
        AccountBudget.objects.create(
            account=account, kind="history", rate=0.5, saved_at=timezone.now()
        )
        AccountBudget.objects.create(account=other, kind="history", rate=2, saved_at=timezone.now())
        busy = make_channel(account.workspace)
        for one, kind in ((account, "update"), (other, "backfill"), (other, "refresh")):
            SyncRun.objects.create(
                channel=busy, account=one, kind=kind, press="0" * 32, done=IdRanges()
            )
        assert services.account_for(channel) == other

    def test_who_waits_for_telegram_comes_after_who_does_not(
        self, account: Account, other: Account, channel: Channel
    ) -> None:
        ChannelAccess.objects.create(channel=channel, account=other, access_hash=2)
        usage.note_wait(account.pk, FloodWait(seconds=600, method=HISTORY))
        assert services.account_for(channel) == other
        FloodWaitRow.objects.update(method=RESOLVE)
        assert services.account_for(channel) == account

    def test_an_account_of_another_workspace_is_never_chosen(
        self, account: Account, channel: Channel
    ) -> None:
        stranger = make_channel()
        Account.objects.create(
            workspace=stranger.workspace, phone="+1", api_id=1, api_hash="h", state="ready"
        )
        assert [one.account for one in readers.candidates(channel)] == [account]

    def test_a_refusal_is_forgotten_after_a_day(self, account: Account, channel: Channel) -> None:
        readers.refused(channel.pk, account.pk, AccountError("CHANNEL_PRIVATE", "No."))
        access = channel.accesses.get()
        assert access.state == ChannelAccess.State.KICKED
        readers.forget_refusals()
        ChannelAccess.objects.update(checked_at=timezone.now() - timedelta(days=2))
        scheduler.claim_due()
        access.refresh_from_db()
        assert access.state == ChannelAccess.State.OK
        readers.worked(channel.pk, account.pk)
        access.refresh_from_db()
        assert (access.error, access.error_code) == (NOTHING, "")

    def test_a_paused_run_of_a_lost_account_stays_paused(
        self, account: Account, channel: Channel
    ) -> None:
        services.request_sync(channel=channel)
        run = SyncRun.objects.get(kind="backfill")
        assert services.pause(run=run)
        readers.lose(account, AccountError("SESSION_REVOKED", "This login was ended."))
        run.refresh_from_db()
        assert run.state == State.PAUSED
        assert set(SyncRun.objects.exclude(pk=run.pk).values_list("state", flat=True)) == {"failed"}
        assert not runs.fail_resting(run.pk, AccountError("SESSION_REVOKED", "Ended."))

"""What every request of an account passes, and what is kept of it in PostgreSQL."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from ingestion import budget, usage
from ingestion.budget import store
from ingestion.budget.gate import SAVE_EVERY, Gate
from ingestion.errors import FloodWait, OwnPause
from ingestion.models import Account, AccountBudget, AccountRequests, SyncRun
from ingestion.models import FloodWait as FloodWaitRow
from ingestion.services import calls as posting
from ingestion.services import runs
from tests.clock import Time
from tests.ingestion.world import World
from tgadmin.lib.threads import DatabaseThread

HISTORY = "messages.getHistory"
RESOLVE = "contacts.resolveUsername"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Time:
    settings.TELEGRAM_MIN_INTERVAL = 0.3
    return Time(monkeypatch, start=timezone.now().timestamp())


def hold(account: Account, clock: Time, work: Callable[[Gate], Awaitable[None]]) -> None:
    """Do it with the account's budget at hand, and close it afterwards."""

    async def held() -> None:
        async with DatabaseThread("budget") as database:
            gate = Gate(account, database, clock)
            await gate.open()
            await work(gate)
            await gate.close()

    asyncio.run(held())


def kept(account: Account, kind: str = "history") -> AccountBudget:
    return AccountBudget.objects.get(account=account, kind=kind)


pytestmark = pytest.mark.django_db(transaction=True)


def test_requests_of_a_kind_keep_their_distance_and_others_do_not_wait(
    account: Account, clock: Time
) -> None:
    async def work(gate: Gate) -> None:
        began = clock()
        for _ in range(4):
            await gate.turn("history", HISTORY)
        assert clock() - began == pytest.approx(3)
        await gate.turn("other", "channels.getFullChannel")
        assert clock() - began == pytest.approx(3)

    hold(account, clock, work)
    assert kept(account).rate == 1.0
    assert not kept(account).is_open


def test_parts_that_are_asked_for_at_once_stand_in_line(account: Account, clock: Time) -> None:
    async def work(gate: Gate) -> None:
        began = clock()
        await asyncio.gather(*(gate.turn("history", HISTORY) for _ in range(4)))
        assert clock() - began >= 3

    hold(account, clock, work)


def test_the_next_holder_goes_on_where_the_last_one_was(account: Account, clock: Time) -> None:
    async def work(gate: Gate) -> None:
        await gate.turn("history", HISTORY)

    began = clock()
    hold(account, clock, work)
    hold(account, clock, work)
    assert clock() - began == pytest.approx(1)


def test_a_refusal_is_learned_from_and_kept_at_once(account: Account, clock: Time) -> None:
    async def work(gate: Gate) -> None:
        for _ in range(20):
            await gate.turn("history", HISTORY)
        await gate.refused("history", FloodWait(seconds=11, method=HISTORY))
        row = await gate._database(kept, account)
        assert row.rate == pytest.approx(0.62, abs=0.02)
        assert row.is_open
        with pytest.raises(FloodWait) as told:
            await gate.turn("history", HISTORY)
        assert told.value.seconds == 11
        await gate.turn("history", "channels.getMessages")

    hold(account, clock, work)
    assert FloodWaitRow.objects.get().seconds == 11


def test_a_wait_holds_for_the_next_holder_too(account: Account, clock: Time) -> None:
    usage.note_wait(account.pk, FloodWait(seconds=500, method=RESOLVE))

    async def work(gate: Gate) -> None:
        await gate.turn("history", HISTORY)
        with pytest.raises(FloodWait):
            await gate.turn("resolve", RESOLVE)

    hold(account, clock, work)


def test_a_wait_of_a_moment_is_slept_through(account: Account, clock: Time) -> None:
    async def work(gate: Gate) -> None:
        await gate.turn("history", HISTORY)
        await gate.refused("history", FloodWait(seconds=2, method=HISTORY))
        began = clock()
        await gate.turn("history", HISTORY)
        assert clock() - began >= 2

    hold(account, clock, work)


def test_what_is_learned_is_written_down_on_the_way(account: Account, clock: Time) -> None:
    async def work(gate: Gate) -> None:
        for _ in range(int(SAVE_EVERY) + 2):
            await gate.turn("history", HISTORY)
        saving = gate._saving
        if saving:
            await saving
        assert (await gate._database(kept, account)).is_open

    hold(account, clock, work)


def test_after_a_kill_the_first_request_waits_as_if_one_had_just_been_sent(
    account: Account, clock: Time
) -> None:
    async def work(gate: Gate) -> None:
        await gate.turn("history", HISTORY)

    hold(account, clock, work)
    AccountBudget.objects.update(is_open=True)
    clock.now = timezone.now().timestamp() + 0.5
    rate = store.load(account)["history"]
    assert rate.delay(timezone.now().timestamp()) == pytest.approx(1, abs=0.1)


class TestCaps:
    """A day's budget of what gets accounts banned."""

    def test_the_cap_is_kept_over_restarts_and_says_when_it_ends(
        self, account: Account, clock: Time
    ) -> None:
        account.pace = Account.Pace.GENTLE
        hour = timezone.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        for hours, count in ((30, 99), (20, 15), (2, 4)):
            AccountRequests.objects.create(
                account=account, hour=hour - timedelta(hours=hours), kind="resolve", requests=count
            )

        async def work(gate: Gate) -> None:
            assert await gate.turn("resolve", RESOLVE)  # the twentieth
            with pytest.raises(OwnPause) as told:
                await gate.turn("resolve", RESOLVE)
            assert told.value.code == "RESOLVES_SPENT"
            assert told.value.told.sentences[1].values["until"] == hour + timedelta(hours=5)
            assert "as many as are safe" in str(told.value)
            await gate.turn("history", HISTORY)

        hold(account, clock, work)
        assert AccountRequests.objects.get(kind="resolve", hour__gte=hour).requests == 1

    def test_a_request_counts_before_it_is_sent(self, account: Account, clock: Time) -> None:
        async def work(gate: Gate) -> None:
            await gate.turn("join", "channels.joinChannel")
            row = await gate._database(AccountRequests.objects.get, kind="join")
            assert row.requests == 1

        hold(account, clock, work)

    def test_what_is_not_capped_is_counted_by_its_sender(
        self, account: Account, clock: Time
    ) -> None:
        async def work(gate: Gate) -> None:
            assert not await gate.turn("history", HISTORY)

        hold(account, clock, work)
        assert not AccountRequests.objects.exists()

    def test_a_limit_of_fifty_names_a_day_is_never_met(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The person hears it from us, in words, and Telegram is not asked."""
        monkeypatch.setitem(budget.pace.CAPS["resolve"], budget.Pace.NORMAL, 2)
        world.sandbox.fault("limit", RESOLVE, requests=3, seconds=86_400)
        since = world.sandbox.last_request()
        for name in ("channel_1", "channel_2"):
            world.add(name)
        call = posting.post(account=world.account, kind="preview", arguments={"ref": "channel_3"})
        world.answer(call)
        told = posting.result(call)
        assert (told.state, told.error_code) == ("failed", "RESOLVES_SPENT")
        assert f"The account {world.account} has looked up 2 names within a day" in told.error
        assert len(world.sandbox.requests(since, RESOLVE)) == 2
        assert not FloodWaitRow.objects.exists()


class TestQuietHours:
    """Times of day at which no run uses the account."""

    def test_runs_wait_until_they_end_and_say_so(self, world: World) -> None:
        channel = world.add("channel_1")
        now = timezone.now().astimezone(UTC)
        world.account.quiet_from = (now - timedelta(hours=1)).time()
        world.account.quiet_to = (now + timedelta(hours=1)).time().replace(second=0, microsecond=0)
        world.account.save()
        since = world.sandbox.last_request()
        runs.request_sync(channel=channel)
        world.work()
        run = SyncRun.objects.get(kind=SyncRun.Kind.UPDATE)
        assert (run.state, run.error_code) == (SyncRun.State.WAITING, "QUIET_HOURS")
        assert run.not_before
        assert abs(run.not_before - now - timedelta(hours=1)) < timedelta(minutes=2)
        assert "keeps still during its quiet hours" in run.error
        assert f"{world.account.quiet_to:%H:%M}" in run.error
        assert world.sandbox.last_request() == since

    def test_a_person_is_answered_meanwhile(self, world: World) -> None:
        world.account.quiet_from, world.account.quiet_to = time(0), time(23, 59, 59)
        world.account.save()
        assert world.add("channel_1").title

    def test_they_are_those_of_the_workspaces_zone(self, account: Account) -> None:
        account.quiet_from, account.quiet_to = time(0), time(23, 59)
        account.workspace.time_zone = "Asia/Tokyo"
        until = store.quiet_until(account)
        assert until
        assert until.utcoffset() == timedelta(hours=9)
        account.workspace.time_zone = "Nowhere/Else"
        assert store.zone_of(account).key == "UTC"

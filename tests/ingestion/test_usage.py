"""How many requests an account sends, by hour and kind."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from ingestion import usage
from ingestion.models import Account, AccountRequests
from ingestion.services import calls as posting
from ingestion.services import runs
from tests.ingestion.world import World
from tgadmin.lib.threads import DatabaseThread


def counted(account: Account) -> dict[str, int]:
    """All of them, in case the hour changed on the way."""
    totals: Counter[str] = Counter()
    for row in AccountRequests.objects.filter(account=account):
        totals[row.kind] += row.requests
    return dict(totals)


def test_requests_of_an_hour_add_up(account: Account) -> None:
    usage.count(account.pk, {"history": 3, "media": 1})
    usage.count(account.pk, {"history": 2})
    usage.count(account.pk, {})
    assert counted(account) == {"history": 5, "media": 1}
    hours = set(AccountRequests.objects.values_list("hour", flat=True))
    now = timezone.now().astimezone(UTC)
    assert all((hour.minute, hour.second, hour.microsecond) == (0, 0, 0) for hour in hours)
    assert all(abs((now - hour).total_seconds()) <= 7200 for hour in hours)
    assert len(hours) <= 2


def test_hours_are_kept_apart(account: Account) -> None:
    earlier = datetime(2026, 5, 1, 10, tzinfo=UTC)
    AccountRequests.objects.create(account=account, hour=earlier, kind="history", requests=9)
    usage.count(account.pk, {"history": 1})
    assert AccountRequests.objects.get(hour=earlier).requests == 9


def test_every_request_that_telegram_sees_is_counted(world: World) -> None:
    since = world.sandbox.last_request()
    channel = world.add("channel_1")
    world.sync(channel)
    call = posting.post(account=world.account, kind="dialogs")
    world.answer(call)
    seen = Counter(entry["method"] for entry in world.sandbox.requests(since))
    totals = counted(world.account)
    assert totals["history"] == seen["messages.getHistory"] + seen["channels.getMessages"]
    assert totals["media"] == seen["upload.getFile"] == 1
    assert totals["resolve"] == seen["contacts.resolveUsername"] == 1
    assert totals["dialogs"] == seen["messages.getDialogs"] == 1
    assert sum(totals.values()) == seen.total()


def test_what_another_data_centre_is_asked_is_counted(world: World) -> None:
    photo = world.sandbox.control("photo", channel="channel_2", dc=4)["photo"]
    since = world.sandbox.last_request()
    try:
        channel = world.add("channel_2")
    finally:
        world.sandbox.control("photo", channel="channel_2", dc=2)
    assert channel.photos.get().photo_id == photo
    seen = Counter(entry["method"] for entry in world.sandbox.requests(since))
    assert seen["auth.importAuthorization"] == 1
    assert sum(counted(world.account).values()) == seen.total()


def test_what_was_sent_before_it_failed_is_counted(world: World) -> None:
    channel = world.add("channel_1")
    before = counted(world.account).get("history", 0)
    world.sandbox.fault("internal", "messages.getHistory")
    since = world.sandbox.last_request()
    runs.request_sync(channel=channel)
    world.work()
    assert counted(world.account)["history"] == before + len(world.history_requests(since))


class Sender:
    """A connection that has sent one request each time that somebody looks."""

    def __init__(self) -> None:
        self.looks = 0
        self.often = asyncio.Event()

    def take_sent(self) -> dict[str, int]:
        self.looks += 1
        if self.looks > 3:
            self.often.set()
        return {"history": 1}


@pytest.mark.django_db(transaction=True)
def test_a_long_slice_is_counted_on_its_way(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage, "COUNT_EVERY", 0.01)

    async def slice_() -> None:
        async with DatabaseThread("reader") as database:
            counting = usage.Counting(account.pk, database)
            sender = counting.sender = Sender()
            task = asyncio.ensure_future(counting.run())
            await sender.often.wait()
            assert (await database(counted, account))["history"] >= 3
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(slice_())


def test_nothing_fails_because_of_counting(
    account: Account, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: Any) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(usage, "count", away)

    async def end() -> None:
        async with DatabaseThread("reader") as database:
            counting = usage.Counting(account.pk, database)
            await counting.now()
            counting.sender = Sender()
            await counting.now()

    asyncio.run(end())
    assert "were not counted" in caplog.text

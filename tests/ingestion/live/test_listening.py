"""What Telegram tells is archived as it is told, through the real client."""

from collections.abc import Callable
from datetime import time
from typing import Any

import pytest
from django.utils import timezone

from ingestion.models import (
    Channel,
    ChannelLive,
    Message,
    MessageRevision,
    MessageStats,
    SyncRun,
)
from ingestion.services import calls as posting
from ingestion.services import listening, runs
from ingestion.services.listening import Standing
from tests.ingestion.live.conftest import Listener, wait_for
from tests.ingestion.world import World

pytestmark = pytest.mark.slow

Live = Callable[..., Channel]


def message(channel: Channel, number: int) -> Message | None:
    return Message.objects.filter(channel=channel, message_id=number).first()


def test_new_edited_deleted_and_counted_messages_arrive_by_themselves(
    world: World, live: Live, listener: Listener
) -> None:
    channel = live()
    sandbox, peer = world.sandbox, channel.peer_id
    listener.start().until(channel)
    since = sandbox.last_request()

    posted = sandbox.post(peer, "first words")["id"]
    wait_for(lambda: message(channel, posted), "the new message")
    sandbox.edit(peer, posted, text="better words")
    wait_for(lambda: MessageRevision.objects.filter(channel=channel).exists(), "the revision")
    sandbox.set_counters(peer, posted, views=77, forwards=5, reactions=[["🔥", 2], ["👍", 9]])
    wait_for(
        lambda: MessageStats.objects.filter(channel=channel, message_id=posted, views=77),
        "the counters",
    )
    gone = sandbox.delete(peer, posted, 12, 13)
    wait_for(lambda: message(channel, posted).deleted_at, "the deletion")  # type: ignore[union-attr]
    listener.caught_up(channel)

    listener.assert_true(channel)
    row = message(channel, posted)
    assert row is not None
    assert row.text == "better words"
    assert row.deleted_how == "live"
    assert MessageRevision.objects.get(channel=channel, message_id=posted).text == "first words"
    stats = MessageStats.objects.get(channel=channel, message_id=posted)
    assert (stats.forwards, stats.reactions) == (5, {"🔥": 2, "👍": 9})
    assert set(
        Message.objects.filter(channel=channel, deleted_at__isnull=False).values_list(
            "message_id", flat=True
        )
    ) == set(gone)
    state = ChannelLive.objects.get(pk=channel.pk)
    assert state.last_event_at
    # All of it was told: nothing was asked for.
    assert not sandbox.requests(since, method="messages.getHistory")
    assert not sandbox.requests(since, method="updates.getChannelDifference")
    assert not SyncRun.objects.filter(channel=channel, pk__gt=runs_before(channel)).exists()


def runs_before(channel: Channel) -> int:
    """The newest run of the press that archived the channel."""
    return SyncRun.objects.filter(channel=channel).order_by("-pk")[0].pk


def test_what_was_told_is_what_a_sync_finds(world: World, live: Live, listener: Listener) -> None:
    """A refresh afterwards has nothing to write: contents, counters and hashes are the same."""
    channel = live()
    listener.start().until(channel)
    world.sandbox.tick(30)
    posted = world.sandbox.post(channel.peer_id, "with reactions")["id"]
    world.sandbox.set_counters(
        channel.peer_id, posted, views=5, reactions=[["🔥", 2], ["👍", 9], ["a", 1]]
    )
    wait_for(
        lambda: MessageStats.objects.filter(channel=channel, message_id=posted, views=5),
        "the counters",
    )
    listener.caught_up(channel)
    listener.stop()
    made = world.sync(channel)
    refresh = made["refresh"]
    assert (refresh.new, refresh.changed, refresh.counters, refresh.deleted) == (0, 0, 0, 0)
    assert made["update"].new == 0
    listener.assert_true(channel)


def test_what_happened_during_a_pause_is_caught_up_with(
    world: World, live: Live, listener: Listener
) -> None:
    channel = live()
    listener.start().until(channel)
    listener.stop()
    assert listener.of(channel).standing in {Standing.CATCHING_UP, Standing.LIVE, Standing.STOPPED}
    for number in range(130):
        world.sandbox.post(channel.peer_id, f"missed {number}")
    posted = world.sandbox.post(channel.peer_id, "and gone")["id"]
    world.sandbox.delete(channel.peer_id, posted, 20)
    world.sandbox.edit(channel.peer_id, 21, text="edited meanwhile", entities=[])
    since = world.sandbox.last_request()
    listener.start()
    listener.caught_up(channel)
    listener.until(channel)
    listener.assert_true(channel)
    asked = world.sandbox.requests(since, method="updates.getChannelDifference")
    assert len(asked) == 2
    assert not world.sandbox.requests(since, method="messages.getHistory")


def test_doubled_late_and_lost_packets_change_nothing_of_the_truth(
    world: World, live: Live, listener: Listener
) -> None:
    channel = live()
    sandbox, peer = world.sandbox, channel.peer_id
    listener.start().until(channel)

    def asked_after(*script: str) -> int:
        """How often it asks for the difference when these things happen to the packets."""
        since = sandbox.last_request()
        sandbox.control("updates", script=list(script))
        for number in range(4):
            sandbox.post(peer, f"number {number}")
        listener.caught_up(channel)
        listener.assert_true(channel)
        return len(sandbox.requests(since, method="updates.getChannelDifference"))

    # What comes twice or late is no gap; a gap is asked about
    # (https://core.telegram.org/api/updates#recovering-gaps).
    assert asked_after("twice", "twice", "twice", "twice") == 0
    assert asked_after("late", "", "late", "") == 0
    assert asked_after("lose") == 1
    # https://core.telegram.org/constructor/updatesTooLong
    sandbox.control("updates", script=["lose", "lose"])
    sandbox.post(peer, "lost")
    sandbox.post(peer, "lost, too")
    sandbox.control("too_long")
    listener.caught_up(channel)
    listener.assert_true(channel)


def test_a_dropped_connection_comes_back_and_misses_nothing(
    world: World, live: Live, listener: Listener
) -> None:
    channel = live()
    listener.start().until(channel)
    world.sandbox.control("drop")
    world.sandbox.post(channel.peer_id, "while it was away")
    listener.caught_up(channel)
    listener.assert_true(channel)
    listener.until(channel)


def test_it_gives_way_to_runs_and_catches_up_afterwards(
    world: World, live: Live, listener: Listener
) -> None:
    first, second = live("channel_1"), world.add("channel_2")
    listener.start().until(first)
    runs.request_sync(channel=second)
    worked = wait_for(lambda: world.work(slices=20), "the runs having the account")
    assert worked
    world.sandbox.post(first.peer_id, "meanwhile")
    listener.until(first)
    listener.caught_up(first)
    listener.assert_true(first)
    assert not SyncRun.objects.filter(channel=second).exclude(state="done").exists()


def test_a_person_is_answered_on_its_connection(
    world: World, live: Live, listener: Listener
) -> None:
    channel = live(synced=False)
    listener.start().until(channel)
    connections = {e["connection"] for e in world.sandbox.requests(world.sandbox.last_request())}
    call = posting.post(account=world.account, kind="preview", arguments={"ref": "channel_3"})
    answered = wait_for(
        lambda: found if (found := posting.result(call)).state == "answered" else None,
        "the answer",
        seconds=5,
    )
    assert answered.answer["title"]
    assert len(connections) <= 1
    world.sandbox.post(channel.peer_id, "still listening")
    listener.caught_up(channel)


def test_a_channel_that_was_not_joined_is_polled_as_often_as_telegram_says(
    world: World, live: Live, listener: Listener
) -> None:
    channel = live("channel_4")
    phone = world.sandbox.accounts[0]["phone"]
    world.sandbox.control("updates", timeout=1)
    world.sandbox.control("member", channel=channel.peer_id, phone=phone, joined=False)
    try:
        listener.start().until(channel, Standing.POLLING)
        world.sandbox.post(channel.peer_id, "found by asking")
        listener.caught_up(channel)
        listener.assert_true(channel)
        # Joined after all (https://core.telegram.org/constructor/updateChannel): it is told again.
        world.sandbox.control("member", channel=channel.peer_id, phone=phone, joined=True)
        listener.until(channel)
    finally:
        world.sandbox.control("updates", timeout=30)
        world.sandbox.control("member", channel=channel.peer_id, phone=phone, joined=True)


def test_an_edit_of_a_message_that_was_never_asked_for(
    world: World, live: Live, listener: Listener
) -> None:
    """Below what is covered it is archived at once; the channel's gaps stay gaps."""
    channel = live("channel_2", synced=False)
    runs.request_sync(channel=channel, kinds=[SyncRun.Kind.UPDATE])
    world.work()
    listener.start().until(channel)
    assert message(channel, 30) is None
    world.sandbox.edit(channel.peer_id, 30, text="known by its edit", entities=[])
    world.sandbox.delete(channel.peer_id, 31)
    world.sandbox.set_counters(channel.peer_id, 32, views=1, forwards=1)
    listener.caught_up(channel)
    found = message(channel, 30)
    assert found is not None
    assert found.text == "known by its edit"
    assert message(channel, 31) is message(channel, 32) is None
    report = world.report(channel)
    assert 30 in report.covered
    assert 31 in report.gaps
    assert report.messages + report.absent == len(report.covered)


def test_a_channel_that_was_never_read_begins_with_its_newest_page(
    world: World, live: Live, listener: Listener
) -> None:
    channel = live("channel_3", synced=False)
    listener.start().until(channel)
    world.sandbox.post(channel.peer_id, "told at once")
    listener.caught_up(channel)
    listener.stop()
    top = world.report(channel).top_id
    assert listening.request_missing() == 0  # it was asked for when the listening began
    world.work()
    report = world.report(channel)
    assert report.covered.pairs == ((top - 100, top),)


def test_a_difference_that_is_too_long_becomes_runs(
    world: World, live: Live, listener: Listener
) -> None:
    # https://core.telegram.org/constructor/updates.channelDifferenceTooLong
    channel = live()
    listener.start().until(channel)
    listener.stop()
    world.sandbox.edit(channel.peer_id, 440, text="edited in the dark", entities=[])
    for number in range(3):
        world.sandbox.post(channel.peer_id, f"in the dark {number}")
    world.sandbox.control("forget_events")
    listener.start().until(channel)
    world.sandbox.post(channel.peer_id, "and told")
    listener.caught_up(channel)
    listener.stop()
    row = ChannelLive.objects.get(pk=channel.pk)
    assert len(row.missing) == 3
    made = SyncRun.objects.filter(channel=channel, state="queued")
    assert set(made.values_list("kind", flat=True)) == {"update", "refresh"}
    world.work()
    listening.request_missing()
    row.refresh_from_db()
    assert not row.missing
    assert not row.refresh
    listener.assert_true(channel)


def test_a_channel_that_refuses_does_not_stop_the_others(
    world: World, live: Live, listener: Listener
) -> None:
    first, second = live("channel_1", synced=False), live("channel_3", synced=False)
    world.sandbox.fault(
        "channel_private", "updates.getChannelDifference", channel=second.peer_id, count=None
    )
    listener.start()
    listener.until(first)
    listener.until(second)
    world.sandbox.control("updates", script=["lose"])
    world.sandbox.post(second.peer_id, "lost")
    world.sandbox.post(second.peer_id, "a gap")
    found = listener.until(second, Standing.STOPPED)
    assert found.error
    world.sandbox.post(first.peer_id, "heard")
    listener.caught_up(first)


def test_it_ends_when_nothing_is_live_any_more(
    world: World, live: Live, listener: Listener
) -> None:
    channel = live(synced=False)
    listener.start().until(channel)
    listening.set_live(channel=channel, live=False)
    wait_for(lambda: not listener.runs, "the end of the listening")
    assert listener.of(channel).standing == Standing.OFF


def test_a_flood_wait_keeps_it_away_and_is_said(
    world: World, live: Live, listener: Listener
) -> None:
    channel = live(synced=False)
    world.sandbox.fault("flood_wait", "messages.getPeerDialogs", seconds=2)
    listener.start()
    found = wait_for(
        lambda: (
            found if "asked this account to wait" in (found := listener.of(channel)).error else None
        ),
        "the reason",
    )
    assert (found.standing, found.account) == (Standing.STOPPED, world.account)
    listener.until(channel)


def test_it_keeps_still_during_the_account_s_quiet_hours(
    world: World, live: Live, listener: Listener
) -> None:
    channel = live(synced=False)
    noon = time(12)
    world.account.quiet_from, world.account.quiet_to = noon, noon.replace(hour=11, minute=59)
    if timezone.now().time().replace(second=0) == world.account.quiet_to:  # the one minute
        world.account.quiet_to = noon.replace(hour=11, minute=58)
    world.account.save()
    since = world.sandbox.last_request()
    listener.start()
    found = wait_for(
        lambda: found if "quiet hours" in (found := listener.of(channel)).error else None,
        "the reason",
    )
    assert found.standing == Standing.STOPPED
    assert not world.sandbox.requests(since)


def test_a_login_that_is_lost_ends_it_and_says_so(
    world: World, live: Live, listener: Listener, transactional_db: Any
) -> None:
    channel = live(synced=False)
    listener.start().until(channel)
    world.sandbox.control("revoke", phone=world.sandbox.accounts[0]["phone"])
    world.sandbox.control("drop")
    wait_for(lambda: not listener.runs, "the end of the listening")
    world.account.refresh_from_db()
    assert world.account.state == "lost"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("events", [4_500, 10_000])
def test_thousands_of_events_were_missed(
    world: World, live: Live, listener: Listener, events: int
) -> None:
    """Where Telegram still knows them (the sandbox keeps 5,000 of a channel) as a difference of
    many parts; else by runs.
    """
    channel = live()
    listener.start().until(channel)
    listener.stop()
    sandbox, peer = world.sandbox, channel.peer_id
    posted: list[int] = []
    for number in range(events):
        if number % 10 < 6:
            posted.append(sandbox.post(peer, f"missed {number}")["id"])
        elif number % 10 < 9:
            sandbox.edit(peer, posted[-(number % 10 - 5)], text=f"edited {number}", entities=[])
        else:
            sandbox.delete(peer, posted.pop(-5))
    listener.start()
    wait_for(lambda: ChannelLive.objects.get(pk=channel.pk).events or _missing(channel), "a start")
    listener.caught_up(channel)
    listener.stop()
    for _ in range(3):
        listening.request_missing()
        world.work()
    assert not _missing(channel)
    listener.assert_true(channel)


def _missing(channel: Channel) -> int:
    return len(ChannelLive.objects.get(pk=channel.pk).missing)

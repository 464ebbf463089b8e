"""Asking again for ids that a person names, and how a deletion was noticed."""

import pytest

from ingestion import counters
from ingestion.coverage import report
from ingestion.errors import InputError
from ingestion.models import Channel, ChannelReading, Message, SyncRun
from ingestion.records import Page
from ingestion.services import runs
from ingestion.writer import Batch, write
from tests.factories import make_record
from tests.ingestion.world import World, assert_equal_to_truth, revisions_of
from tgadmin.lib.ranges import IdRanges


@pytest.fixture
def archived(world: World) -> Channel:
    channel = world.add("channel_2")
    world.sync(channel)
    channel.refresh_from_db()
    return channel


def test_a_repair_finds_what_was_missed_and_nothing_else_is_asked(
    world: World, archived: Channel
) -> None:
    alive = [m for m in world.sandbox.truth(archived.peer_id)["messages"] if m["kind"] == "text"]
    edited, gone, untouched = (m["id"] for m in alive[:3])
    world.sandbox.edit(archived.peer_id, edited, text="Corrected")
    world.sandbox.delete(archived.peer_id, gone)
    since = world.sandbox.last_request()
    run = runs.repair(channel=archived, low=1, high=untouched)
    world.work()
    run.refresh_from_db()
    assert (run.state, run.changed, run.deleted) == ("done", 1, 1)
    assert run.done == IdRanges.span(1, untouched)
    assert len(world.history_requests(since)) <= 2
    assert revisions_of(archived) == {edited: 1}
    assert Message.objects.get(channel=archived, message_id=gone).deleted_how == "refresh"
    assert_equal_to_truth(archived, world.sandbox.truth(archived.peer_id))


def test_a_message_from_elsewhere_that_telegram_does_not_have_is_known_by_its_absence(
    world: World,
) -> None:
    """Archived from an export before Telegram was asked for its id."""
    channel = world.add("channel_3")
    runs.request_sync(channel=channel, kinds=[SyncRun.Kind.UPDATE])
    world.work()
    channel.refresh_from_db()
    truth = world.sandbox.truth(channel.peer_id)
    absent = max(n for n in truth["deleted"] if n in report(channel).gaps)
    batch = Batch(channel.pk, "desktop")
    batch.add(Page([make_record(absent)], [], absent, absent, proves_absence=False))
    write(batch)
    world.sync(channel)
    row = Message.objects.get(channel=channel, message_id=absent)
    assert (row.deleted_how, bool(row.deleted_at)) == ("absence", True)


@pytest.mark.parametrize("ids", [(5, 4), (10_000, 20_000)])
def test_ids_that_there_are_not_cannot_be_repaired(
    world: World, archived: Channel, ids: tuple[int, int]
) -> None:
    with pytest.raises(InputError, match="There are no ids"):
        runs.repair(channel=archived, low=ids[0], high=ids[1])


def test_one_repair_at_a_time(world: World, archived: Channel) -> None:
    runs.repair(channel=archived, low=1, high=5)
    with pytest.raises(InputError, match="under way"):
        runs.repair(channel=archived, low=6, high=9)


def test_a_press_on_sync_now_repairs_nothing(world: World, archived: Channel) -> None:
    assert set(world.sync(archived)) == {"update", "refresh", "backfill"}


def test_a_refresh_reads_what_is_due_and_says_when(world: World, archived: Channel) -> None:
    run = SyncRun.objects.get(channel=archived, kind="refresh")
    assert ChannelReading.objects.get(channel=archived).counters_at == run.created_at
    assert counters.due(archived, run.created_at) == IdRanges()

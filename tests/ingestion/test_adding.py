"""Adding several channels against a real connection: looked at, chosen, added, settled."""

from ingestion.models import AccountCall, Adding, Channel, SyncRun
from ingestion.services import adding, channel_settings, channels
from tests.ingestion.world import World


def answer_all(world: World) -> None:
    """As the tick and the holder do, until nothing moves."""
    for _ in range(20):
        adding.advance()
        waiting = AccountCall.objects.filter(state=AccountCall.State.PENDING)
        if not waiting and not Adding.objects.filter(is_open=True).exists():
            return
        for call in waiting:
            world.answer(call)
    raise AssertionError("An adding did not come to its end")


def test_lines_are_looked_at_and_those_chosen_are_added_with_settings(world: World) -> None:
    made = adding.start(
        account=world.account, text="@channel_1\nhttps://t.me/nobody_at_all\nt.me/channel_2/7"
    )
    answer_all(world)
    first, nobody, second = adding.states(made)
    assert (first.stage, nobody.stage, second.stage) == ("found", "wrong", "found")
    assert first.can_add
    assert first.found["photo"]
    assert first.found["newest"]
    assert "no channel with this name" in nobody.error
    assert not Channel.objects.filter(workspace=world.workspace).exists()

    assert adding.save(adding=made, positions=[0, 1], tags="sea", minutes=60, sync=True) == 2
    answer_all(world)
    made.refresh_from_db()
    stages = [item.stage for item in adding.states(made)]
    assert stages == ["added", "refused", "left"]
    channel = Channel.objects.get(workspace=world.workspace)
    assert (channel.username, channel.tags, channel.sync_every_minutes) == (
        "channel_1",
        ["sea"],
        60,
    )
    assert SyncRun.objects.filter(channel=channel, state="queued").count() == 3


def test_a_removed_channel_that_is_added_again_syncs_as_often_as_before(world: World) -> None:
    channel = world.add("channel_1")
    channels.set_schedule(channel=channel, minutes=30)
    channels.remove(channel=channel)
    channel.refresh_from_db()
    assert channel.next_run_at is None
    assert world.add("channel_1") == channel
    channel.refresh_from_db()
    assert channel.sync_every_minutes == 30
    assert channel.next_run_at is not None


def test_restoring_needs_no_telegram_and_happens_once(world: World) -> None:
    channel = world.add("channel_1")
    channels.remove(channel=channel)
    since = world.sandbox.last_request()
    assert channel_settings.restore(channels=[channel]) == [channel]
    assert channel_settings.restore(channels=[channel]) == []
    assert not world.sandbox.requests(since)


def test_one_that_is_switched_off_gets_its_tags_and_schedule_all_the_same(world: World) -> None:
    channel = world.add("channel_1")
    channels.set_enabled(channel=channel, enabled=False)
    channels.remove(channel=channel)
    made = adding.start(account=world.account, text="@channel_1")
    answer_all(world)
    adding.save(adding=made, positions=[0], tags="sea", minutes=60, sync=True)
    answer_all(world)
    channel.refresh_from_db()
    assert (channel.tags, channel.sync_every_minutes) == (["sea"], 60)
    assert not SyncRun.objects.filter(channel=channel).exists()


def test_tags_that_two_people_give_at_once_are_all_there(world: World) -> None:
    channel = world.add("channel_1")
    theirs, mine = (Channel.objects.get(pk=channel.pk) for _ in range(2))
    channel_settings.add_tag(channels=[theirs], tag="sea")
    channel_settings.add_tag(channels=[mine], tag="port")
    channel_settings.remove_tag(channels=[theirs], tag="sea")
    channel.refresh_from_db()
    assert channel.tags == ["port"]

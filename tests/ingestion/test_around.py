"""What stands around a history: topics, pinned messages, administrators, groups that belong."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Q
from django.utils import timezone

from ingestion import surroundings
from ingestion.models import (
    Channel,
    ChannelAdmin,
    ChannelReading,
    ForumTopic,
    PeoplePolicy,
    PinnedMessage,
    SyncRun,
)
from ingestion.people import new_key
from ingestion.services import runs
from tests.ingestion.world import World


def card(world: World, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        c for c in world.sandbox.status()["channels"] if c["kind"] == kind and c["username"]
    )
    return found


def update(world: World, channel: Channel) -> SyncRun:
    """An update on another day: what stands around is due again."""
    ChannelReading.objects.filter(channel=channel).update(around_at=None)
    runs.request_sync(channel=channel, kinds=[SyncRun.Kind.UPDATE])
    world.work()
    return SyncRun.objects.filter(channel=channel).latest("pk")


@pytest.fixture
def forum(world: World) -> Iterator[Channel]:
    found = card(world, "forum")
    before = world.sandbox.truth(found["id"])
    channel = world.add(found["username"])
    update(world, channel)
    yield channel
    for name in ("topics", "admins"):
        world.sandbox.control("channel", channel=found["id"], **{name: before[name]})


def listed(channel: Channel, **more: Any) -> dict[int, str]:
    return dict(ForumTopic.objects.filter(channel=channel, **more).values_list("topic_id", "title"))


def test_topics_are_those_that_telegram_lists(world: World, forum: Channel) -> None:
    truth = world.sandbox.truth(forum.peer_id)["topics"]
    assert listed(forum) == {1: "General", **{t["id"]: t["title"] for t in truth}}
    changed = [
        {**truth[0], "title": "Renamed", "closed": True, "pinned": True, "icon_emoji_id": 5_368},
    ]
    world.sandbox.control("channel", channel=forum.peer_id, topics=changed)
    update(world, forum)
    row = ForumTopic.objects.get(channel=forum, topic_id=truth[0]["id"])
    assert (row.title, row.closed, row.pinned, row.icon_emoji_id) == ("Renamed", True, True, 5_368)
    # What is not listed any more stays, and says since when.
    assert set(listed(forum, gone_at=None)) == {1, truth[0]["id"]}
    assert set(listed(forum)) == {1, *(t["id"] for t in truth)}


def test_messages_of_topics_are_counted_when_a_backfill_brought_them(
    world: World, forum: Channel
) -> None:
    world.sync(forum)
    inside = forum.messages.filter(topic_id=2).count()
    assert inside > 1
    assert ForumTopic.objects.get(channel=forum, topic_id=2).messages == inside
    general = forum.messages.filter(Q(topic_id=None) | Q(topic_id=1)).count()
    assert ForumTopic.objects.get(channel=forum, topic_id=1).messages == general


def test_administrators_are_kept_and_those_who_left_say_so(world: World, forum: Channel) -> None:
    truth = world.sandbox.truth(forum.peer_id)["admins"]
    rows = ChannelAdmin.objects.filter(channel=forum, gone_at=None)
    assert {(a.peer_id, a.rank, a.creator) for a in rows} == {
        (a["user_id"], a.get("rank", ""), a.get("creator", False)) for a in truth
    }
    assert all(admin.name for admin in rows)
    world.sandbox.control("channel", channel=forum.peer_id, admins=truth[:1])
    update(world, forum)
    assert [a.peer_id for a in rows.all()] == [truth[0]["user_id"]]
    assert ChannelAdmin.objects.filter(channel=forum).count() == len(truth)


def test_where_people_are_hidden_administrators_are_not_kept(world: World, forum: Channel) -> None:
    ChannelAdmin.objects.all().delete()
    PeoplePolicy.objects.create(workspace=world.workspace, hidden=True, key=new_key())
    update(world, forum)
    assert not ChannelAdmin.objects.exists()


def test_a_channel_does_not_show_who_runs_it_and_nothing_fails(world: World) -> None:
    channel = world.add(card(world, "broadcast")["username"])
    run = update(world, channel)
    assert run.state == "done"
    assert not ChannelAdmin.objects.exists()
    # A group whose members are hidden answers the same.
    assert surroundings.is_due(channel) is False


def test_pinned_messages_are_known_and_until_when(world: World) -> None:
    found = card(world, "broadcast")
    channel = world.add(found["username"])
    first = world.sandbox.post(found["id"], "Rules", pinned=True)["id"]
    update(world, channel)
    assert PinnedMessage.objects.get(message_id=first).unpinned_at is None
    world.sandbox.control("counters", channel=found["id"], id=first, pinned=False)
    second = world.sandbox.post(found["id"], "New rules", pinned=True)["id"]
    update(world, channel)
    here = PinnedMessage.objects.filter(channel=channel)
    assert here.get(message_id=first).unpinned_at
    assert not here.get(message_id=second).unpinned_at


def test_it_is_read_once_a_day(world: World, forum: Channel) -> None:
    since = world.sandbox.last_request()
    world.sync(forum)
    assert not world.sandbox.requests(since, method="messages.getForumTopics")
    assert not world.sandbox.requests(since, method="channels.getParticipants")


@pytest.mark.parametrize("method", ["messages.getForumTopics", "messages.search"])
def test_no_history_waits_for_it(world: World, forum: Channel, method: str) -> None:
    world.sandbox.fault("flood_wait", method, seconds=900)
    new = world.sandbox.post(forum.peer_id, "Meanwhile")["id"]
    run = update(world, forum)
    assert run.state == "done"
    assert forum.messages.filter(message_id=new).exists()
    assert surroundings.is_due(forum), "it is tried again by the next update"


def test_a_channels_group_is_known_from_its_description(world: World) -> None:
    channel, group = card(world, "broadcast"), card(world, "supergroup")
    bare = -group["id"] - 10**12
    world.sandbox.control("channel", channel=channel["id"], linked_id=bare)
    try:
        added = world.add(channel["username"])
        assert ChannelReading.objects.get(channel=added).linked_peer_id == group["id"]
    finally:
        world.sandbox.control("channel", channel=channel["id"], linked_id=channel["linked_id"])


def test_a_channel_that_was_renamed_is_followed_by_its_id(world: World) -> None:
    """Its name is never resolved again: https://core.telegram.org/api/channel."""
    found = card(world, "broadcast")
    channel = world.add(found["username"])
    world.sync(channel)
    since = world.sandbox.last_request()
    world.sandbox.control("channel", channel=found["id"], username="another_name")
    try:
        new = world.sandbox.post(found["id"], "Still here")["id"]
        long_ago = timezone.now() - timedelta(days=2)
        Channel.objects.filter(pk=channel.pk).update(described_at=long_ago)
        world.sync(channel)
        channel.refresh_from_db()
        assert channel.username == "another_name"
        assert channel.messages.filter(message_id=new).exists()
        assert not world.sandbox.requests(since, method="contacts.resolveUsername")
        assert ("username", found["username"]) in channel.changes.values_list("field", "before")
    finally:
        world.sandbox.control("channel", channel=found["id"], username=found["username"])

"""Topics, what is pinned, who runs a group, what belongs to a channel, and comments of posts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from ingestion.models import (
    Channel,
    ChannelAdmin,
    ChannelReading,
    ForumTopic,
    Message,
    PinnedMessage,
    SyncRun,
)
from tests.dashboard.world import World

ClientOf = Callable[[str], Client]


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def said(channel: Channel, number: int, **more: Any) -> Message:
    now = timezone.now()
    fields = {"date": now, "text": f"Said {number}", "kind": "text", "first_seen_at": now}
    return Message.objects.create(channel=channel, message_id=number, **{**fields, **more})


def test_topics_have_their_state_and_lead_to_their_messages(
    world: World, client_of: ClientOf
) -> None:
    Channel.objects.filter(pk=world.channel.pk).update(kind="forum")
    now = timezone.now()
    common = {"channel": world.channel, "created_at": now, "icon_color": 0x6FB9F0}
    ForumTopic.objects.create(topic_id=5, title="Puzzles", closed=True, messages=12, **common)
    ForumTopic.objects.create(topic_id=6, title="Old", gone_at=now, **common)
    client = client_of("viewer")
    page = text(client, f"/channels/{world.channel.pk}/topics/")
    assert page.index("Puzzles") < page.index("Old"), "what is gone stands last"
    assert 'fill="#6fb9f0"' in page
    inside = said(world.channel, 900, topic_id=5)
    answer = client.get(f"/messages/?channel={world.channel.pk}&topic=5")
    assert [card.message.message_id for card in answer.context["cards"]] == [inside.message_id]
    general = client.get(f"/messages/?channel={world.channel.pk}&topic=1").context["cards"]
    assert inside.pk not in {card.message.pk for card in general}


def test_pinned_messages_are_marked_with_until_when(world: World, client_of: ClientOf) -> None:
    now = timezone.now()
    PinnedMessage.objects.create(
        channel=world.channel, message_id=world.message.message_id, seen_at=now
    )
    PinnedMessage.objects.create(
        channel=world.channel, message_id=3, seen_at=now, unpinned_at=now - timedelta(days=2)
    )
    page = text(client_of("viewer"), f"/channels/{world.channel.pk}/pinned/")
    assert f"/channels/{world.channel.pk}/messages/{world.message.message_id}/" in page
    assert "not archived yet" in page


def test_who_runs_a_group_and_what_belongs_to_it(world: World, client_of: ClientOf) -> None:
    channel, group = world.channel, world.channels[1]
    ChannelAdmin.objects.create(
        channel=channel,
        peer_id=world.sender.peer_id,
        name="Mira",
        rank="captain",
        creator=True,
        seen_at=timezone.now(),
    )
    ChannelReading.objects.create(
        channel=channel, linked_peer_id=group.peer_id, migrated_from=-4_000_111
    )
    client = client_of("owner")
    page = text(client, f"/channels/{channel.pk}/about/")
    assert "captain" in page
    assert f"/senders/{world.sender.pk}/" in page
    assert f'href="/channels/{group.pk}/"' in page
    assert "-4000111" in page
    assert "Archive it, too" in page
    assert "Archive it, too" not in text(client_of("viewer"), f"/channels/{channel.pk}/about/")


def test_a_group_of_another_workspace_is_not_named(world: World, client_of: ClientOf) -> None:
    group = world.channels[1]
    Channel.objects.filter(pk=group.pk).update(workspace=world.other, title="Not yours")
    ChannelReading.objects.create(channel=world.channel, linked_peer_id=group.peer_id)
    assert "Not yours" not in text(client_of("owner"), f"/channels/{world.channel.pk}/about/")


def test_a_repair_is_asked_for_and_wrong_ids_are_told(world: World, client_of: ClientOf) -> None:
    client = client_of("analyst")
    address = f"/channels/{world.channel.pk}/repair/"
    assert "/runs/" in client.post(address, {"low": "5", "high": "90"})["Location"]
    run = SyncRun.objects.get(kind="repair")
    assert (run.planned.pairs, run.requested_by) == (((5, 90),), world.people["analyst"])
    answer = client.post(address, {"low": "x", "high": ""}, follow=True)
    assert "There are no ids" in answer.content.decode()


def test_comments_of_a_post_stand_on_its_page(world: World, client_of: ClientOf) -> None:
    channel, group = world.channel, world.channels[1]
    Channel.objects.filter(pk=group.pk).update(kind="supergroup")
    ChannelReading.objects.create(channel=channel, linked_peer_id=group.peer_id)
    saved = {"saved_from_peer": str(channel.peer_id), "saved_from_msg_id": world.message.message_id}
    root = said(group, 700, forward=saved)
    said(group, 699, forward={**saved, "saved_from_peer": "-1009"})
    said(group, 701, text="First!", reply_to={"message_id": 700})
    said(group, 702, text="Second", reply_to={"message_id": 701, "top_id": 700})
    said(group, 703, text="Elsewhere", reply_to={"message_id": 12})
    client = client_of("viewer")
    post = f"/channels/{channel.pk}/messages/{world.message.message_id}/"
    page = text(client, post)
    assert page.index("First!") < page.index("Second")
    assert "Elsewhere" not in page
    assert f"/channels/{group.pk}/messages/{root.message_id}/" in page
    answer = client.get(f"/messages/?channel={group.pk}&thread=700")
    assert {card.message.message_id for card in answer.context["cards"]} == {701, 702}
    assert "First!" in text(client, f"/channels/{group.pk}/messages/700/"), "and on its copy's"

"""One message, with everything that is known of it."""

import base64
import json
from collections.abc import Callable
from typing import Any

from django.test import Client

from ingestion.models import Message, MessageRevision
from tests.dashboard.world import World

ClientOf = Callable[[str], Client]

THUMB = base64.b64encode(b"\x01\x10\x10" + bytes(40)).decode()


def address(message: Message) -> str:
    return f"/channels/{message.channel_id}/messages/{message.message_id}/"


def change(message: Message, **fields: Any) -> None:
    Message.objects.filter(pk=message.pk).update(**fields)


def html(client: Client, message: Message) -> str:
    return client.get(address(message)).content.decode()


def test_an_edit_is_shown_word_by_word_not_by_colour_alone(
    world: World, client_of: ClientOf
) -> None:
    change(world.message, text="The ferry leaves at nine")
    MessageRevision.objects.create(
        channel=world.channel,
        message_id=world.message.message_id,
        replaced_at=world.message.first_seen_at,
        text="The ferry leaves at eight",
        kind="text",
        content_hash=b"",
    )
    page = html(client_of("viewer"), world.message)
    assert 'The ferry leaves at <del><span class="vh">removed: </span>eight' in page
    assert '<ins><span class="vh">added: </span>nine' in page
    assert "As it was" in page


def test_each_version_is_compared_with_the_one_after_it(world: World, client_of: ClientOf) -> None:
    change(world.message, text="three", media_meta=None, kind="text")
    for minute, text in enumerate(("one", "two")):
        MessageRevision.objects.create(
            channel=world.channel,
            message_id=world.message.message_id,
            replaced_at=world.message.first_seen_at.replace(microsecond=minute),
            text=text,
            kind="text",
            content_hash=b"",
        )
    versions = client_of("viewer").get(address(world.message)).context["versions"]
    pieces = [[(piece.change, piece.text) for piece in v.changes] for v in versions]
    assert pieces == [
        [("removed", "two"), ("added", "three")],
        [("removed", "one"), ("added", "two")],
    ]


def test_a_reply_shows_what_it_answers_when_that_is_archived(
    world: World, client_of: ClientOf
) -> None:
    before = world.message.message_id - 3
    change(world.message, reply_to={"message_id": before})
    page = html(client_of("viewer"), world.message)
    assert f'href="/channels/{world.channel.pk}/messages/{before}/">Reply to #' in page
    assert "трамвай" in page.split("Reply to #")[1]
    change(world.message, reply_to={"message_id": 5})
    page = html(client_of("viewer"), world.message)
    assert "Reply to #5, which is not archived here" in page


def test_where_a_message_came_from_is_a_link(world: World, client_of: ClientOf) -> None:
    client, origin = client_of("viewer"), world.channels[2]
    post = origin.top_id
    change(world.message, forward={"from_id": str(origin.peer_id), "channel_post": post})
    page = html(client, world.message)
    assert f'Forwarded from <a href="/channels/{origin.pk}/messages/{post}/"' in page
    change(world.message, forward={"from_id": "-1009999999999", "channel_post": 7})
    assert 'href="https://t.me/c/9999999999/7"' in html(client, world.message)
    change(world.message, forward={"from_name": "Ada <3"})
    assert "Forwarded from <bdi>Ada &lt;3</bdi>" in html(client, world.message)


def test_another_workspaces_channel_is_not_named_as_origin(
    world: World, client_of: ClientOf
) -> None:
    origin = world.channels[2]
    origin.workspace = world.other
    origin.save()
    change(world.message, forward={"from_id": str(origin.peer_id), "channel_post": origin.top_id})
    page = html(client_of("viewer"), world.message)
    assert "Open Maps Daily" not in page
    assert f"/channels/{origin.pk}/" not in page


def test_an_album_is_shown_whole(world: World, client_of: ClientOf) -> None:
    near = Message.objects.filter(
        channel=world.channel, message_id__gte=world.message.message_id - 2
    )
    near.update(grouped_id=5, media_meta={"type": "photo", "thumb": THUMB}, kind="photo")
    answer = client_of("viewer").get(address(world.message))
    numbers = [one.message.message_id for one in answer.context["album"]]
    last = world.message.message_id
    assert numbers == [last - 2, last - 1, last]
    assert [one.here for one in answer.context["album"]] == [False, False, True]
    assert answer.content.decode().count("data:image/jpeg;base64,") == 4


def test_the_raw_record_is_a_tree_a_copy_and_a_file(world: World, client_of: ClientOf) -> None:
    client = client_of("viewer")
    page = html(client, world.message)
    assert '<ul class="tree">' in page
    assert "Copy the JSON" in page
    answer = client.get(address(world.message) + "raw/")
    assert json.loads(answer.content)["mtproto"]["id"] == world.message.message_id
    assert answer["Content-Type"] == "application/json"
    assert "attachment" in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_what_is_copied_stands_on_the_buttons(world: World, client_of: ClientOf) -> None:
    page = html(client_of("viewer"), world.message)
    assert f'data-copy="https://t.me/city_chronicle/{world.message.message_id}"' in page
    assert f'data-copy="{world.message.text}"' in page

"""Senders, the switch that hides them, and counters over time, as pages."""

from collections.abc import Callable

import pytest
from django.test import Client

from ingestion.models import Message, PeoplePolicy, Sender
from tests.dashboard.world import World

ClientOf = Callable[[str], Client]


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_sender_has_its_names_over_time_and_its_messages(
    world: World, client_of: ClientOf
) -> None:
    Message.objects.filter(pk=world.message.pk).update(sender_id=str(world.sender.peer_id))
    page = text(client_of("viewer"), f"/senders/{world.sender.pk}/")
    assert "Mira S." in page, "what it was called before"
    assert "@solveig" in page
    assert f"/channels/{world.channel.pk}/messages/{world.message.message_id}/" in page


@pytest.mark.parametrize(
    ("words", "found"),
    [("solveig", True), ("@mira", True), ("5200000001", True), ("nobody", False)],
)
def test_senders_are_found_by_name_username_and_id(
    words: str, found: bool, world: World, client_of: ClientOf
) -> None:
    page = text(client_of("viewer"), f"/senders/?q={words}")
    assert (f"/senders/{world.sender.pk}/" in page) == found


def test_messages_are_filtered_by_what_a_sender_is_called_now(
    world: World, client_of: ClientOf
) -> None:
    """The message came when the sender had another name, or none."""
    Message.objects.filter(pk=world.message.pk).update(sender_id=str(world.sender.peer_id))
    client = client_of("viewer")
    for name in ("Mira Solveig", "@mira", "5200000001"):
        answer = client.get("/messages/", {"sender": name})
        shown = [card.message.pk for card in answer.context["cards"]]
        assert shown == [world.message.pk], name
    # A name of another workspace's sender says nothing here.
    Sender.objects.filter(pk=world.sender.pk).update(workspace=world.other)
    assert not client.get("/messages/", {"sender": "Mira Solveig"}).context["cards"]


def test_the_message_page_draws_the_counters_and_says_them_in_a_table(
    world: World, client_of: ClientOf
) -> None:
    address = f"/channels/{world.channel.pk}/messages/{world.message.message_id}/"
    answer = client_of("viewer").get(address)
    curve = answer.context["curve"]
    assert [reading.views for reading in curve.readings] == [40, 1_900, 4_100, 4_800]
    page = answer.content.decode()
    assert 'aria-label="Views grew from 40 to 4,800."' in page
    assert page.count("<circle") == 4


def test_how_a_deletion_was_noticed_is_shown(world: World, client_of: ClientOf) -> None:
    Message.objects.filter(pk=world.message.pk).update(
        deleted_at=world.message.date, deleted_how="live"
    )
    address = f"/channels/{world.channel.pk}/messages/{world.message.message_id}/"
    assert "Telegram announced it" in text(client_of("viewer"), address)


def test_an_owner_hides_the_people_and_takes_them_out(world: World, client_of: ClientOf) -> None:
    client = client_of("owner")
    client.post("/settings/privacy/save/", {"hidden": "on"})
    assert PeoplePolicy.objects.get(workspace=world.workspace).hidden
    page = text(client, "/settings/privacy/?look=1")
    assert "delete the records of 1 people" in page
    client.post("/settings/privacy/erase/")
    assert not PeoplePolicy.objects.get().applying, "without the tick nothing happens"
    client.post("/settings/privacy/erase/", {"sure": "on"})
    assert PeoplePolicy.objects.get().applying
    assert "People are being taken out" in text(client, "/settings/privacy/")
    client.post("/settings/privacy/save/", {})
    assert not PeoplePolicy.objects.get().hidden


def test_others_see_how_it_stands_and_may_not_count(world: World, client_of: ClientOf) -> None:
    client = client_of("viewer")
    assert "People are kept in this workspace." in text(client, "/settings/privacy/")
    assert client.get("/settings/privacy/?look=1").status_code == 403

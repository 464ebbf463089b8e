"""The timeline of a channel: where links lead, what bubbles show, what is said of what is missing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from archive.models import ChannelDay
from archive.timeline import LIMIT
from dashboard import bubbles
from dashboard.bubbles import Bubble
from ingestion.models import ForumTopic, Message, MessageStats, PinnedMessage, Quarantine, Sender
from tests.dashboard.world import World

ClientOf = Callable[[str], Client]


def address(world: World, query: str = "") -> str:
    return f"/channels/{world.channel.pk}/timeline/{query}"


def shown(client: Client, where: str) -> dict[int, Bubble]:
    days = client.get(where).context["days"]
    return {bubble.message.message_id: bubble for day in days for bubble in day.bubbles}


def test_a_link_opens_the_timeline_around_its_message(world: World, client_of: ClientOf) -> None:
    number = world.message.message_id - 5
    client = client_of("viewer")
    for channel in (world.channel.pk, "city_chronicle", "@City_Chronicle"):
        answer = client.get(f"/c/{channel}/{number}", follow=True)
        leads_to, _status = answer.redirect_chain[-1]
        assert leads_to.endswith(f"?at={number}#m{number}")
        page = answer.content.decode()
        assert f'id="m{number}" data-id="{number}" data-target' in page
        assert page.count("data-target") == 1
    assert client.get(f"/c/nobody_of_us/{number}").status_code == 404
    assert client_of("stranger").get(f"/c/city_chronicle/{number}").status_code == 404


@pytest.mark.parametrize(
    ("number", "state", "words"),
    [
        (100, "hidden", "does not show its history to newcomers"),
        (47_000, "unasked", "the ids 46,112 – 48,211"),
        (70_001, "absent", "has no message with this id"),
        (90_000, "beyond", "beyond the newest that is known here (83,412)"),
        (70_002, "broken", "could not read it"),
    ],
)
def test_an_id_without_a_message_says_why(
    world: World, client_of: ClientOf, number: int, state: str, words: str
) -> None:
    if state == "broken":
        Quarantine.objects.create(
            channel=world.channel,
            source="mtproto",
            message_id=number,
            error="x",
            raw=b"",
            first_seen_at=timezone.now(),
        )
    answer = client_of("analyst").get(address(world, f"?at={number}"))
    page = answer.content.decode()
    assert answer.context["lost"].state == state
    assert words in page
    assert ("Ask for these ids" in page) == (state == "unasked")


def test_ids_of_which_nothing_is_known_stand_between_messages(
    world: World, client_of: ClientOf
) -> None:
    Message.objects.filter(channel=world.channel, message_id__lt=83_405).delete()
    Message.objects.create(
        channel=world.channel,
        message_id=12_000,
        date=timezone.now() - timedelta(days=900),
        first_seen_at=timezone.now(),
        kind="text",
    )
    client = client_of("viewer")
    (gap,) = shown(client, address(world))[83_405].unknown
    assert (gap.low, gap.high, gap.count, gap.hidden) == (12_401, 61_559, 780 + 2_100 + 540, False)
    assert "3,420 ids here were never asked for" in client.get(address(world)).content.decode()


def test_an_answer_leads_to_what_it_answers(world: World, client_of: ClientOf) -> None:
    number = world.message.message_id
    mine = Message.objects.filter(channel=world.channel)
    mine.filter(message_id=number).update(reply_to={"message_id": number - 6})
    mine.filter(message_id=number - 1).update(reply_to={"message_id": 70_001})
    client = client_of("viewer")
    found = shown(client, address(world))
    answered, missing = found[number].answered, found[number - 1].answered
    assert answered is not None
    assert (answered.message_id, answered.who) == (number - 6, world.channel.title)
    assert missing is not None
    assert (missing.message_id, missing.number) == (0, 70_001)
    page = client.get(address(world)).content.decode()
    assert f'data-jump="{number - 6}"' in page
    assert "go=70001" in page


def test_what_was_edited_or_deleted_is_marked_and_its_history_is_one_click_away(
    world: World, client_of: ClientOf
) -> None:
    number = world.message.message_id
    page = client_of("viewer").get(address(world)).content.decode()
    assert f'href="/channels/{world.channel.pk}/messages/{number - 1}/#h-rev"' in page
    assert "gone from Telegram" in page
    assert f'data-copy="https://t.me/city_chronicle/{number}"' in page
    assert f'data-copy="http://testserver/c/{world.channel.pk}/{number}"' in page


def test_people_have_a_name_and_a_colour_that_stays(world: World, client_of: ClientOf) -> None:
    group = next(channel for channel in world.channels if channel.kind == "supergroup")
    rows = list(Message.objects.filter(channel=group).order_by("message_id")[:4])
    for row, sender in zip(rows, ("41", "41", "42", "41"), strict=True):
        row.sender_id = sender
        row.save(update_fields=["sender_id"])
    Message.objects.filter(channel=group, message_id=rows[1].message_id).update(
        date=rows[0].date + timedelta(seconds=9)
    )
    Sender.objects.create(
        workspace=world.workspace,
        peer_id=41,
        kind="user",
        name="Mariam",
        first_seen_at=timezone.now(),
    )
    found = shown(client_of("viewer"), f"/channels/{group.pk}/timeline/")
    first, again, other, third = (found[row.message_id] for row in rows)
    assert (first.who, other.who) == ("Mariam", "42")
    assert first.colour == third.colour == bubbles.colour_of("41")
    assert (first.named, again.named, other.named, third.named) == (True, False, True, True)
    assert len({bubbles.colour_of(str(sender)) for sender in range(60)}) == bubbles.COLOURS


def test_more_comes_as_a_part_with_its_end(world: World, client_of: ClientOf) -> None:
    number = world.message.message_id
    client = client_of("viewer")
    part = client.get(address(world, f"?before={number - 3}"), headers={"HX-Request": "true"})
    text = part.content.decode()
    assert "<html" not in text
    assert f'id="m{number - 4}"' in text
    assert 'id="older"' in text
    assert 'hx-swap-oob="true"' in text
    assert 'id="newer"' not in text
    plain = client.get(address(world, f"?before={number - 3}")).content.decode()
    assert f"after={number - 4}" in plain  # without a script, the links are enough


def test_from_first_it_begins_where_the_channel_begins(world: World, client_of: ClientOf) -> None:
    now = timezone.now()
    ids = range(600, 600 + LIMIT + 5)
    Message.objects.bulk_create(
        Message(
            channel=world.channel,
            message_id=number,
            date=now - timedelta(days=2_000 - number),
            first_seen_at=now,
            kind="text",
            text="Long ago",
            topic_id=77 if number >= 610 else None,
        )
        for number in ids
    )
    client = client_of("viewer")
    answer = client.get(address(world, "?from=first"))
    assert list(shown(client, address(world, "?from=first"))) == list(ids[:LIMIT])
    assert (answer.context["stretch"].older, answer.context["stretch"].newer) == (False, True)
    assert f"after={ids[LIMIT - 1]}" in answer.content.decode()
    of_topic = shown(client, address(world, "?topic=77&from=first"))
    assert min(of_topic) == 610
    # Any other word is none, and the newest are shown.
    assert world.message.message_id in shown(client, address(world, "?from=last"))


def test_a_day_leads_to_its_first_message(world: World, client_of: ClientOf) -> None:
    client = client_of("viewer")
    first = Message.objects.filter(channel=world.channel).earliest("date")
    day = timezone.localtime(first.date).date()
    answer = client.get(address(world, f"?day={day}"))
    assert answer["Location"] == address(world, f"?at={first.message_id}#m{first.message_id}")
    late = client.get(address(world, "?day=2999-01-01"), follow=True).content.decode()
    assert "Nothing is archived of that day" in late
    assert client.get(address(world, "?day=nonsense")).status_code == 302


def test_topics_and_what_is_pinned_are_reached_from_it(world: World, client_of: ClientOf) -> None:
    number = world.message.message_id
    PinnedMessage.objects.create(
        channel=world.channel, message_id=number - 8, seen_at=timezone.now()
    )
    ForumTopic.objects.create(
        channel=world.channel, topic_id=77, title="Boats", created_at=timezone.now()
    )
    Message.objects.filter(channel=world.channel, message_id=number - 2).update(topic_id=77)
    client = client_of("viewer")
    assert f'data-jump="{number - 8}"' in client.get(address(world)).content.decode()
    assert list(shown(client, address(world, "?topic=77"))) == [number - 2]
    assert "Boats" in client.get(address(world, "?topic=77")).content.decode()


def test_an_album_is_one_bubble_that_each_of_its_links_leads_to(
    world: World, client_of: ClientOf
) -> None:
    number = world.message.message_id
    pictures = [number - 4, number - 3]
    Message.objects.filter(channel=world.channel, message_id__in=pictures).update(
        grouped_id=5, kind="photo", media_meta={"type": "photo", "width": 900, "height": 600}
    )
    client = client_of("viewer")
    found = shown(client, address(world))
    (album,) = (bubble for bubble in found.values() if bubble.card.items)
    assert album.ids == pictures
    page = client.get(address(world, f"?at={pictures[1]}")).content.decode()
    assert all(page.count(f'id="m{one}"') == 1 for one in pictures)
    assert page.count("data-target") == 1


def test_the_calendar_is_of_the_daily_sums_and_leads_to_the_timeline(
    world: World, client_of: ClientOf
) -> None:
    day = ChannelDay.objects.filter(channel=world.channel).latest("day")
    hours = [0] * 24
    hours[12] = 4_321
    ChannelDay.objects.filter(pk=day.pk).update(messages=4_321, hours=hours)
    answer = client_of("viewer").get(f"/channels/{world.channel.pk}/calendar/")
    page = answer.content.decode()
    assert f"timeline/?day={day.day}" in page
    assert "4,321 messages" in page
    assert answer.context["busiest"].day == day.day
    weeks = [week for month in answer.context["months"] for week in month.weeks]
    assert {len(week) for week in weeks} == {7}


def test_counters_and_text_of_everybody_are_escaped(world: World, client_of: ClientOf) -> None:
    number = world.message.message_id
    Message.objects.filter(channel=world.channel, message_id=number).update(
        text='<b>"x"</b>', author="<i>"
    )
    MessageStats.objects.filter(channel=world.channel, message_id=number).update(
        reactions={"<u>": 3}
    )
    page = client_of("viewer").get(address(world)).content.decode()
    for raw in ('<b>"x"</b>', "<i>", "<u>"):
        assert raw not in page

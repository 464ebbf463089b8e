"""Comparing channels: metrics, per post, who may, and what the address keeps."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from archive.models import ChannelDay
from ingestion.models import Channel, MemberCount
from tests.dashboard.world import World
from tests.factories import make_channel

ClientOf = Callable[[str], Client]


@pytest.fixture
def pair(world: World) -> list[Channel]:
    """Two channels with two days each, three days apart."""
    ChannelDay.objects.all().delete()
    first, second = world.channels[:2]
    today = timezone.now().date()
    for channel, messages, views in ((first, 4, 400), (second, 2, 1000)):
        for days in (1, 4):
            ChannelDay.objects.create(
                channel=channel,
                day=today - timedelta(days=days),
                messages=messages,
                views=views,
                forwards=days * messages,
                reactions=3 * days * messages,
                hours=[messages] + [0] * 23,
            )
        MemberCount.objects.create(
            channel=channel, day=today - timedelta(days=2), members=10 * messages
        )
    return [first, second]


def address(channels: list[Channel], more: str = "") -> str:
    return "/compare/?" + "&".join(f"channel={channel.pk}" for channel in channels) + more


def found(client: Client, channels: list[Channel], more: str = "") -> Any:
    return client.get(address(channels, more)).context["found"]


def test_one_line_a_channel_in_the_order_of_the_address(
    pair: list[Channel], client_of: ClientOf
) -> None:
    chart = found(client_of("viewer"), pair[::-1]).chart
    assert [(line.channel, line.total) for line in chart.lines] == [
        (pair[1].pk, 4),
        (pair[0].pk, 8),
    ]
    assert chart.lines[0].tint != chart.lines[1].tint
    assert chart.lines[1].values[-5:] == (4, 0, 0, 4, 0)


def test_views_in_all_and_per_post(pair: list[Channel], client_of: ClientOf) -> None:
    client = client_of("viewer")
    views = found(client, pair, "&metric=views")
    assert [line.total for line in views.chart.lines] == [800, 2000]
    per_post = found(client, pair, "&metric=views&per=post").chart
    assert per_post.name == "Views per post"
    assert [line.total for line in per_post.lines] == [100, 500]
    assert per_post.lines[0].values[-5:] == (100, None, None, 100, None)
    assert [row.views_per_post for row in views.rows] == [100, 500]


def test_messages_and_members_are_never_per_post(pair: list[Channel], client_of: ClientOf) -> None:
    for metric in ("messages", "members", "nonsense"):
        assert (
            not client_of("viewer")
            .get(address(pair, f"&metric={metric}&per=post"))
            .context["per_post"]
        )


#: What is drawn of the first channel's last five days, and of both in all. The fixture's days are four
#: days and one day ago; both channels' counters grow with their messages, views aside.
_DRAWN = [
    ("messages", "", "Messages", (4, 0, 0, 4, 0), [8, 4]),
    ("messages", "&per=post", "Messages", (4, 0, 0, 4, 0), [8, 4]),
    ("views", "", "Views", (400, 0, 0, 400, 0), [800, 2000]),
    ("views", "&per=post", "Views per post", (100, None, None, 100, None), [100, 500]),
    ("forwards", "", "Forwards", (16, 0, 0, 4, 0), [20, 10]),
    ("forwards", "&per=post", "Forwards per post", (4, None, None, 1, None), [2.5, 2.5]),
    ("reactions", "", "Reactions", (48, 0, 0, 12, 0), [60, 30]),
    ("reactions", "&per=post", "Reactions per post", (12, None, None, 3, None), [7.5, 7.5]),
    ("members", "", "Members", (None, None, 40, 40, 40), [40, 20]),
    ("members", "&per=post", "Members", (None, None, 40, 40, 40), [40, 20]),
]


@pytest.mark.parametrize(("metric", "per", "name", "values", "totals"), _DRAWN)
def test_every_measure_in_all_and_per_post(
    metric: str,
    per: str,
    name: str,
    values: tuple[float | None, ...],
    totals: list[float],
    pair: list[Channel],
    client_of: ClientOf,
) -> None:
    answer = client_of("viewer").get(address(pair, f"&metric={metric}{per}"))
    chart = answer.context["found"].chart
    assert (chart.name, answer.context["metric"]) == (name, metric)
    assert chart.lines[0].values[-5:] == values
    assert [line.total for line in chart.lines] == totals
    assert name in answer.text


def test_members_are_those_last_seen(pair: list[Channel], client_of: ClientOf) -> None:
    chart = found(client_of("viewer"), pair, "&metric=members").chart
    assert chart.lines[0].values[-4:] == (None, 40, 40, 40)


def test_wider_bars_add_up(pair: list[Channel], client_of: ClientOf) -> None:
    chart = found(client_of("viewer"), pair, "&range=1y").chart
    assert sum(value or 0 for value in chart.lines[0].values) == 8
    assert len(chart.points) in {53, 54}


def test_what_is_compared_stays_when_the_range_changes(
    pair: list[Channel], client_of: ClientOf
) -> None:
    answer = client_of("viewer").get(address(pair, "&metric=views&per=post"))
    page = answer.content.decode()
    keys = "&amp;".join(f"channel={channel.pk}" for channel in pair)
    assert f'href="?{keys}&amp;metric=views&amp;per=post&amp;range=90d"' in page
    zoom = answer.context["found"].chart.zoom
    assert zoom == address(pair, "&metric=views&per=post&range=custom&")


def test_one_channel_is_not_enough(pair: list[Channel], client_of: ClientOf) -> None:
    client = client_of("viewer")
    assert "Choose two channels or more" in client.get("/compare/").content.decode()
    assert "Choose one more channel" in client.get(address(pair[:1])).content.decode()


def test_more_than_six_are_cut(world: World, client_of: ClientOf) -> None:
    answer = client_of("viewer").get(address(world.channels[:8]))
    assert len(answer.context["channels"]) == 6


def test_the_same_one_twice_is_one(pair: list[Channel], client_of: ClientOf) -> None:
    twice = address([*pair, pair[0]], f"&channel=0{pair[1].pk}")
    assert client_of("viewer").get(twice).context["channels"] == pair


def test_a_stranger_gets_nothing(pair: list[Channel], world: World, client_of: ClientOf) -> None:
    client = client_of("stranger")
    own = make_channel(world.other)
    assert client.get(address([own, pair[0]])).status_code == 404
    assert client.get(address([own])).status_code == 200
    assert client.get("/compare/?channel=99999").status_code == 404


def test_removed_channels_are_left_out(pair: list[Channel], client_of: ClientOf) -> None:
    Channel.objects.filter(pk=pair[0].pk).update(removed_at=timezone.now())
    answer = client_of("viewer").get(address(pair))
    assert [channel.pk for channel in answer.context["channels"]] == [pair[1].pk]

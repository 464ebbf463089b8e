"""Live channels: the switch, the state, and news on a page that is looked at."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ingestion.calls.channels import save_channel
from ingestion.models import AccountListener, Channel, ChannelLive
from ingestion.records import ChannelKind, ChannelRecord
from ingestion.services import listening
from ingestion.services.listening import SILENCE, Standing
from tests.dashboard.world import World
from tests.factories import archive_messages, make_record
from tgadmin.lib.told import Told
from workspaces.models import AuditEvent


@pytest.fixture
def admin(world: World, client: Client) -> Client:
    client.force_login(world.people["admin"])
    return client


def standing(world: World) -> Standing:
    return listening.of([Channel.objects.get(pk=world.channel.pk)])[world.channel.pk].standing


class TestStandings:
    def test_what_is_heard_is_live(self, world: World) -> None:
        assert standing(world) == Standing.LIVE

    @pytest.mark.parametrize(
        ("listener", "channel", "expected"),
        [
            ({}, {"state": "polling"}, Standing.POLLING),
            ({}, {"state": "catching_up"}, Standing.CATCHING_UP),
            # Somebody else has the account: what happens meanwhile is caught up with.
            ({"state": "waiting"}, {}, Standing.CATCHING_UP),
            ({"state": "failing"}, {}, Standing.STOPPED),
            ({"seen_at": -2 * SILENCE}, {}, Standing.STOPPED),
            ({}, {"error_code": "X", "error": Told.of(["Refused."], {})}, Standing.STOPPED),
        ],
    )
    def test_and_else_it_says_what_it_is(
        self, world: World, listener: dict[str, Any], channel: dict[str, Any], expected: Standing
    ) -> None:
        if isinstance(listener.get("seen_at"), timedelta):
            listener = {"seen_at": timezone.now() + listener["seen_at"]}
        AccountListener.objects.update(**listener or {"pts": 1})
        ChannelLive.objects.update(**channel or {"pts": 1})
        assert standing(world) == expected

    @pytest.mark.parametrize("change", [{"live": False}, {"enabled": False}])
    def test_what_is_not_to_be_followed_is_off(self, world: World, change: dict[str, Any]) -> None:
        Channel.objects.filter(pk=world.channel.pk).update(**change)
        assert standing(world) == Standing.OFF

    def test_one_that_nobody_took_up_yet_is_not_heard(self, world: World) -> None:
        ChannelLive.objects.all().delete()
        assert standing(world) == Standing.STOPPED


class TestSwitch:
    def test_a_channel_is_switched_live_and_off_again(self, world: World, admin: Client) -> None:
        address = reverse("channel-follow", args=[world.channel.pk])
        for live in (False, True):
            admin.post(address, {"live": "1" if live else ""})
            world.channel.refresh_from_db()
            assert world.channel.live is live
        actions = AuditEvent.objects.values_list("action", flat=True)
        assert {"channel.live", "channel.not_live"} <= set(actions)

    def test_many_at_once(self, world: World, admin: Client) -> None:
        ids = [channel.pk for channel in world.channels[:3]]
        answer = admin.post(reverse("channels-bulk"), {"act": "live", "id": ids}, follow=True)
        assert "2 channels are archived as they happen" in answer.content.decode()
        assert Channel.objects.filter(live=True).count() == 3
        admin.post(reverse("channels-bulk"), {"act": "not_live", "id": ids})
        assert not Channel.objects.filter(live=True).exists()

    def test_what_new_channels_begin_with(self, world: World, client: Client) -> None:
        client.force_login(world.people["owner"])
        fields = {"name": "City desk", "time_zone": "UTC", "default_live": "on"}
        client.post(reverse("settings-save"), fields)
        world.workspace.refresh_from_db()
        assert world.workspace.default_live
        world.account.refresh_from_db()
        record = ChannelRecord(-1009999, 5, ChannelKind.BROADCAST, "Fresh")
        assert save_channel(world.account, record).live


class TestPages:
    def test_the_channel_and_the_list_say_it(self, world: World, admin: Client) -> None:
        page = admin.get(reverse("channel", args=[world.channel.pk])).content.decode()
        assert "data-following" in page
        assert "Last event" in page
        assert 'name="live" value="1" aria-pressed="true"' in page
        assert "radio-tower" in admin.get(reverse("channels")).content.decode()

    def test_a_channel_that_is_not_live_loads_nothing_for_it(
        self, world: World, admin: Client
    ) -> None:
        Channel.objects.update(live=False)
        page = admin.get(reverse("channel", args=[world.channel.pk])).content.decode()
        assert "data-following" not in page
        assert "live.js" not in page

    def test_the_list_of_its_messages_follows_it_while_it_is_the_whole_list(
        self, world: World, admin: Client
    ) -> None:
        address = f"{reverse('messages')}?channel={world.channel.pk}"
        assert "data-following" in admin.get(address).content.decode()
        assert "data-following" not in admin.get(f"{address}&q=harbour").content.decode()
        assert "data-following" not in admin.get(reverse("messages")).content.decode()

    def test_the_status_page_counts_them(self, world: World, client: Client) -> None:
        client.force_login(world.people["owner"])
        assert "Live channels" in client.get(reverse("status")).content.decode()
        assert client.get(reverse("status-json")).json()["live"] == {"live": 1}


class TestNews:
    def address(self, world: World, seen: int) -> str:
        return f"{reverse('channel-news', args=[world.channel.pk])}?seen={seen}"

    def post(self, world: World, count: int) -> int:
        """So many new messages; the id of the newest one before them."""
        top = Channel.objects.get(pk=world.channel.pk).top_id
        records = [make_record(top + 1 + number) for number in range(count)]
        archive_messages(world.channel, records)
        return top

    def test_nothing_is_said_before_something_comes(self, world: World, admin: Client) -> None:
        seen = Channel.objects.get(pk=world.channel.pk).top_id
        answer = admin.get(self.address(world, seen))
        assert answer.status_code == 200
        assert "new message" not in answer.content.decode()
        again = admin.get(self.address(world, seen), headers={"If-None-Match": answer["ETag"]})
        assert again.status_code == 304
        assert not again.content

    def test_what_came_is_counted_and_leads_to_the_list(self, world: World, admin: Client) -> None:
        seen = self.post(world, 3)
        before = admin.get(self.address(world, seen + 3))
        answer = admin.get(self.address(world, seen), headers={"If-None-Match": before["ETag"]})
        assert "3 new messages" in answer.content.decode()
        assert f"{reverse('messages')}?channel={world.channel.pk}" in answer.content.decode()

    def test_what_is_gone_already_is_no_news(self, world: World, admin: Client) -> None:
        seen = self.post(world, 2)
        world.channel.messages.filter(message_id=seen + 1).update(deleted_at=timezone.now())
        assert "1 new message" in admin.get(self.address(world, seen)).content.decode()

    def test_very_many_are_not_counted(self, world: World, admin: Client) -> None:
        seen = self.post(world, 120)
        answer = admin.get(self.address(world, seen)).content.decode()
        assert "More than 99 new messages" in answer

    def test_it_ends_with_the_following(self, world: World, admin: Client) -> None:
        Channel.objects.update(live=False)
        assert admin.get(self.address(world, 0)).status_code == 286

    @pytest.mark.parametrize("seen", ["", "x", "-5", "9" * 40])
    def test_nonsense_counts_from_the_beginning(
        self, world: World, admin: Client, seen: str
    ) -> None:
        address = reverse("channel-news", args=[world.channel.pk])
        assert admin.get(f"{address}?seen={seen}").status_code == 200

    def test_it_asks_little(
        self, world: World, admin: Client, django_assert_max_num_queries: Any
    ) -> None:
        seen = self.post(world, 3)
        admin.get(self.address(world, seen))
        with django_assert_max_num_queries(7):
            admin.get(self.address(world, seen))

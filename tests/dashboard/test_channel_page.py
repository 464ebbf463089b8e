"""A channel's page: what it was, what is missing and why, what was posted when, and its presses."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.gaps import Stretch, stretches
from ingestion import coverage
from ingestion.models import Channel, Coverage, Message, Quarantine, SyncRun
from ingestion.services import runs as service
from tests.dashboard.past import give_past
from tests.dashboard.world import JPEG, PHOTO, World
from tgadmin.lib.ranges import IdRanges

ClientOf = Callable[[str], Client]


@pytest.fixture
def page_of(world: World, client_of: ClientOf) -> Callable[..., str]:
    def ask(channel: Channel | None = None, query: str = "", role: str = "owner") -> str:
        cache.clear()
        answer = client_of(role).get(f"/channels/{(channel or world.channel).pk}/{query}")
        return str(answer.content.decode())

    return ask


PageOf = Callable[..., str]


class TestPast:
    def test_the_photo_of_now_and_what_it_was_before(self, world: World, page_of: PageOf) -> None:
        give_past(world)
        page = page_of()
        assert f'src="/channels/{world.channel.pk}/photo/{PHOTO}/"' in page
        assert "3 earlier changes" in page
        assert '<p dir="auto">Городские заметки</p>' in page
        assert '<p dir="auto">Заметки о городе.</p>' in page
        assert f'src="/channels/{world.channel.pk}/photo/{PHOTO - 1}/" alt="Earlier photo"' in page

    def test_initials_where_no_photo_was_kept(self, world: World, page_of: PageOf) -> None:
        world.channel.photo_id = 99
        world.channel.save()
        page = page_of()
        assert "/photo/" not in page
        assert ">ХГ</span>" in page

    def test_a_photo_never_changes_at_its_address(self, world: World, client_of: ClientOf) -> None:
        answer = client_of("viewer").get(f"/channels/{world.channel.pk}/photo/{PHOTO}/")
        assert answer.content == JPEG
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["Cache-Control"] == "private, max-age=31536000, immutable"

    def test_a_photo_of_another_channel_is_not_there(
        self, world: World, client_of: ClientOf
    ) -> None:
        other = world.channels[1]
        assert client_of("owner").get(f"/channels/{other.pk}/photo/{PHOTO}/").status_code == 404

    def test_tags_lead_to_the_channels_that_have_them(self, world: World, page_of: PageOf) -> None:
        give_past(world)
        assert 'href="/channels/?tag=city"' in page_of()

    @pytest.mark.parametrize(
        ("place", "web", "app"),
        [
            (0, "https://t.me/city_chronicle", "tg://resolve?domain=city_chronicle&amp;post=83412"),
            (4, "https://t.me/c/104", "tg://privatepost?channel=104&amp;post=88911"),
        ],
    )
    def test_it_can_be_opened_in_telegram(
        self, place: int, web: str, app: str, world: World, page_of: PageOf
    ) -> None:
        page = page_of(world.channels[place])
        assert f'href="{web}"' in page
        assert f'href="{app}"' in page


class TestWhatIsMissing:
    def test_when_it_was_posted_is_known_from_its_neighbours(self, world: World) -> None:
        channel = world.channels[1]
        newest = Message.objects.filter(channel=channel).order_by("-message_id")
        first, last = newest[4], newest[1]
        Message.objects.filter(
            channel=channel, message_id__gt=first.message_id, message_id__lt=last.message_id
        ).delete()
        low, high = first.message_id + 1, last.message_id - 1
        top = channel.top_id
        assert coverage.posted(channel, [(low, high), (top + 1, top + 9), (1, 2)]) == [
            (first.date, last.date),
            (newest[0].date, None),
            (None, newest.reverse()[0].date),
        ]

    @pytest.mark.parametrize(
        ("before", "after", "words"),
        [
            ("2022-11-03", "2023-01-20", "Nov 2022 – Jan 2023"),
            ("2018-11-03", "2018-11-20", "Nov 2018"),
            ("2018-11-03", None, "since Nov 2018"),
            (None, "2018-11-03", "before Nov 2018"),
            (None, None, ""),
        ],
    )
    def test_it_is_told_in_months(self, before: str | None, after: str | None, words: str) -> None:
        ends = [
            datetime.fromisoformat(f"{day}T12:00:00+00:00") if day else None
            for day in (before, after)
        ]
        assert Stretch("never", 1, 9, posted=(ends[0], ends[1])).when == words

    def test_what_could_not_be_read_is_named_with_its_error(
        self, world: World, page_of: PageOf
    ) -> None:
        give_past(world)
        page = page_of()
        assert "1 record could not be read." in page
        row = re.search(r"<tr><th[^>]*>(?:(?!</tr>).)*46,200</bdi>.*?</tr>", page, re.DOTALL)
        assert row
        assert "Could not be read" in row[0]
        assert "TypeNotFoundError: 0x5f1c2d3e" in row[0]

    def test_a_gap_is_split_where_a_record_could_not_be_read(self, world: World) -> None:
        give_past(world)
        report = coverage.report(world.channel)
        found = stretches(report, [], list(Quarantine.objects.all()))
        assert {(row.kind, row.low, row.high) for row in found.rows} >= {
            ("never", 46_112, 46_199),
            ("broken", 46_200, 46_200),
            ("never", 46_201, 48_211),
        }

    def test_an_active_backfill_says_how_far_it_is(self, world: World, page_of: PageOf) -> None:
        page = page_of()
        assert "Filling, 72%" in page  # 1,512 of 2,100
        assert "Filling, 0%" in page
        assert "Ask now" not in page

    def test_without_one_each_gap_can_be_asked_for(self, world: World, page_of: PageOf) -> None:
        SyncRun.objects.filter(pk=world.run.pk).update(state="done")
        page = page_of()
        assert page.count(">Ask now<") == 3
        assert '<input type="hidden" name="low" value="46112">' in page

    def test_a_viewer_is_shown_no_action(self, world: World, page_of: PageOf) -> None:
        SyncRun.objects.filter(pk=world.run.pk).update(state="done")
        assert "Ask now" not in page_of(role="viewer")

    def test_absent_stretches_are_looked_for_among_the_newest_ids(
        self, world: World, monkeypatch: pytest.MonkeyPatch, page_of: PageOf
    ) -> None:
        channel = world.channels[1]
        monkeypatch.setattr(coverage, "ABSENT_WINDOW", 1000)
        found = coverage.absent_ranges(channel)
        assert found == [(channel.top_id - 999, channel.top_id - 12)]
        assert "among the newest 1,000 ids" in page_of(channel)

    def test_they_are_looked_for_again_only_when_something_was_archived(
        self, world: World, client_of: ClientOf
    ) -> None:
        channel = world.channels[2]
        client = client_of("owner")
        cache.clear()
        asked = []
        for _ in range(3):
            with CaptureQueriesContext(connection) as queries:
                client.get(f"/channels/{channel.pk}/")
            asked.append(any("lead(message_id)" in query["sql"] for query in queries))
            if len(asked) == 2:
                Coverage.objects.filter(channel=channel).update(ranges=IdRanges.span(1, 28_700))
        assert asked == [True, False, True]


class TestAsking:
    def ask(self, client: Client, channel: Channel, low: object, high: object) -> str:
        address = f"/channels/{channel.pk}/ask/"
        answer = client.post(address, {"low": low, "high": high}, follow=True)
        return str(answer.content.decode())

    def test_a_run_is_made_for_what_of_it_is_missing(
        self, world: World, client_of: ClientOf, valkey: object
    ) -> None:
        channel = world.channels[4]
        page = self.ask(client_of("analyst"), channel, 2000, 3000)
        run = SyncRun.objects.get(channel=channel)
        assert run.kind == "backfill"
        assert run.planned == IdRanges.span(2600, 3000)
        assert run.requested_by == world.people["analyst"]
        assert "The ids 2,000 – 3,000 are asked for now." in page

    def test_what_is_archived_is_not_asked_for(
        self, world: World, client_of: ClientOf, valkey: object
    ) -> None:
        channel = world.channels[4]
        assert "in the meantime" in self.ask(client_of("analyst"), channel, 1, 100)
        assert not SyncRun.objects.filter(channel=channel).exists()

    @pytest.mark.parametrize("nonsense", ["", "x", "-4", "9" * 30])
    def test_nonsense_asks_for_nothing(
        self, nonsense: str, world: World, client_of: ClientOf, valkey: object
    ) -> None:
        assert "in the meantime" in self.ask(
            client_of("analyst"), world.channels[4], nonsense, nonsense
        )

    def test_an_active_backfill_is_not_joined_by_a_second(self, world: World) -> None:
        made = service.ask_for(channel=world.channel, low=12_401, high=12_500)
        assert made == world.run

    def test_one_kind_of_run_can_be_pressed_alone(
        self, world: World, client_of: ClientOf, valkey: object
    ) -> None:
        channel = world.channels[4]
        client_of("analyst").post(f"/channels/{channel.pk}/sync/", {"kind": "refresh"})
        assert [run.kind for run in SyncRun.objects.filter(channel=channel)] == ["refresh"]


class TestActivity:
    def test_the_chart_and_the_calendar_hold_the_days(self, world: World, page_of: PageOf) -> None:
        give_past(world)
        page = page_of()
        assert 'data-plot="chart-activity"' in page
        assert "12 messages in 53 weeks" in page

    def test_the_range_of_the_address_is_kept_by_the_ranking(
        self, world: World, page_of: PageOf
    ) -> None:
        give_past(world)
        page = page_of(query="?range=7d&top=forwards")
        assert '<a href="?top=forwards&amp;range=7d" aria-current="true">7d</a>' in page
        assert "?range=7d&amp;top=reactions#top" in page

    def test_the_best_posts_are_ranked(self, world: World, page_of: PageOf) -> None:
        give_past(world)
        listed = re.findall(r'class="best-t" href="([^"]+)"', page_of(query="?top=reactions"))
        reacted = [m for m in range(12) if m % 2]
        top = world.channel.top_id
        assert len(listed) == 5
        assert set(listed) <= {
            f"/channels/{world.channel.pk}/messages/{top - place}/" for place in reacted
        }

    def test_a_time_without_messages_says_where_there_are_some(
        self, world: World, page_of: PageOf
    ) -> None:
        give_past(world)
        day = (timezone.localdate() - timedelta(days=900)).isoformat()
        page = page_of(query=f"?range=custom&from={day}&to={day}")
        assert "Nothing was posted in this time" in page
        assert 'href="?range=all#activity"' in page

    def test_a_channel_that_was_never_synced_is_a_whole_page(
        self, world: World, page_of: PageOf
    ) -> None:
        page = page_of(world.channels[-1])
        assert "Nothing is known before the first sync." in page
        assert "Nothing archived yet" in page
        assert 'id="activity"' not in page  # nothing to draw, and no empty drawings
        assert 'id="exports"' not in page

    def test_a_page_made_without_charts_comes_anew_with_the_first_messages(
        self, world: World, client_of: ClientOf
    ) -> None:
        client = client_of("owner")
        never = f"/channels/{world.channels[-1].pk}/live/?seen=0&empty=1"
        assert "HX-Refresh" not in client.get(never)
        synced = f"/channels/{world.channel.pk}/live/?seen=0"
        assert client.get(f"{synced}&empty=1")["HX-Refresh"] == "true"
        assert "HX-Refresh" not in client.get(synced)

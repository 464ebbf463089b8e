"""Whose language, whose numbers, whose time."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone, translation

from dashboard import media, states, wording
from ingestion.models import Channel
from tests.dashboard.world import World
from tgadmin.management import catalogue

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

ClientOf = Callable[[str], Client]


def html(client: Client, address: str = "/", **headers: str) -> str:
    return client.get(address, headers=headers).content.decode()


def test_a_browser_that_asks_for_russian_gets_it_before_anybody_signs_in(client: Client) -> None:
    assert '<html lang="ru" dir="ltr">' in html(client, "/login/", accept_language="ru,en;q=0.5")
    assert '<html lang="en" dir="ltr">' in html(client, "/login/", accept_language="de")


def test_languages_are_called_as_in_themselves(client: Client) -> None:
    page = html(client, "/login/", accept_language="ru")
    assert ">English</button>" in page
    assert ">Русский</button>" in page


def test_the_persons_language_goes_before_the_browsers(world: World, client_of: ClientOf) -> None:
    world.people["viewer"].language = "ru"
    world.people["viewer"].save()
    assert '<html lang="ru"' in html(client_of("viewer"), accept_language="en")
    assert '<html lang="en"' in html(client_of("analyst"), accept_language="en")


def test_a_language_that_went_away_is_as_none(world: World, client_of: ClientOf) -> None:
    world.people["viewer"].language = "tlh"
    world.people["viewer"].save()
    assert '<html lang="en"' in html(client_of("viewer"))


@pytest.mark.parametrize(
    ("own", "workspace", "clock"),
    [
        ("Asia/Tokyo", "Europe/Lisbon", "21:00:00 JST"),
        ("", "America/New_York", "07:00:00 EST"),
        ("Nowhere/Atlantis", "Asia/Tokyo", "12:00:00 UTC"),
        ("", "..", "12:00:00 UTC"),
    ],
)
def test_times_are_those_of_the_person_else_of_the_workspace(
    own: str, workspace: str, clock: str, world: World, client_of: ClientOf
) -> None:
    world.people["viewer"].time_zone = own
    world.people["viewer"].save()
    world.workspace.time_zone = workspace
    world.workspace.save()
    world.run.started_at = NOW
    world.run.save()
    assert clock in html(client_of("viewer"), f"/runs/{world.run.pk}/")


def test_the_time_zone_is_of_the_workspace_that_the_page_is_about(
    world: World, client_of: ClientOf
) -> None:
    stranger = world.people["stranger"]
    stranger.memberships.create(workspace=world.workspace, role="viewer")
    world.workspace.time_zone, world.other.time_zone = "Asia/Tokyo", "America/New_York"
    world.workspace.save()
    world.other.save()
    client = client_of("stranger")
    client.post(f"/workspaces/{world.other.pk}/enter/")
    assert "JST" in html(client, f"/runs/{world.run.pk}/")


def test_a_request_leaves_nothing_of_its_language_behind(client: Client) -> None:
    html(client, "/login/", accept_language="ru")
    assert translation.get_language() == "en"
    assert timezone.get_current_timezone_name() == "UTC"


def test_numbers_in_russian() -> None:
    with translation.override("ru"):
        assert wording.number(12_345) == "12\xa0345"
        assert wording.compact(3_400_000) == "3,4\xa0млн"
        assert wording.compact(11_249) == "11,2\xa0тыс."
        assert wording.percent(99.96) == "99,9\xa0%"
        assert wording.size(1_460_000) == "1,5\xa0МБ"


def test_times_in_russian() -> None:
    with translation.override("ru"):
        assert wording.day(NOW, NOW) == "21 ноя"
        assert wording.full_day(NOW) == "21 ноя 2026 г."
        assert wording.exact(NOW) == "21 ноя 2026 г., 12:00:00 UTC"
        assert wording.duration(7500) == "2\xa0ч 5\xa0мин"
        assert wording.ago(NOW - timedelta(seconds=40), NOW) == "40\xa0с назад"


@pytest.mark.parametrize(
    ("days", "words"), [(2, "2 дня назад"), (5, "5 дней назад"), (1, "вчера"), (-3, "через 3 дня")]
)
def test_russian_has_three_plurals(days: int, words: str) -> None:
    with translation.override("ru"):
        assert wording.ago(NOW - timedelta(days=days), NOW) == words


def test_a_machine_that_asks_how_it_is_needs_no_person(client_of: ClientOf) -> None:
    assert "Content-Language" not in client_of("owner").get("/healthz").headers


def test_no_mark_goes_by_a_name_that_the_catalogue_does_not_look_for() -> None:
    alias = re.compile(r"import n?p?gettext(?:_lazy)? as (?!_\b)\w+")
    files = (file for app in catalogue.APPS for file in (settings.BASE_DIR / app).rglob("*.py"))
    assert [str(f) for f in files if alias.search(f.read_text(encoding="utf-8"))] == []


def test_a_synced_channel_and_a_video_are_called_so_in_russian() -> None:
    channel = Channel(last_synced_at=NOW)
    with translation.override("ru"):
        assert states.of_channel(channel, None, None).word == "Загружен"
        assert str(media.KINDS["video"][1]) == "Видео"

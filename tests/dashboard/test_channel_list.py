"""Finding, ordering, tagging and pressing many channels."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from archive.models import ChannelDay
from dashboard.channels.filters import KIND_WORDS
from ingestion.coverage import completeness, reports
from ingestion.models import Channel, SyncRun
from ingestion.records import ChannelKind
from tests.dashboard.world import World

ClientOf = Callable[[str], Client]


def titles(client: Client, query: str = "") -> list[str]:
    return [row.channel.title for row in client.get(f"/channels/{query}").context["rows"]]


def over_pages(client: Client, query: str) -> list[list[str]]:
    """The titles of every page, by following Next."""
    pages = []
    address = f"/channels/{query}"
    while address:
        answer = client.get(address)
        pages.append([row.channel.title for row in answer.context["rows"]])
        found = re.search(r'rel="next" href="([^"]+)"', answer.content.decode())
        address = "/channels/" + found[1].replace("&amp;", "&") if found else ""
    return pages


@pytest.fixture
def three_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.views.channels.LIMIT", 3)


@pytest.mark.usefixtures("three_a_page")
@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize(
    "sort", ["title", "messages", "activity", "completeness", "synced", "members"]
)
def test_every_order_goes_on_over_pages_and_leaves_none_out(
    sort: str, sign: str, world: World, client_of: ClientOf
) -> None:
    ChannelDay.objects.all().delete()
    for number, channel in enumerate(world.channels[:4]):
        ChannelDay.objects.create(
            channel=channel,
            day=timezone.now().date(),
            messages=number % 2,  # equal ones are told apart by their keys
            hours=[0] * 24,
        )
    found = reports(world.channels)
    values: dict[str, Callable[[Channel], Any]] = {
        "title": lambda channel: channel.title.lower(),
        "messages": lambda channel: found[channel.pk].messages,
        "activity": lambda channel: sum(day.messages for day in channel.days.all()),
        "completeness": lambda channel: found[channel.pk].percent,
        "synced": lambda channel: channel.last_synced_at or timezone.now() - timedelta(days=9),
        "members": lambda channel: channel.members or -1,
    }
    wanted = sorted(
        world.channels,
        key=lambda channel: (values[sort](channel), channel.pk),
        reverse=sign == "-",
    )
    pages = over_pages(client_of("viewer"), f"?sort={sign}{sort}")
    assert [len(page) for page in pages] == [3, 3, 3]
    assert [title for page in pages for title in page] == [channel.title for channel in wanted]


def test_nothing_is_claimed_of_a_basic_group(world: World, client_of: ClientOf) -> None:
    Channel.objects.update(kind="basic_group")
    page = client_of("viewer").get("/channels/").content.decode()
    cells = re.findall(r'<td data-l="Completeness">(.*?)</td>', page)
    assert cells
    assert all("no claim" in cell and "%" not in cell for cell in cells)


@pytest.mark.usefixtures("three_a_page")
def test_previous_leads_back_to_the_page_before(world: World, client_of: ClientOf) -> None:
    client = client_of("viewer")
    first = titles(client, "?sort=-members")
    page = client.get("/channels/?sort=-members").context["found"]
    second = client.get("/channels/", {"sort": "-members", "after": page.following})
    assert [row.channel.title for row in second.context["rows"]] != first
    back = client.get(
        "/channels/", {"sort": "-members", "before": second.context["found"].previous}
    )
    assert [row.channel.title for row in back.context["rows"]] == first
    assert not back.context["found"].previous


@pytest.mark.parametrize(
    "query",
    ["?sort=nonsense", "?after=x", "?after=1:", "?sort=synced&after=1:x", "?after=9:%00",
     "?sort=messages&before=:9", "?state=x&kind=y", "?sort=-synced&after=1:999999999999999999"],
)  # fmt: skip
def test_an_address_that_makes_no_sense_is_the_list(
    query: str, world: World, client_of: ClientOf
) -> None:
    assert client_of("viewer").get(f"/channels/{query}").status_code == 200


def test_completeness_in_sql_is_that_of_the_reports(world: World) -> None:
    found = reports(world.channels)
    for channel in Channel.objects.annotate(millionths=completeness()):
        assert channel.millionths / 10_000 == pytest.approx(found[channel.pk].percent, abs=0.1)


def test_words_are_looked_for_in_title_name_and_notes(world: World, client_of: ClientOf) -> None:
    Channel.objects.filter(pk=world.channels[2].pk).update(notes="Asked the harbour for it")
    client = client_of("viewer")
    assert titles(client, "?q=ХРОНИКА") == ["Хроника города"]
    assert titles(client, "?q=@medbull") == ["نشرة البحر المتوسط"]
    assert set(titles(client, "?q=harbour")) == {"Harbour Traffic Alerts", "Open Maps Daily"}
    assert titles(client, "?q=harbour+asked") == ["Open Maps Daily"]
    assert titles(client, "?q=100%25") == []


@pytest.mark.parametrize("kind", ChannelKind)
def test_the_list_is_narrowed_to_each_kind_of_channel(
    kind: ChannelKind, world: World, client_of: ClientOf
) -> None:
    Channel.objects.exclude(pk=world.channel.pk).update(
        kind=next(other for other in ChannelKind if other != kind)
    )
    Channel.objects.filter(pk=world.channel.pk).update(kind=kind)
    answer = client_of("viewer").get(f"/channels/?kind={kind}")
    assert [row.channel for row in answer.context["rows"]] == [world.channel]
    assert f'<option value="{kind}" selected>{KIND_WORDS[kind]}</option>' in answer.text
    assert answer.text.count('class="chip"') == 1


def test_kinds_and_tags_narrow_the_list_and_stand_as_chips(
    world: World, client_of: ClientOf
) -> None:
    Channel.objects.filter(pk=world.channels[0].pk).update(tags=["news", "port"])
    Channel.objects.filter(pk=world.channels[1].pk).update(tags=["news"])
    client = client_of("viewer")
    assert titles(client, "?kind=supergroup") == ["Field Recordings Club"]
    assert set(titles(client, "?tag=news")) == {"Хроника города", "نشرة البحر المتوسط"}
    assert titles(client, "?tag=news&tag=port") == ["Хроника города"]
    page = client.get("/channels/?tag=news&tag=port&q=х&kind=broadcast").content.decode()
    assert page.count('class="chip"') == 4
    assert 'href="?q=%D1%85&amp;kind=broadcast&amp;tag=port"' in page
    assert 'class="tag" href="?tag=port"' in client.get("/channels/").content.decode()


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        ("running", {"Хроника города"}),
        ("attention", {"Harbour Traffic Alerts", "Кинозал 1960"}),
        ("paused", {"开源周报", "Open Maps Daily"}),
        ("new", {"Slow Radio Archive"}),
        ("idle", set()),
        ("scheduled", {"نشرة البحر المتوسط", "Field Recordings Club", "دفترچهٔ آشپزخانه"}),
    ],
)
def test_each_state_holds_its_channels_and_says_how_many(
    state: str, wanted: set[str], world: World, client_of: ClientOf
) -> None:
    Channel.objects.filter(title="Open Maps Daily").update(enabled=False)
    answer = client_of("viewer").get(f"/channels/?state={state}")
    assert {row.channel.title for row in answer.context["rows"]} == wanted
    assert answer.context["counts"].get(state, 0) == len(wanted)
    assert sum(answer.context["counts"].values()) == len(world.channels)


def test_nothing_that_fits_says_how_to_go_on(world: World, client_of: ClientOf) -> None:
    page = client_of("viewer").get("/channels/?q=zzz").content.decode()
    assert "No channel fits" in page
    assert "Show all channels" in page


def test_thirty_days_are_a_line_with_words(world: World, client_of: ClientOf) -> None:
    ChannelDay.objects.all().delete()
    ChannelDay.objects.create(
        channel=world.channel, day=timezone.now().date(), messages=7, hours=[7] + [0] * 23
    )
    page = client_of("viewer").get("/channels/?q=Хроника").content.decode()
    assert "7 messages in 30 days" in page
    assert '<path class="l" d="M0.0 29.0L' in page


def press(client: Client, act: str, *channels: Channel, **more: Any) -> Any:
    data = {"act": act, "id": [channel.pk for channel in channels], **more}
    return client.post("/channels/bulk/", data, follow=True)


def test_many_are_synced_at_once_and_refusals_are_told(world: World, client_of: ClientOf) -> None:
    free, off, keyless = world.channels[1], world.channels[2], world.channels[5]
    Channel.objects.filter(pk=off.pk).update(enabled=False)
    keyless.accesses.all().delete()
    Channel.objects.filter(pk=keyless.pk).update(username="")
    page = press(client_of("analyst"), "sync", free, off, keyless).content.decode()
    assert SyncRun.objects.filter(channel=free, state="queued").count() == 3
    assert "The sync of 1 channel was asked for." in page
    assert "is switched off" in page
    assert "No account can read" in page


def test_many_are_paused_and_resumed(world: World, client_of: ClientOf) -> None:
    client = client_of("analyst")
    moving, resting = world.channels[6], world.channels[1]
    page = press(client, "pause", moving, resting).content.decode()
    assert "What goes on was paused for 1 channel." in page
    assert SyncRun.objects.get(channel=moving).state == "paused"
    press(client, "resume", moving, resting)
    assert SyncRun.objects.get(channel=moving).state == "queued"


def test_many_are_scheduled(world: World, client_of: ClientOf) -> None:
    client = client_of("admin")
    chosen = world.channels[:3]
    press(client, "schedule", *chosen, minutes="90")
    rows = Channel.objects.filter(pk__in=[channel.pk for channel in chosen])
    assert set(rows.values_list("sync_every_minutes", flat=True)) == {90}
    press(client, "schedule", *chosen, minutes="")
    assert set(rows.values_list("next_run_at", flat=True)) == {None}
    page = press(client, "schedule", *chosen, minutes="0").content.decode()
    assert "At least one minute." in page


def test_tags_are_given_and_taken(world: World, client_of: ClientOf) -> None:
    client = client_of("admin")
    press(client, "tag", *world.channels[:2], tag="News, port")
    assert set(titles(client, "?tag=News&tag=port")) == {"Хроника города", "نشرة البحر المتوسط"}
    page = press(client, "untag", *world.channels[:3], tag="NEWS").content.decode()
    assert "The tag was taken from 2 channels." in page
    assert titles(client, "?tag=News") == []
    assert "Type the tag first." in press(client, "tag", world.channel, tag="").content.decode()
    assert "too long" in press(client, "tag", world.channel, tag="x" * 41).content.decode()


def test_removing_many_asks_first_and_says_how_many(world: World, client_of: ClientOf) -> None:
    client = client_of("admin")
    chosen = world.channels[:2]
    asked = press(client, "remove", *chosen).content.decode()
    assert "Remove 2 channels?" in asked
    assert "<bdi>نشرة البحر المتوسط</bdi>" in asked
    assert not Channel.objects.exclude(removed_at=None).exists()
    page = press(client, "remove", *chosen, confirmed="1").content.decode()
    assert "2 channels were removed. Their messages are kept." in page
    assert Channel.objects.exclude(removed_at=None).count() == 2


def test_a_removal_is_undone_with_the_schedules(world: World, client_of: ClientOf) -> None:
    client = client_of("admin")
    page = press(client, "remove", *world.channels[:2], confirmed="1").content.decode()
    keys = re.findall(r'name="id" value="(\d+)"', page[: page.index("<h1>")])
    assert len(keys) == 2
    answer = client.post("/channels/restore/", {"id": keys}, follow=True).content.decode()
    assert "2 channels are back on the list." in answer
    world.channel.refresh_from_db()
    assert world.channel.removed_at is None
    assert world.channel.sync_every_minutes == 15
    assert world.channel.next_run_at is not None
    assert "were removed" not in client.get("/channels/").content.decode()  # told once


def test_removed_channels_have_a_list_with_a_way_back(world: World, client_of: ClientOf) -> None:
    admin = client_of("admin")
    press(admin, "remove", world.channel, confirmed="1")
    assert titles(admin, "?show=removed") == ["Хроника города"]
    page = admin.get("/channels/?show=removed").content.decode()
    assert "Restore Хроника города" in page
    for role in ("analyst", "viewer"):
        seen = client_of(role).get("/channels/?show=removed").content.decode()
        assert "Restore Хроника города" not in seen
        assert 'name="id"' not in seen


def test_all_that_fit_are_meant_when_so_ticked(world: World, client_of: ClientOf) -> None:
    client = client_of("admin")
    press(client, "tag", all="1", back="kind=supergroup", tag="groups")
    assert titles(client, "?tag=groups") == ["Field Recordings Club"]


def test_a_press_comes_back_to_the_list_as_it_was(world: World, client_of: ClientOf) -> None:
    answer = client_of("analyst").post(
        "/channels/bulk/", {"act": "pause", "id": world.channel.pk, "back": "q=harbour&sort=-title"}
    )
    assert answer["Location"] == "/channels/?q=harbour&sort=-title"


def test_nothing_ticked_is_told(world: World, client_of: ClientOf) -> None:
    assert "Nothing was ticked." in press(client_of("analyst"), "sync").content.decode()


@pytest.mark.parametrize("act", ["schedule", "tag", "untag", "remove"])
def test_an_analyst_changes_no_channel(act: str, world: World, client_of: ClientOf) -> None:
    assert press(client_of("analyst"), act, world.channel, tag="x").status_code == 403
    page = client_of("analyst").get("/channels/").content.decode()
    assert f'value="{act}"' not in page


def test_a_viewer_is_offered_no_ticks(world: World, client_of: ClientOf) -> None:
    assert 'name="id"' not in client_of("viewer").get("/channels/").content.decode()


def test_channels_of_another_workspace_are_not_found(world: World, client_of: ClientOf) -> None:
    client = client_of("stranger")
    assert press(client, "sync", world.channel).status_code == 404
    assert client.post("/channels/restore/", {"id": world.channel.pk}).status_code == 404


def test_more_at_once_than_a_page_can_wait_for_are_refused(
    world: World, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.views.channel_bulk.MOST", 2)
    page = press(client_of("analyst"), "sync", *world.channels[:3]).content.decode()
    assert "more than 2 channels" in page


@pytest.mark.parametrize("sort", ["title", "messages", "completeness", "synced", "members"])
@pytest.mark.parametrize("value", ["-99999999999999999", "999999999999999999", "x", ""])
def test_a_place_that_was_made_up_is_no_error(
    sort: str, value: str, world: World, client_of: ClientOf
) -> None:
    client = client_of("viewer")
    for name in ("after", "before"):
        address = f"/channels/?sort={sort}&{name}={world.channel.pk}:{value}"
        assert client.get(address).status_code == 200

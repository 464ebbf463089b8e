"""Messages, runs and exports: lists, pages, search."""

from collections.abc import Callable

from django.test import Client
from django.utils import timezone

from archive.models import Export
from dashboard import keyset
from ingestion.models import FloodWait, Message, MessageRaw, Quarantine, SyncRun, WorkerHeartbeat
from tests.dashboard.world import World

ClientOf = Callable[[str], Client]


def test_found_words_are_marked(world: World, client_of: ClientOf) -> None:
    page = client_of("viewer").get("/messages/?q=ferry").content.decode()
    assert "<mark>ferry</mark>" in page
    assert "Open Maps Daily" in page
    assert "трамвай" not in page


def test_a_search_stays_in_its_channel(world: World, client_of: ClientOf) -> None:
    address = f"/messages/?q=ferry&channel={world.channels[2].pk}"
    answer = client_of("viewer").get(address)
    assert {card.channel.pk for card in answer.context["cards"]} == {world.channels[2].pk}


def test_nothing_found_says_what_to_do(world: World, client_of: ClientOf) -> None:
    page = client_of("viewer").get("/messages/?q=zzzz").content.decode()
    assert "No message has all of these words" in page


def test_a_reaction_is_no_edit(world: World, client_of: ClientOf) -> None:
    """A new reaction moves the edit date; Telegram says so with `edit_hide`."""
    edited = Message.objects.filter(edit_date__isnull=False, channel=world.channel).get()
    client = client_of("viewer")
    address = f"/channels/{world.channel.pk}/messages/{edited.message_id}/"
    assert "Edited" in client.get(address).content.decode()
    MessageRaw.objects.filter(message_id=edited.message_id).update(raw={"edit_hide": True})
    assert "Edited" not in client.get(address).content.decode()
    cards = client.get(f"/messages/?channel={world.channel.pk}").context["cards"]
    assert not any(card.edited for card in cards)


def test_a_message_has_its_versions_raw_record_and_neighbours(
    world: World, client_of: ClientOf
) -> None:
    number = world.message.message_id - 1
    page = client_of("viewer").get(f"/channels/{world.channel.pk}/messages/{number}/")
    text = page.content.decode()
    assert "Earlier versions" in text
    assert "&quot;_&quot;: &quot;Message&quot;" in text
    assert f"https://t.me/city_chronicle/{number}" in text
    assert (page.context["older"], page.context["newer"]) == (number - 1, number + 1)


def test_a_message_that_is_not_there_is_not_found(world: World, client_of: ClientOf) -> None:
    assert client_of("viewer").get(f"/channels/{world.channel.pk}/messages/1/").status_code == 404


def test_runs_are_paged_by_their_key(world: World) -> None:
    rows = SyncRun.objects.all()
    keys = list(rows.order_by("-pk").values_list("pk", flat=True))
    first = keyset.by_key(rows, before=None, after=None, limit=4)
    assert ([row.pk for row in first.rows], first.newer) == (keys[:4], None)
    second = keyset.by_key(rows, before=first.older, after=None, limit=4)
    assert [row.pk for row in second.rows] == keys[4:8]
    back = keyset.by_key(rows, before=None, after=second.newer, limit=4)
    assert ([row.pk for row in back.rows], back.newer) == (keys[:4], None)


def test_runs_are_filtered_by_state_and_channel(world: World, client_of: ClientOf) -> None:
    client = client_of("viewer")
    failed = client.get("/runs/?state=failed").context["found"].rows
    assert {run.state for run in failed} == {"failed"}
    mine = client.get(f"/runs/?channel={world.channels[6].pk}").context["found"].rows
    assert {run.channel_id for run in mine} == {world.channels[6].pk}
    assert client.get("/runs/?state=nonsense&before=x&after=%F0").status_code == 200


def test_a_press_leads_back_to_where_it_was_made(world: World, client_of: ClientOf) -> None:
    client = client_of("analyst")
    address = f"/runs/{world.run.pk}/pause/"
    assert client.post(address, {"back": "/"})["Location"] == "/"
    for away in ("https://evil.example/", "nowhere"):
        assert client.post(address, {"back": away})["Location"] == f"/runs/{world.run.pk}/"


def test_an_export_is_asked_for_once(world: World, client_of: ClientOf) -> None:
    client = client_of("analyst")
    form = {"channel": world.channels[1].pk, "format": "jsonl", "with_deleted": "on"}
    for _ in range(2):
        assert client.post("/exports/make/", form)["Location"] == "/exports/"
    export = Export.objects.get(channel=world.channels[1])
    assert (export.state, export.with_deleted) == ("queued", True)


def test_a_format_that_is_none_is_told(world: World, client_of: ClientOf) -> None:
    form = {"channel": world.channel.pk, "format": "exe"}
    page = client_of("analyst").post("/exports/make/", form, follow=True).content.decode()
    assert "Choose one of the formats" in page


def test_the_exports_stop_asking_when_all_are_made(world: World, client_of: ClientOf) -> None:
    client = client_of("viewer")
    assert client.get("/exports/live/").status_code == 200
    Export.objects.filter(state="running").update(state="done")
    over = client.get("/exports/live/")
    assert over.status_code == 286
    assert "hx-get" not in over.content.decode()


def test_failures_stand_first_with_cause_safety_and_action(
    world: World, client_of: ClientOf
) -> None:
    answer = client_of("owner").get("/")
    page = answer.content.decode()
    tones = [problem.tone for problem in answer.context["problems"]]
    assert tones == sorted(tones)  # bad before warn
    assert page.index("Needs attention") < page.index("Messages archived")
    assert "All 41,378 archived messages are safe." in page
    assert "Connect again" in page
    assert "Nothing to do." in page


def test_a_failure_that_a_later_run_mended_is_gone(world: World, client_of: ClientOf) -> None:
    failed = SyncRun.objects.get(state="failed")
    failed.pk = None
    failed.state = "done"
    failed.save()
    assert "Lost access" not in client_of("owner").get("/").content.decode()


def test_every_kind_of_failure_is_told(world: World, client_of: ClientOf) -> None:
    WorkerHeartbeat.objects.all().delete()
    Export.objects.update(state="failed", error="The disk is full.")
    Quarantine.objects.create(
        channel=world.channel,
        source="mtproto",
        message_id=5,
        error="KeyError: date",
        raw=b"",
        first_seen_at=timezone.now(),
    )
    page = client_of("owner").get("/").content.decode()
    for words in ("No worker is alive", "The disk is full.", "KeyError: date", "manage.py up"):
        assert words in page


def test_a_flood_wait_that_is_over_is_no_problem(world: World, client_of: ClientOf) -> None:
    FloodWait.objects.update(until=timezone.now())
    assert "is in flood wait" not in client_of("owner").get("/").content.decode()


def test_a_newcomer_is_told_the_first_steps(world: World, client_of: ClientOf) -> None:
    page = client_of("stranger").get("/").content.decode()
    assert "Begin your archive" in page
    assert "/accounts/connect/" in page


def test_an_account_half_connected_is_gone_on_with(world: World, client_of: ClientOf) -> None:
    world.lost.workspace = world.other
    world.lost.save()
    page = client_of("stranger").get("/").content.decode()
    assert f'href="/accounts/{world.lost.pk}/">Go on with Reader 2' in page

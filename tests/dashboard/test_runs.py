"""The list of runs with its filters, a run's page with its history, and starting one again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dashboard import plan, timeline
from ingestion.models import Channel, ChannelAccess, ChannelTotals, RunEvent, SyncRun
from tests.dashboard.world import World
from tgadmin.lib.ranges import IdRanges

ClientOf = Callable[[str], Client]
Kind = RunEvent.Kind


@pytest.fixture
def owner(client_of: ClientOf) -> Client:
    return client_of("owner")


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def shown(page: str) -> set[int]:
    """The runs that a list shows, by their links."""
    rows = page.split("<tbody>")[1] if "<tbody>" in page else ""
    return {run.pk for run in SyncRun.objects.all() if f'href="/runs/{run.pk}/"' in rows}


def keys(**lookup: Any) -> set[int]:
    return set(SyncRun.objects.filter(**lookup).values_list("pk", flat=True))


# -- the list -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "lookup"),
    [
        ("state=failed", {"state": "failed"}),
        ("state=active", {"state__in": SyncRun.ACTIVE}),
        ("state=waiting", {"state": "waiting"}),
        ("kind=backfill", {"kind": "backfill"}),
        ("by=schedule", {"requested_by": None}),
        ("kind=update&state=done", {"kind": "update", "state": "done"}),
        ("kind=nonsense&state=nonsense&by=nonsense", {}),
    ],
)
def test_the_list_is_narrowed(
    query: str, lookup: dict[str, Any], world: World, owner: Client
) -> None:
    assert shown(read(owner, f"/runs/?{query}")) == keys(**lookup)


def test_the_list_is_narrowed_to_a_channel_an_account_and_a_person(
    world: World, owner: Client
) -> None:
    channel, account, person = world.channel.pk, world.account.pk, world.people["owner"].pk
    assert shown(read(owner, f"/runs/?channel={channel}")) == keys(channel=channel)
    assert shown(read(owner, f"/runs/?account={account}")) == keys(account=account)
    assert shown(read(owner, f"/runs/?by={person}")) == keys(requested_by=person) != set()


def test_each_filter_is_taken_away_by_its_own_link(world: World, owner: Client) -> None:
    page = read(owner, f"/runs/?channel={world.channel.pk}&kind=update&state=done")
    assert f'href="?channel={world.channel.pk}&amp;state=done"' in page
    assert 'href="?kind=update&amp;state=done"' in page


def test_a_person_of_another_workspace_is_no_filter(world: World, owner: Client) -> None:
    assert shown(read(owner, f"/runs/?by={world.people['stranger'].pk}")) == keys()


def test_nothing_that_matches_and_nothing_yet_say_different_things(
    world: World, owner: Client
) -> None:
    assert "No run matches" in read(owner, "/runs/?state=cancelled")
    SyncRun.objects.all().delete()
    assert "No run yet" in read(owner, "/runs/")


def test_a_long_list_goes_by_keys(world: World, owner: Client) -> None:
    for _ in range(60):
        SyncRun.objects.create(
            channel=world.channel,
            kind="update",
            state="done",
            press=world.run.press,
            done=IdRanges(),
        )
    first = read(owner, "/runs/?kind=update")
    oldest = min(shown(first))
    second = read(owner, f"/runs/?kind=update&before={oldest}")
    assert f"kind=update&amp;before={oldest}" in first
    assert shown(first) | shown(second) == keys(kind="update")
    assert not shown(first) & shown(second)


# -- one run ------------------------------------------------------------------------------------


def tell(run: SyncRun, kind: str, minute: int, **fields: Any) -> RunEvent:
    """A line of its history; minutes are counted from its press."""
    at = run.created_at + timedelta(minutes=minute)
    return RunEvent.objects.create(run=run, kind=kind, at=at, **fields)


def test_the_history_tells_slices_waits_errors_and_presses(world: World, owner: Client) -> None:
    run, person = world.run, world.people["owner"]
    run.events.all().delete()
    began = run.created_at
    tell(run, Kind.SLICE, 1, began_at=began, counts={"new": 1200, "requests": 13})
    tell(
        run,
        Kind.FLOOD_WAIT,
        2,
        began_at=began + timedelta(minutes=1),
        until=began + timedelta(minutes=25),
        text="Telegram asked for it.",
    )
    tell(run, Kind.PAUSED, 26, user=person)
    tell(run, Kind.RESUMED, 27, user=person)
    page = read(owner, f"/runs/{run.pk}/")
    story = page.split('class="list story"')[1]
    for words in (
        "Worked 1 min: 1,200 new",
        "13 requests",
        "then waited for 23 min",
        "Telegram asked for it.",
        "Flood wait",
        "Paused",
        "Resumed",
        "by <bdi>owner</bdi>",
    ):
        assert words in story, words
    assert story.index("Resumed") < story.index("Paused") < story.index("Flood wait")


def test_a_long_history_is_shown_whole_when_asked_for(world: World, owner: Client) -> None:
    world.run.events.all().delete()
    for minute in range(40):
        tell(world.run, Kind.SLICE, minute)
    page = read(owner, f"/runs/{world.run.pk}/")
    assert page.count('<li><span><span class="badge') == timeline.SHOWN
    assert "10 earlier lines" in page
    whole = read(owner, f"/runs/{world.run.pk}/?history=all")
    assert whole.count('<li><span><span class="badge') == 40
    assert f'hx-get="/runs/{world.run.pk}/live/?history=all"' in whole


def test_the_bar_says_how_the_time_was_spent(world: World) -> None:
    run = world.run
    run.events.all().delete()
    run.state = SyncRun.State.DONE
    run.started_at, run.ended_at = run.created_at, run.created_at + timedelta(minutes=10)
    at = run.created_at
    tell(run, Kind.FLOOD_WAIT, 2, began_at=at, until=at + timedelta(minutes=5))
    tell(run, Kind.PAUSED, 6, began_at=at + timedelta(minutes=5))
    tell(run, Kind.RESUMED, 8)
    tell(run, Kind.ENDED, 10, began_at=at + timedelta(minutes=8))
    bar = timeline.bar(run, list(run.events.order_by("pk")))
    assert bar
    assert [(p.kind, p.x, p.width) for p in bar.pieces] == [
        ("work", "0.00%", "20.00%"),
        ("wait", "20.00%", "30.00%"),
        ("work", "50.00%", "10.00%"),
        ("rest", "60.00%", "20.00%"),
        ("work", "80.00%", "20.00%"),
    ]
    assert bar.label == "Worked 5 min, waited 3 min, paused 2 min."


def test_a_run_that_never_started_has_no_bar(world: World) -> None:
    world.run.started_at = None
    assert timeline.bar(world.run, []) is None


def test_the_plan_is_drawn_with_what_of_it_is_done() -> None:
    bar = plan.draw(IdRanges.span(101, 200), IdRanges.span(151, 200))
    assert bar
    assert (bar.low, bar.high) == (101, 200)
    assert [(p.kind, p.x, p.width) for p in bar.pieces] == [
        ("have", "50.00%", "50.00%"),
        ("never", "0.00%", "50.00%"),
    ]
    assert bar.label == "50 of 100 planned ids were answered"
    assert plan.draw(IdRanges(), IdRanges()) is None


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("done", "Everything that was planned was answered"),
        ("cancelled", "It was cancelled"),
        ("failed", "this channel is private"),
    ],
)
def test_why_a_run_ended_is_said_with_what_to_do(
    state: str, words: str, world: World, owner: Client
) -> None:
    run = SyncRun.objects.get(state="failed")
    SyncRun.objects.filter(pk=run.pk).update(state=state)
    page = read(owner, f"/runs/{run.pk}/")
    assert words in page
    assert f'action="/runs/{run.pk}/retry/"' in page


def test_the_live_part_stops_by_itself_when_the_run_is_over(world: World, owner: Client) -> None:
    address = f"/runs/{world.run.pk}/live/"
    assert owner.get(address).status_code == 200
    now = timezone.now()
    SyncRun.objects.filter(pk=world.run.pk).update(state="done", ended_at=now)
    answer = owner.get(address)
    assert answer.status_code == 286
    assert "hx-trigger" not in answer.content.decode()


# -- starting one again -------------------------------------------------------------------------


def test_retry_starts_the_same_kind_again(world: World, owner: Client) -> None:
    run = SyncRun.objects.get(state="failed")
    answer = owner.post(f"/runs/{run.pk}/retry/")
    again = SyncRun.objects.latest("pk")
    assert answer["Location"] == f"/runs/{again.pk}/"
    assert (again.kind, again.channel, again.state) == (run.kind, run.channel, "queued")
    assert again.requested_by == world.people["owner"]
    assert owner.post(f"/runs/{run.pk}/retry/")["Location"] == f"/runs/{again.pk}/"


def test_why_a_run_cannot_be_started_again_is_told(world: World, owner: Client) -> None:
    ChannelAccess.objects.all().delete()
    Channel.objects.update(username="")  # no account finds it by itself
    run = SyncRun.objects.get(state="failed")
    page = owner.post(f"/runs/{run.pk}/retry/", follow=True).content.decode()
    assert "No account can read" in page


def test_a_viewer_sees_no_retry(world: World, client_of: ClientOf) -> None:
    run = SyncRun.objects.get(state="failed")
    assert "/retry/" not in read(client_of("viewer"), f"/runs/{run.pk}/")


# -- a channel that was really emptied ----------------------------------------------------------


def test_an_emptied_channel_is_confirmed_on_a_page_that_says_what_it_means(
    world: World, owner: Client
) -> None:
    run = SyncRun.objects.get(state="failed")
    SyncRun.objects.filter(pk=run.pk).update(error_class="data", error_code="EMPTY_ANSWER")
    ChannelTotals.objects.filter(channel=run.channel).update(messages=1500, deleted=250)
    address = f"/channels/{run.channel_id}/emptied/"
    assert f'href="{address}"' in read(owner, f"/runs/{run.pk}/")
    assert "<b>1,250 archived messages</b>" in read(owner, address)
    answer = owner.post(address)
    made = SyncRun.objects.latest("pk")
    assert answer["Location"] == f"/runs/{made.pk}/"
    assert (made.kind, made.accepts_empty) == ("refresh", True)


def test_only_admins_are_offered_to_confirm_it(world: World, client_of: ClientOf) -> None:
    run = SyncRun.objects.get(state="failed")
    SyncRun.objects.filter(pk=run.pk).update(error_code="TOO_MANY_MISSING")
    assert "/emptied/" not in read(client_of("analyst"), f"/runs/{run.pk}/")


def test_a_confirmation_that_comes_too_early_is_told_why(world: World, owner: Client) -> None:
    SyncRun.objects.filter(channel=world.channel, kind="refresh").update(state="running")
    page = owner.post(f"/channels/{world.channel.pk}/emptied/", follow=True).content.decode()
    assert "is under way" in page

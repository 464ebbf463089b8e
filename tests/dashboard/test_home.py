"""The dashboard: totals and their change, ranges, the chart, what moves."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from archive.models import ChannelDay
from dashboard import machines, wording
from dashboard.overview import Figure
from ingestion import coverage
from ingestion.models import Account, Channel, ChannelTotals, SyncRun, WorkerHeartbeat
from tests.dashboard.world import World
from tests.factories import archive_messages, make_channel, make_record
from tgadmin.lib.ranges import IdRanges
from workspaces.roles import Role

ClientOf = Callable[[str], Client]


def days_ago(channel: Channel, days: int, messages: int) -> None:
    """Messages at noon of a day, as the writer would add them up."""
    hours = [0] * 24
    hours[12] = messages
    day = timezone.now().date() - timedelta(days=days)
    ChannelDay.objects.create(channel=channel, day=day, messages=messages, hours=hours)


@pytest.fixture
def quiet(world: World) -> World:
    """The world without what its messages add up to."""
    ChannelDay.objects.all().delete()
    return world


def context(client: Client, address: str = "/") -> Any:
    return client.get(address).context


def test_totals_know_the_period_before(quiet: World, client_of: ClientOf) -> None:
    days_ago(quiet.channel, 3, 30)
    days_ago(quiet.channels[1], 29, 30)
    days_ago(quiet.channel, 30, 50)  # the period before
    days_ago(quiet.channel, 60, 999)  # before that
    figure = context(client_of("viewer"))["overview"].figures[0]
    assert figure.note == "60 posted in 30 days"
    assert (figure.change.icon, figure.change.words) == ("arrow-up-right", "20.0%")
    assert sum(figure.line) == 60


def run(channel: Channel, days: int, *, state: str = "done", **counts: int) -> None:
    """A run that began so many days ago."""
    made = SyncRun.objects.create(
        channel=channel, kind="update", state=state, press=uuid4(), done=IdRanges(), **counts
    )
    SyncRun.objects.filter(pk=made.pk).update(created_at=timezone.now() - timedelta(days=days))


def figure(client: Client, label: str, address: str = "/") -> Figure:
    (found,) = (one for one in context(client, address)["overview"].figures if one.label == label)
    assert isinstance(found, Figure)
    return found


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        (50, 40, ("arrow-down-right", "20.0%", "")),
        (50, 50, ("arrow-up-right", "0.0%", "")),
        (10, 110, ("arrow-up-right", "1,000%", "")),
        (0, 10, None),
    ],
)
def test_messages_are_compared_by_their_share(
    before: int, now: int, change: tuple[str, str, str] | None, quiet: World, client_of: ClientOf
) -> None:
    days_ago(quiet.channel, 3, now)
    days_ago(quiet.channel, 33, before)
    told = figure(client_of("viewer"), "Messages archived").change
    assert (told and (told.icon, told.words, told.tone)) == change


def test_what_is_found_in_the_period_is_not_what_was_found_before_it(
    world: World, client_of: ClientOf
) -> None:
    """Cards of what is kept have a number for all time, one for the period, and no change."""
    SyncRun.objects.all().delete()
    ChannelTotals.objects.update(deleted=0, revisions=0)
    ChannelTotals.objects.filter(channel=world.channel).update(deleted=300, revisions=70)
    run(world.channel, 3, deleted=4, changed=5)
    run(world.channels[1], 20, deleted=2, changed=1)
    run(world.channel, 45, deleted=100, changed=50)
    client = client_of("viewer")
    for label, value, note, found in (
        ("Kept after deletion", "300", "6 found in 30 days", 6),
        ("Earlier versions", "70", "6 found in 30 days", 6),
    ):
        told = figure(client, label)
        assert (told.value, told.note, told.change) == (value, note, None), label
        assert sum(told.line) == found, label
    assert figure(client, "Kept after deletion", "/?range=90d").note == "106 found in 90 days"
    assert figure(client, "Earlier versions", "/?range=90d").note == "56 found in 90 days"


def test_completeness_is_of_now_and_has_no_change(world: World, client_of: ClientOf) -> None:
    client = client_of("viewer")
    counts = coverage.counts([channel.pk for channel in world.channels]).values()
    percent = coverage.percent_of(
        sum(row.covered for row in counts), sum(row.gaps for row in counts)
    )
    for address in ("/", "/?range=7d", "/?range=all"):
        told = figure(client, "Completeness", address)
        assert (told.share, told.change, told.line) == (percent, None, ())
        assert told.value == wording.percent(percent)


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        (3, 1, ("arrow-down-right", "2 fewer", "ok")),
        (2, 1, ("arrow-down-right", "1 fewer", "ok")),
        (0, 2, ("arrow-up-right", "2 more", "bad")),
        (2, 2, None),
    ],
)
def test_fewer_failed_runs_are_good_and_more_are_bad(
    before: int, now: int, change: tuple[str, str, str] | None, world: World, client_of: ClientOf
) -> None:
    SyncRun.objects.all().delete()
    for days, failed in ((3, now), (33, before)):
        run(world.channel, days)
        for _ in range(failed):
            run(world.channel, days, state="failed")
    client = client_of("viewer")
    told = figure(client, "Failed runs")
    assert (told.value, told.unit, told.note) == (str(now), f"of {now + 1}", f"before: {before}")
    assert (told.change and (told.change.icon, told.change.words, told.change.tone)) == change
    assert sum(told.line) == now
    if change:
        _icon, words, tone = change
        page = client.get("/").text
        assert re.search(rf'<b class="row {tone}"><svg[^>]*>.{{,400}}</svg>{words}</b>', page)


def test_without_a_run_before_failures_have_nothing_to_be_compared_with(
    world: World, client_of: ClientOf
) -> None:
    SyncRun.objects.all().delete()
    run(world.channel, 3, state="failed")
    told = figure(client_of("viewer"), "Failed runs")
    assert (told.value, told.unit, told.note, told.change) == ("1", "of 1", "in 30 days", None)


def test_the_chart_names_the_four_busiest(quiet: World, client_of: ClientOf) -> None:
    for number, channel in enumerate(quiet.channels[:6]):
        days_ago(channel, 2, 10 * (6 - number))
    chart = context(client_of("viewer"))["overview"].chart
    assert [(line.channel, line.total) for line in chart.lines] == [
        *((channel.pk, 10 * (6 - number)) for number, channel in enumerate(quiet.channels[:4])),
        (None, 20 + 10),
    ]
    page = client_of("viewer").get("/").content.decode()
    assert 'data-plot="days"' in page
    assert (
        f'href="/messages/?from={chart.points[-3].since}&amp;to={chart.points[-3].since}"' in page
    )


@pytest.mark.parametrize(
    ("address", "heading", "bars"),
    [
        ("/?range=24h", "Messages per hour", 24),
        ("/?range=7d", "Messages per hour", 168),
        ("/?range=90d", "Messages per day", 90),
        ("/?range=custom&from=2026-03-01&to=2026-03-31", "Messages per day", 31),
    ],
)
def test_ranges(address: str, heading: str, bars: int, world: World, client_of: ClientOf) -> None:
    overview = context(client_of("viewer"), address)["overview"]
    assert (overview.heading, len(overview.chart.points)) == (heading, bars)


def test_all_time_has_no_period_before(quiet: World, client_of: ClientOf) -> None:
    days_ago(quiet.channel, 1500, 5)
    answer = context(client_of("viewer"), "/?range=all")
    assert answer["overview"].heading == "Messages per month"
    assert answer["overview"].figures[0].change is None
    assert "5 posted in all" in client_of("viewer").get("/?range=all").content.decode()


def test_days_are_those_of_the_person(quiet: World, client_of: ClientOf) -> None:
    day = timezone.now().date() - timedelta(days=5)
    hours = [0] * 23 + [8]
    ChannelDay.objects.create(channel=quiet.channel, day=day, messages=8, hours=hours)

    def bar() -> str:
        chart = context(client_of("viewer"))["overview"].chart
        return str(chart.points[chart.lines[0].values.index(8)].since)

    assert bar() == str(day)
    person = quiet.people["viewer"]
    person.time_zone = "Asia/Tokyo"
    person.save()
    assert bar() == str(day + timedelta(days=1))


def test_failures_stand_before_the_totals(world: World, client_of: ClientOf) -> None:
    page = client_of("owner").get("/").content.decode()
    assert 0 < page.index("Needs attention") < page.index('id="figures"') < page.index('id="chart"')


def test_what_moves_is_exchanged_by_itself_and_the_rest_stays(
    world: World, client_of: ClientOf
) -> None:
    client = client_of("viewer")
    now = context(client)
    same = f"/live/?range=30d&seen={now['seen']}&drawn={now['drawn']}"
    part = client.get(same).content.decode()
    for name in ("problems", "figures", "running", "coverage", "accounts", "machines"):
        assert f'id="{name}"' in part, name
    assert 'id="newest"' not in part
    assert 'id="chart"' not in part
    assert "range=30d" in part, "the range stays"
    other = client.get("/live/?range=30d&seen=1-1&drawn=0").content.decode()
    assert 'id="newest"' in other
    assert 'id="chart"' in other


def test_the_chart_waits_until_runs_have_ended(world: World, client_of: ClientOf) -> None:
    part = client_of("viewer").get("/live/?drawn=3").content.decode()
    assert 'id="chart"' not in part
    assert "drawn=3" in part, "it still shows what it showed"


def test_an_empty_range_says_what_to_do(quiet: World, client_of: ClientOf) -> None:
    page = client_of("viewer").get("/").content.decode()
    assert "No message in this range" in page
    assert 'href="?range=all"' in page


def test_removed_channels_are_left_out(quiet: World, client_of: ClientOf) -> None:
    days_ago(quiet.channel, 2, 10)
    Channel.objects.filter(pk=quiet.channel.pk).update(removed_at=timezone.now())
    overview = context(client_of("viewer"))["overview"]
    assert quiet.channel.pk not in overview.counts
    assert overview.posted == [] or sum(overview.posted) == 0


def test_accounts_tell_how_long_telegram_asked_them_to_wait(
    world: World, client_of: ClientOf
) -> None:
    page = client_of("viewer").get("/").content.decode()
    assert "Flood wait, 14:3" in page
    assert "Login lost" in page


def test_workers_are_counted_by_what_they_do(world: World) -> None:
    now = timezone.now()
    for name in ("a", "b"):
        WorkerHeartbeat.objects.create(name=name, role="slices", pid=1, started_at=now, seen_at=now)
    found = machines.look(list(WorkerHeartbeat.objects.order_by("role")))
    assert [(role, count) for role, count, _seen in found.workers] == [
        ("calls + slices", 1),
        ("listener", 1),
        ("slices", 2),
        ("tick", 1),
    ]
    assert found.disk.database > 1_000_000
    assert found.disk.total


def test_queues_are_read_from_valkey(world: World, valkey: Any) -> None:
    valkey.rpush("rq:queue:exports", "a", "b")
    found = machines.look([])
    assert found.queues is not None
    assert dict(found.queues)["Exports"] == 2


def test_without_valkey_the_page_says_so_and_stands(
    world: World, client_of: ClientOf, settings: Any
) -> None:
    away = {"URL": "unix:///nowhere/valkey.sock"}
    settings.RQ_QUEUES = dict.fromkeys(django_settings.RQ_QUEUES, away)
    assert machines.look([]).queues is None
    page = client_of("viewer").get("/").content.decode()
    assert "Valkey does not answer" in page


def test_nothing_is_claimed_of_a_basic_group(world: World, client_of: ClientOf) -> None:
    client = client_of("viewer")
    before = client.get("/").context["overview"]
    group = next(one for one in world.channels if before.counts[one.pk].gaps)
    Channel.objects.filter(pk=group.pk).update(kind="basic_group")
    after = client.get("/").context["overview"]
    assert {row.channel for row in before.covered} - {row.channel for row in after.covered} == {
        group.pk
    }
    share = next(figure.share for figure in after.figures if figure.label == "Completeness")
    left = [row for key, row in before.counts.items() if key != group.pk]
    assert share == coverage.percent_of(
        sum(row.covered for row in left), sum(row.gaps for row in left)
    )
    assert after.complete == before.complete
    Channel.objects.update(kind="basic_group")
    figures = client.get("/").context["overview"].figures
    nothing = next(figure for figure in figures if figure.label == "Completeness")
    assert (nothing.value, nothing.note) == ("–", "no claim")


def test_counts_are_those_of_the_reports(world: World) -> None:
    """The same for every channel as from its ranges, one with hidden ids and one without any."""
    counts = coverage.counts([channel.pk for channel in world.channels])
    reports = coverage.reports(world.channels)
    again = coverage.reports_of(counts)
    for channel in world.channels:
        count, report = counts[channel.pk], reports[channel.pk]
        assert (count.covered, count.gaps, count.hidden) == (
            len(report.covered),
            len(report.gaps),
            len(report.hidden),
        )
        assert (count.percent, count.messages) == (report.percent, report.messages)
        assert again[channel.pk] == report


def test_a_new_channel_with_messages_is_on_the_chart_at_once(
    world: World, client_of: ClientOf
) -> None:
    channel = make_channel(world.workspace, title="Brand new")
    archive_messages(
        channel, [make_record(n, date=timezone.now() - timedelta(days=1)) for n in range(1, 90)]
    )
    assert "Brand new" in client_of("viewer").get("/").content.decode()


def test_a_workspace_without_accounts_is_led_to_connect_one(
    world: World, client_of: ClientOf
) -> None:
    Account.objects.all().delete()
    page = client_of(Role.OWNER).get("/").content.decode()
    assert "No account is connected" in page

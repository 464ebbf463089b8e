"""“Needs attention”: each kind of failure with its cause, and the one click that mends it."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import pytest
from django.test import Client
from django.utils import timezone

from archive.exports import Options
from archive.filters import Filters
from archive.models import Export
from archive.services import request_export
from dashboard import attention
from dashboard.attention import disk, quarantine
from dashboard.attention.problem import Problem
from dashboard.shell import Shell
from ingestion.models import (
    Account,
    AccountCall,
    Channel,
    FloodWait,
    Quarantine,
    SyncRun,
    WorkerHeartbeat,
)
from tests.dashboard.world import World
from tgadmin.lib.ranges import IdRanges

ClientOf = Callable[[str], Client]
GB = disk.GIGABYTE


class Usage(NamedTuple):
    """As `shutil.disk_usage` returns it."""

    total: int
    used: int
    free: int


@pytest.fixture
def quiet(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A workspace in which nothing is wrong."""
    SyncRun.objects.all().delete()
    FloodWait.objects.all().delete()
    Export.objects.all().delete()
    Account.objects.filter(state="lost").delete()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(500 * GB, 100 * GB, 400 * GB))
    return world


def shell(world: World, role: str = "owner") -> Shell:
    membership = world.workspace.memberships.select_related("workspace").get(role=role)
    return Shell(world.people[role], membership, [membership], "home")


def only(world: World, role: str = "owner") -> Problem:
    (found,) = attention.problems(shell(world, role))
    return found


def press(client: Client, problem: Problem) -> str:
    """Click what the problem offers; the address that it leads to."""
    action = problem.action
    assert action
    answer = (client.post if action.posts else client.get)(action.address, dict(action.fields))
    assert answer.status_code in {200, 302}
    return str(answer["Location"]) if answer.status_code == 302 else action.address


def run_of(world: World, **fields: object) -> SyncRun:
    return SyncRun.objects.create(
        channel=world.channel,
        account=world.account,
        kind="backfill",
        press=world.run.press,
        done=IdRanges(),
        **fields,
    )


def test_nothing_wrong_is_no_list(quiet: World) -> None:
    assert attention.problems(shell(quiet)) == []


def test_the_worst_stands_first(world: World) -> None:
    tones = [problem.tone for problem in attention.problems(shell(world))]
    assert tones == sorted(tones)
    assert set(tones) == {"bad", "warn"}


def test_a_failed_run_is_tried_again_with_one_press(quiet: World, client_of: ClientOf) -> None:
    run_of(quiet, state="failed", error="It stumbled.", ended_at=timezone.now())
    problem = only(quiet)
    assert (problem.before, problem.name) == ("Backfill failed for", "Хроника города")
    assert problem.cause == "It stumbled."
    assert "archived messages are safe" in problem.safe
    press(client_of("analyst"), problem)
    again = SyncRun.objects.latest("pk")
    assert (again.kind, again.state) == ("backfill", "queued")
    assert attention.problems(shell(quiet)) == []


def test_a_viewer_is_offered_no_button(quiet: World) -> None:
    run_of(quiet, state="failed", error="It stumbled.")
    assert only(quiet, "viewer").action is None


def test_lost_access_says_so(quiet: World) -> None:
    run_of(quiet, state="failed", error_class="access", error="It is private.")
    assert only(quiet).before == "Lost access to"


def test_a_failure_whose_account_is_gone_leads_to_the_account(
    quiet: World, client_of: ClientOf
) -> None:
    run_of(quiet, state="failed", error="The login is gone.")
    Account.objects.update(state="disconnected")
    assert press(client_of("owner"), only(quiet)) == f"/accounts/{quiet.account.pk}/"


def test_an_answer_that_was_not_believed_leads_to_the_run_where_it_is_confirmed(
    quiet: World,
) -> None:
    run_of(quiet, state="failed", error_code="EMPTY_ANSWER", error="Nothing came.")
    problem = only(quiet)
    assert (problem.cause, problem.next) == ("Nothing came.", "Retry asks again.")
    assert problem.address.startswith("/runs/")


def test_a_lost_login_asks_for_a_code_with_one_press(quiet: World, client_of: ClientOf) -> None:
    Account.objects.update(state="lost", error="Session revoked.", error_at=timezone.now())
    problem = only(quiet)
    assert (problem.name, problem.cause) == ("Main", "Session revoked.")
    press(client_of("admin"), problem)
    assert AccountCall.objects.latest("pk").kind == "send_code"
    assert only(quiet, "analyst").action is None


def test_a_run_that_stands_still_is_resumed(quiet: World, client_of: ClientOf) -> None:
    long_ago = timezone.now() - timedelta(minutes=5)
    run = run_of(quiet, state="interrupted", slice_ended_at=long_ago)
    press(client_of("analyst"), only(quiet))
    run.refresh_from_db()
    assert run.state == "queued"


def test_a_run_that_was_interrupted_a_moment_ago_is_no_news(quiet: World) -> None:
    run_of(quiet, state="interrupted", slice_ended_at=timezone.now())
    assert attention.problems(shell(quiet)) == []


def test_no_worker_alive_is_told_with_the_command_that_helps(quiet: World) -> None:
    WorkerHeartbeat.objects.all().delete()
    assert "manage.py up" in only(quiet).next


def test_a_tick_that_is_gone_is_told_though_workers_are_alive(quiet: World) -> None:
    WorkerHeartbeat.objects.filter(role="tick").update(
        seen_at=timezone.now() - timedelta(minutes=1)
    )
    found = only(quiet)
    assert found.before == "Nobody hands out work"
    assert "schedules do not start" in found.cause
    assert "manage.py up" in found.next


@pytest.mark.parametrize(
    ("total", "free", "tones"),
    [
        (500 * GB, 400 * GB, []),
        (10 * GB, 9 * GB, []),
        (4_000 * GB, 150 * GB, []),
        (500 * GB, 19 * GB, ["warn"]),
        (10 * GB, 1 * GB, ["warn"]),
        (500 * GB, GB // 4, ["bad"]),
    ],
)
def test_a_disk_that_is_nearly_full(
    total: int, free: int, tones: list[str], quiet: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(total, total - free, free))
    assert [problem.tone for problem in attention.problems(shell(quiet))] == tones


def test_a_failed_export_is_made_again_with_one_press(quiet: World, client_of: ClientOf) -> None:
    # As a person asks for it: the channel is one of its filters.
    one = Options(filters=Filters(channels=(quiet.channel.pk,)))
    asked = request_export(workspace=quiet.workspace, format="csv", options=one)
    Export.objects.filter(pk=asked.pk).update(state="failed", error="Full.")
    problem = only(quiet)
    assert (problem.name, problem.cause) == ("Хроника города", "Full.")
    press(client_of("analyst"), problem)
    again = Export.objects.latest("pk")
    assert (again.state, again.format, again.channel) == ("queued", "csv", quiet.channel)
    assert attention.problems(shell(quiet)) == []


def test_an_export_that_was_filtered_is_looked_at_first(quiet: World) -> None:
    Export.objects.create(
        workspace=quiet.workspace,
        channel=quiet.channel,
        format="csv",
        state="failed",
        filters={"q": "tram"},
    )
    action = only(quiet).action
    assert action
    assert (action.address, action.posts) == ("/exports/", False)


def test_a_channel_that_is_off_and_has_a_schedule_is_switched_on(
    quiet: World, client_of: ClientOf
) -> None:
    Channel.objects.filter(pk=quiet.channel.pk).update(enabled=False)
    assert "every 15 minutes" in only(quiet).cause
    press(client_of("admin"), only(quiet))
    quiet.channel.refresh_from_db()
    assert quiet.channel.enabled


def test_messages_that_could_not_be_read_are_counted_up_to_a_bound(
    quiet: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        Quarantine.objects.create(
            channel=quiet.channel,
            source="mtproto",
            message_id=number,
            error="Odd bytes.",
            raw=b"x",
            first_seen_at=timezone.now(),
        )
    problem = only(quiet)
    assert (problem.figure, problem.unit, problem.cause) == ("2", "records", "Odd bytes.")
    monkeypatch.setattr(quarantine, "COUNTED", 1)
    assert only(quiet).figure == "at least 1"


def test_a_flood_wait_counts_down_and_asks_for_nothing(quiet: World) -> None:
    now = timezone.now()
    FloodWait.objects.create(
        account=quiet.account,
        method="messages.GetHistory",
        seconds=600,
        started_at=now - timedelta(seconds=300),
        until=now + timedelta(seconds=300),
    )
    run_of(quiet, state="waiting", not_before=now + timedelta(seconds=300))
    problem = only(quiet)
    assert (problem.figure, problem.unit) == ("5:00", "left of 10:00")
    assert "1 run waits for it." in problem.cause
    assert problem.action is None


def test_the_dashboard_shows_them_with_their_buttons(world: World, client_of: ClientOf) -> None:
    page = client_of("owner").get("/").content.decode()
    failed = SyncRun.objects.get(state="failed")
    assert f'action="/runs/{failed.pk}/retry/"' in page
    assert page.index("Needs attention") < page.index("Flood wait of the account")

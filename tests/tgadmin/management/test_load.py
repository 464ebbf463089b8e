"""The load test itself, for ten seconds: pages are answered while messages are written and exported."""

import importlib.util
import json
from typing import TYPE_CHECKING

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command

from ingestion.models import Channel, Message
from tests.archive import programs
from tests.factories import archive_messages, make_channel, make_member, make_record
from tests.tgadmin.running import free_port
from tgadmin.management.load.measuring import Measured, summed
from workspaces.roles import Role

if TYPE_CHECKING:
    from pathlib import Path

    from redis import Redis


def test_shares_are_read_from_how_often_each_time_was_measured() -> None:
    entries = [
        {"name": "runs", "num_failures": 0, "response_times": {"10": 90, "200": 10}},
        {"name": "home", "num_failures": 3, "response_times": {"30": 19, "80": 1}},
    ]
    assert summed(entries) == [
        Measured("home", 20, 3, 30, 30),
        Measured("runs", 100, 0, 10, 200),
        Measured("all", 120, 3, 10, 200),
    ]
    assert summed([]) == [Measured("all", 0, 0, 0, 0)]


def test_without_a_channel_it_says_what_to_do(db: None) -> None:
    if importlib.util.find_spec("locust"):
        with pytest.raises(CommandError, match="generate"):
            call_command("load")


@pytest.mark.slow
@pytest.mark.skipif(not importlib.util.find_spec("locust"), reason="locust is not installed")
@pytest.mark.django_db(transaction=True)
def test_many_people_while_the_archive_works(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: "Path",
    valkey: "Redis",
    capsys: pytest.CaptureFixture[str],
) -> None:
    owner = make_member(Role.OWNER)
    channel = make_channel(owner.memberships.get().workspace)
    archive_messages(channel, [make_record(number) for number in range(1, 200)])
    for name, value in programs.environment(tmp_path / "exports").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TGADMIN_DEBUG", "1")  # style sheets that nobody collected
    port = str(free_port())
    call_command("load", "--people", "20", "--seconds", "10", "--port", port, "--json")
    told = json.loads(capsys.readouterr().out)
    pages = {row["name"]: row for row in told["pages"]}
    assert pages["all"]["requests"] >= 20
    assert pages["all"]["errors"] == 0, pages
    assert 0 < pages["all"]["p50_ms"] <= pages["all"]["p95_ms"]
    assert told["written"] >= 1_000
    assert told["exported"] >= 199
    # It leaves nothing behind.
    assert Message.objects.count() == 199
    assert list(Channel.objects.all()) == [channel]
    assert not Session.objects.exists()

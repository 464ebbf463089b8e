"""`manage.py rollups`."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from archive.models import ChannelDay
from ingestion.models import Channel
from tests.factories import WHEN, archive_messages, make_channel, make_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def broken(channel: Channel) -> Channel:
    """Twelve days, of which two are wrong; another channel is right."""
    other = make_channel(channel.workspace, title="Other")
    for each in (channel, other):
        archive_messages(
            each, [make_record(n, date=WHEN + timedelta(days=n)) for n in range(1, 13)]
        )
    first, second = ChannelDay.objects.filter(channel=channel).order_by("day")[:2]
    ChannelDay.objects.filter(channel=channel, day=first.day).update(messages=99)
    second.delete()
    return channel


def test_a_check_names_the_days_and_fails(
    broken: Channel, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CommandError, match="2 days differ"):
        call_command("rollups", "--check")
    assert capsys.readouterr().out == "News: 2026-05-02, 2026-05-03\n"
    with pytest.raises(CommandError):
        call_command("rollups", "--check", "--json")
    told = json.loads(capsys.readouterr().out)
    assert [(row["title"], row["days"]) for row in told] == [
        ("News", ["2026-05-02", "2026-05-03"]),
        ("Other", []),
    ]


def test_it_mends_them(broken: Channel, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("rollups")
    assert "2 days were wrong, and are right now." in capsys.readouterr().out
    call_command("rollups", "--check")
    assert capsys.readouterr().out == "Every day is right.\n"


def test_one_channel_alone(broken: Channel, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("rollups", "--channel", "@news")
    assert "2 days were wrong" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no channel"):
        call_command("rollups", "--channel", "@nobody")

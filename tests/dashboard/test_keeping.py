"""Retention and forgetting in the browser: what goes on is shown as it goes on."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from archive.models import ChannelDay, RetentionHold, RetentionRun
from archive.retention import looking
from ingestion.models import ForgottenPerson, Medium, Message
from tests.dashboard.stored import make_medium
from tests.dashboard.world import World

MOVES = 'hx-trigger="every 2s"'


def test_a_run_of_retention_shows_how_far_it_is_until_it_is_done(
    world: World, client_of: Callable[[str], Client]
) -> None:
    client, run = client_of("owner"), RetentionRun.objects.get()
    pages = ("/settings/retention/", f"/channels/{run.channel_id}/retention/")
    for address in pages:
        assert MOVES not in client.get(address).content.decode()
    begun = timezone.now() - timedelta(minutes=1)
    changed = {"state": "running", "messages": 250, "messages_expected": 1_000}
    RetentionRun.objects.filter(pk=run.pk).update(**changed, created_at=begun)
    for address in pages:
        # What the form asks about is not worked out again every two seconds.
        page = client.get(f"{address}?days=30").content.decode()
        assert f'id="runs" aria-labelledby="h-runs" hx-get="{address}"' in page
        assert MOVES in page
        assert "250 / 1,000" in page
        assert "3 min" in page


def test_before_a_rule_is_set_it_is_said_what_would_go(
    world: World, client_of: Callable[[str], Client]
) -> None:
    channel = world.channels[2]
    days = ChannelDay.objects.filter(channel=channel)
    days.filter(pk=days.latest("day").pk).update(day=date(2019, 3, 4), messages=1_234)
    for address in ("/settings/retention/", f"/channels/{channel.pk}/retention/"):
        page = client_of("owner").get(f"{address}?days=365").content.decode()
        assert "This would remove 1,234 messages" in page
        assert "The oldest is of 4 Mar 2019, the newest of 4 Mar 2019." in page


def test_of_more_files_than_are_looked_at_it_says_at_least(
    world: World, client_of: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    RetentionHold.objects.all().delete()
    Medium.objects.update(date=timezone.now() - timedelta(days=3))
    make_medium(
        Message.objects.filter(channel=world.medium.channel_id, kind="text")[0],
        b"old",
        date=timezone.now() - timedelta(days=4),
    )
    address = f"/channels/{world.medium.channel_id}/retention/?days=1&action=delete_media"
    page = client_of("owner").get(address).content.decode()
    assert "This would remove up to 2 files" in page
    assert "of 2 messages, which stay." in page
    monkeypatch.setattr(looking, "LOOKED_AT", 1)
    monkeypatch.setattr(looking, "LEAST", 1)
    page = client_of("owner").get(address).content.decode()
    assert "At least 1 messages have at least 1 files" in page
    assert "</bdi>: at least 1 messages</li>" in page


def test_a_receipt_fills_while_somebody_is_being_forgotten(
    world: World, client_of: Callable[[str], Client]
) -> None:
    client, person = client_of("owner"), ForgottenPerson.objects.get()
    address = f"/settings/forgotten/{person.pk}/"
    page = client.get(address).content.decode()
    assert MOVES not in page
    assert "numbers fill" not in page
    assert "Files from before" in page
    ForgottenPerson.objects.filter(pk=person.pk).update(state="running", ended_at=None)
    page = client.get(address).content.decode()
    assert MOVES in page
    assert "numbers fill" in page
    assert "Files from before" not in page

"""Sentences and headers name people by what this workspace knows of them, in one query."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.names import names_of
from ingestion.models import Sender
from tests.dashboard.world import World
from tests.factories import archive_messages, make_channel, make_record, make_workspace
from workspaces.models import Workspace

ClientOf = Callable[[str], Client]


def sender(workspace: Workspace, peer_id: int, name: str) -> None:
    Sender.objects.create(
        workspace=workspace, peer_id=peer_id, kind="user", name=name, first_seen_at=timezone.now()
    )


@pytest.mark.django_db
def test_names_are_the_workspaces_own() -> None:
    mine, other = make_workspace(), make_workspace()
    sender(mine, 7, "Боря")
    sender(other, 8, "Ann")
    assert names_of(mine, ["7", "8", "7", "", "a hash", "9" * 40]) == {"7": "Боря"}
    with CaptureQueriesContext(connection) as asked:
        assert names_of(mine, ["", "hash"]) == {}
    assert len(asked) == 0


def test_a_list_says_who_did_what_and_whose_words_they_are(
    world: World, client_of: ClientOf
) -> None:
    sender(world.workspace, 7, "Боря")
    sender(world.workspace, 8, "ليلى")
    channel = make_channel(world.workspace, title="Talk")
    added = {"type": "service", "action": "chat_add_user", "users": ["8"]}
    archive_messages(
        channel,
        [
            make_record(1, kind="service", media_meta=added, sender_id="7", text=""),
            make_record(2, forward={"from_id": "8", "date": "2026-05-01T12:00:00+00:00"}),
            make_record(3, attached={"via_bot": "7"}),
            make_record(4, kind="service", media_meta={"action": "chat_delete_photo"}, text=""),
        ],
    )
    client = client_of("viewer")
    page = client.get(f"/messages/?channel={channel.pk}&view=cards").content.decode()
    page = page.replace("\u2068", "").replace("\u2069", "")
    assert "Боря added ليلى" in page
    assert "forwarded from <bdi>ليلى</bdi>" in page
    assert "via the bot Боря" in page
    assert "Talk removed the photo" in page
    alone = client.get(f"/channels/{channel.pk}/messages/1/").content.decode()
    assert "added" in alone
    table = client.get(f"/messages/?channel={channel.pk}&view=table").content.decode()
    assert "added" in table

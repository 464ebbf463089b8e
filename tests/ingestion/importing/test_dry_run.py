"""A dry run says what the real run then does, figure by figure, and writes nothing."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from ingestion import dropping
from ingestion.models import Channel, Message, MessageRaw, MessageRevision, MessageStats
from tests.factories import WHEN, archive_messages, make_channel, make_record
from tests.ingestion.importing.running import run_import
from tests.ingestion.sources.desktop.writer import chat, message, write
from tgadmin.lib.ranges import IdRanges
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

OURS = -1_001_500_000_001


@pytest.fixture
def channel(workspace: Workspace) -> Channel:
    """Read from Telegram, one message edited, one gone."""
    channel = make_channel(workspace, peer_id=OURS, title="The Channel")
    rows = [make_record(number, views=number) for number in range(1, 11)]
    archive_messages(channel, rows)
    edited = replace(rows[2], text="Edited", edit_date=WHEN + timedelta(days=1))
    archive_messages(channel, [edited], gone=[7])
    return channel


def stored() -> list[Any]:
    """Every row that an import could write."""
    tables = (Channel, Message, MessageStats, MessageRevision, MessageRaw)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def figures(path: Path) -> tuple[int, int, int, int]:
    """What a dry run and the real run after it both say: new, changed, unchanged, skipped."""
    before = stored()
    (dry,) = run_import(path, dry_run=True)["channels"]
    assert stored() == before
    (real,) = run_import(path)["channels"]
    assert {**dry, "id": real["id"]} == real
    return real["new"], real["changed"], real["unchanged"], real["skipped"]


def test_an_own_export_changes_nothing_where_it_came_from(channel: Channel, tmp_path: Path) -> None:
    own = tmp_path / "own.jsonl"
    call_command("export", output=str(own), format="jsonl", verbosity=0)
    before = stored()[:-1]
    assert figures(own) == (0, 0, 10, 0)
    assert stored()[:-1] == before
    # Once more, with the records that the first import kept beside Telegram's.
    assert figures(own) == (0, 0, 10, 0)


def test_an_own_export_mends_what_a_poorer_source_brought(channel: Channel, tmp_path: Path) -> None:
    own = tmp_path / "own.jsonl"
    call_command("export", output=str(own), format="jsonl", verbosity=0)
    MessageStats.objects.filter(message_id__in=[4, 5]).update(source_rank=10)
    Message.objects.filter(message_id=4).update(text="Message  4 …")
    assert figures(own) == (0, 1, 9, 0)
    assert Message.objects.get(message_id=4).text == "Message 4"
    assert MessageStats.objects.get(message_id=5).source_rank == 38


def test_of_telegram_desktops_json(channel: Channel, tmp_path: Path) -> None:
    before_the_edit = [message(3)]
    same = [message(number, text=f"Message {number}") for number in range(4, 8)]
    path = write(tmp_path / "result.json", chat(before_the_edit + same + [message(11)] * 2))
    assert figures(path) == (1, 0, 5, 1)
    older = write(tmp_path / "result.json", chat([message(3, text="As it was once")]))
    assert figures(older) == (0, 1, 0, 0)
    assert figures(older) == (0, 0, 1, 0)


def test_of_a_flat_list(channel: Channel, tmp_path: Path) -> None:
    MessageStats.objects.filter(message_id=2).update(source_rank=10)
    Message.objects.filter(message_id=2).update(text="Message")
    path = tmp_path / "flat.json"
    rows = [
        {
            "message_id": number,
            "chat_id": OURS,
            "text": f"Message {number}",
            "date": WHEN.isoformat(),
        }
        for number in (1, 2, 11)
    ]
    path.write_text(json.dumps(rows))
    assert figures(path) == (1, 1, 1, 0)
    assert figures(path) == (0, 0, 3, 0)


def test_what_was_let_go_is_said_to_be_left_out(channel: Channel, tmp_path: Path) -> None:
    path = write(tmp_path / "result.json", chat([message(12), message(13), message(13)]))
    with connection.cursor() as cursor:
        dropping.note(cursor, channel.pk, IdRanges.span(12, 12), 1)
    assert figures(path) == (1, 0, 0, 2)
    (row,) = run_import(path)["channels"]
    assert row["why"] == {"repeated": 1, "let_go": 1}

"""Telegram-Archive's database, imported."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from ingestion.models import Channel, Message, MessageRevision, MessageStats
from tests.ingestion.importing.running import run_import
from tests.ingestion.sources.telegram_archive_writer import enrich, write_database

pytestmark = pytest.mark.django_db(transaction=True)


def test_channels_come_with_what_was_noted_of_their_messages(tmp_path: Path) -> None:
    path = write_database(tmp_path / "telegram_backup.db")
    enrich(path)
    told = run_import(path)
    assert (told["source"], told["left_out"]) == ("archive", {"chats": 1, "messages": 1})
    assert [(row["title"], row["new"]) for row in told["channels"]] == [
        ("A group", 1),
        ("The Archive", 5),
    ]
    channel = Channel.objects.get(username="the_archive")
    assert (channel.kind, channel.is_private) == ("broadcast", False)

    rows = {row.message_id: row for row in Message.objects.filter(channel=channel)}
    assert rows[1].text == "Bold and a link 😀"
    assert [one["type"] for one in rows[1].entities] == ["bold", "text_url"]
    assert rows[1].links == ["https://e.org/a"]
    assert rows[1].edit_date == datetime(2026, 5, 2, 10, tzinfo=UTC)
    assert MessageRevision.objects.get().text == "Before"
    assert rows[1].sender_id == ""
    assert (rows[2].kind, rows[2].media_meta) == (
        "document",
        {"type": "document", "file_name": "a.pdf", "mime": "application/pdf", "size": 7},
    )
    assert MessageStats.objects.get(channel=channel, message_id=2).reactions == {"👍": 3}
    assert rows[3].media_meta == {"type": "service", "action": "chat_edit_title", "title": "New"}
    assert (rows[4].kind, rows[4].author, rows[4].grouped_id) == (
        "poll",
        "Ed",
        12_345_678_901_234_567,
    )
    assert rows[5].deleted_at == datetime(2026, 5, 3, tzinfo=UTC)
    assert rows[2].first_seen_at == datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert Message.objects.get(message_id=9).sender_id == "5"
    assert not Message.objects.filter(text="secret").exists()

    again = run_import(path)
    assert sum(row["new"] + row["changed"] for row in again["channels"]) == 0


def test_another_database_is_refused_in_words(tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("CREATE TABLE chats (id INTEGER)")
    connection.close()
    with pytest.raises(CommandError, match="no table “chats” as Telegram-Archive makes it"):
        run_import(tmp_path / "other.db")
    (tmp_path / "cut.db").write_bytes(write_database(tmp_path / "whole.db").read_bytes()[:5_000])
    with pytest.raises(CommandError, match="cannot be read"):
        run_import(tmp_path / "cut.db")

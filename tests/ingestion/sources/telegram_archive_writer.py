"""Makes a database as Telegram-Archive keeps it: the tables and columns that matter."""

import json
import sqlite3
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE chats (account_id INTEGER DEFAULT 1, id BIGINT, type VARCHAR(50), title VARCHAR(255),
    username VARCHAR(255), is_forum INTEGER DEFAULT 0, PRIMARY KEY (account_id, id));
CREATE TABLE messages (account_id INTEGER DEFAULT 1, id BIGINT, chat_id BIGINT, sender_id BIGINT,
    sender_name TEXT, date DATETIME, text TEXT, reply_to_msg_id BIGINT, reply_to_top_id BIGINT,
    forward_from_id BIGINT, edit_date DATETIME, raw_data TEXT, created_at DATETIME,
    is_deleted INTEGER DEFAULT 0, deleted_at DATETIME, PRIMARY KEY (account_id, chat_id, id));
CREATE TABLE media (account_id INTEGER DEFAULT 1, id VARCHAR(255), message_id BIGINT, chat_id BIGINT,
    type VARCHAR(50), file_name VARCHAR(255), file_size BIGINT, mime_type VARCHAR(100), width INTEGER,
    height INTEGER, duration INTEGER);
CREATE TABLE reactions (id INTEGER PRIMARY KEY, account_id INTEGER DEFAULT 1, message_id BIGINT,
    chat_id BIGINT, emoji VARCHAR(50), user_id BIGINT, count INTEGER, removed_at DATETIME);
CREATE TABLE message_versions (id INTEGER PRIMARY KEY, account_id INTEGER DEFAULT 1,
    message_id BIGINT, chat_id BIGINT, text TEXT, date DATETIME, captured_at DATETIME);
"""


def write_database(path: Path, messages: int = 5) -> Path:
    """A channel with `messages` posts of every kind, a private chat, a supergroup."""
    with sqlite3.connect(path) as connection:
        connection.executescript(_TABLES)
        chats = [
            (-1_001_700_000_001, "channel", "The Archive", "the_archive"),
            (-1_001_700_000_002, "group", "A group", None),
            (77, "private", None, None),
        ]
        connection.executemany(
            "INSERT INTO chats (id, type, title, username) VALUES (?, ?, ?, ?)", chats
        )
        for number in range(1, messages + 1):
            _message(connection, -1_001_700_000_001, number, sender_id=-1_001_700_000_001)
        _message(connection, -1_001_700_000_002, 9, sender_id=5, sender_name="Ann")
        _message(connection, 77, 1, sender_id=77, text="secret")
    connection.close()
    return path


def enrich(path: Path) -> None:
    """Of the channel: 1 is formatted and was edited, 2 has a medium and reactions, 3 is a service
    message, 4 a poll, 5 is gone.
    """
    with sqlite3.connect(path) as connection:
        update = "UPDATE messages SET {} WHERE chat_id = -1001700000001 AND id = ?"
        connection.execute(
            update.format("text = ?, edit_date = ?"),
            ("**Bold** and [a link](https://e.org/a) 😀", "2026-05-02 10:00:00", 1),
        )
        connection.execute(
            "INSERT INTO message_versions (message_id, chat_id, text, date, captured_at) "
            "VALUES (1, -1001700000001, 'Before', '2026-05-01', '2026-05-02 09:00:00.5')"
        )
        connection.execute(
            "INSERT INTO media (id, message_id, chat_id, type, file_name, file_size, mime_type) "
            "VALUES ('x', 2, -1001700000001, 'document', 'a.pdf', 7, 'application/pdf')"
        )
        connection.executemany(
            "INSERT INTO reactions (message_id, chat_id, emoji, count, removed_at) "
            "VALUES (2, -1001700000001, ?, ?, ?)",
            [("👍", 3, None), ("🔥", 1, "2026-05-02")],
        )
        raw = {"service_type": "service", "action_type": "chat_edit_title", "new_title": "New"}
        connection.execute(update.format("raw_data = ?"), (json.dumps(raw), 3))
        poll: dict[str, Any] = {
            "poll": {
                "id": 8,
                "question": "Q?",
                "answers": [{"text": "A", "option": "MA=="}],
                "results": {"total_voters": 4},
            },
            "grouped_id": "12345678901234567",
            "post_author": "Ed",
        }
        connection.execute(update.format("raw_data = ?"), (json.dumps(poll), 4))
        connection.execute(
            update.format("is_deleted = 1, deleted_at = ?"), ("2026-05-03 00:00:00", 5)
        )
    connection.close()


def _message(connection: sqlite3.Connection, chat: int, number: int, **fields: Any) -> None:
    row = {
        "id": number,
        "chat_id": chat,
        "date": f"2026-05-01 10:{number % 60:02}:00",
        "text": f"Message {number}",
        "created_at": "2026-05-01 12:00:00",
        **fields,
    }
    names = ", ".join(row)
    places = ", ".join("?" for _ in row)
    connection.execute(f"INSERT INTO messages ({names}) VALUES ({places})", list(row.values()))

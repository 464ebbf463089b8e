"""What must survive a kill: one SQLite file in the data directory.

It holds what differs from the seed (changed, posted and deleted messages, channels'
cards), the server's secret, auth keys with their logins, and login codes. Every change
is committed before anybody is told of it; a killed process loses nothing that way, the
kernel has the pages.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS messages (
    channel_id INTEGER, id INTEGER, body BLOB, PRIMARY KEY (channel_id, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS channels (channel_id INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS events (
    channel_id INTEGER, pts INTEGER, kind TEXT NOT NULL, ids BLOB NOT NULL,
    PRIMARY KEY (channel_id, pts)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS auth_keys (key_id BLOB PRIMARY KEY, key BLOB NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS codes (phone TEXT PRIMARY KEY, body BLOB NOT NULL);
"""

EVENTS_KEPT = 5_000


class Store:
    """Typed access to the file; values are JSON."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    def meta(self, name: str) -> Any:
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else orjson.loads(row[0])

    def set_meta(self, name: str, value: Any) -> None:
        self._db.execute("REPLACE INTO meta VALUES (?, ?)", (name, orjson.dumps(value)))

    def change(
        self,
        channel_id: int,
        card: dict[str, Any],
        messages: Iterable[tuple[int, dict[str, Any] | None]] = (),
        event: tuple[int, str, list[int]] | None = None,
    ) -> None:
        """One change of a channel, whole or not at all; a message that is None is deleted."""
        rows = [
            (channel_id, message_id, None if body is None else orjson.dumps(body))
            for message_id, body in messages
        ]
        self._db.execute("BEGIN")
        try:
            self._db.executemany("REPLACE INTO messages VALUES (?, ?, ?)", rows)
            self._db.execute(
                "REPLACE INTO channels VALUES (?, ?)", (channel_id, orjson.dumps(card))
            )
            if event is not None:
                pts, kind, ids = event
                row = (channel_id, pts, kind, orjson.dumps(ids))
                self._db.execute("REPLACE INTO events VALUES (?, ?, ?, ?)", row)
                old = (channel_id, pts - EVENTS_KEPT)
                self._db.execute("DELETE FROM events WHERE channel_id = ? AND pts < ?", old)
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def clear(self) -> None:
        """Forgets every change of the world, every key and every code."""
        for table in ("messages", "channels", "events", "auth_keys", "codes"):
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own tables
        self._db.execute("DELETE FROM meta WHERE name = 'ticks'")

    def messages(self) -> Iterator[tuple[int, int, dict[str, Any] | None]]:
        """Every message that differs from the seed: channel, id, body or None."""
        for channel_id, message_id, body in self._db.execute("SELECT * FROM messages"):
            yield channel_id, message_id, None if body is None else orjson.loads(body)

    def channels(self) -> Iterator[tuple[int, dict[str, Any]]]:
        for channel_id, body in self._db.execute("SELECT * FROM channels"):
            yield channel_id, orjson.loads(body)

    def forget_events(self) -> None:
        """As after a long time: nothing is known of what happened, but what it led to."""
        self._db.execute("DELETE FROM events")

    def events(self, channel_id: int, after: int, limit: int) -> list[tuple[int, str, list[int]]]:
        """Events of a channel with a pts above `after`, oldest first."""
        rows = self._db.execute(
            "SELECT pts, kind, ids FROM events WHERE channel_id = ? AND pts > ? ORDER BY pts LIMIT ?",
            (channel_id, after, limit),
        )
        return [(pts, kind, orjson.loads(ids)) for pts, kind, ids in rows]

    def auth_keys(self) -> Iterator[tuple[bytes, dict[str, Any]]]:
        for key, body in self._db.execute("SELECT key, body FROM auth_keys"):
            yield key, orjson.loads(body)

    def put_auth_key(self, key_id: bytes, key: bytes, body: dict[str, Any]) -> None:
        self._db.execute(
            "REPLACE INTO auth_keys VALUES (?, ?, ?)", (key_id, key, orjson.dumps(body))
        )

    def drop_auth_key(self, key_id: bytes) -> None:
        self._db.execute("DELETE FROM auth_keys WHERE key_id = ?", (key_id,))

    def code(self, phone: str) -> dict[str, Any] | None:
        row = self._db.execute("SELECT body FROM codes WHERE phone = ?", (phone,)).fetchone()
        return None if row is None else orjson.loads(row[0])

    def put_code(self, phone: str, body: dict[str, Any] | None) -> None:
        if body is None:
            self._db.execute("DELETE FROM codes WHERE phone = ?", (phone,))
        else:
            self._db.execute("REPLACE INTO codes VALUES (?, ?)", (phone, orjson.dumps(body)))

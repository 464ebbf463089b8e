"""The database as a stream: chat after chat, each by message id, read-only."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from ingestion.errors import DataError, InputError
from ingestion.records import ChannelKind, MessageRecord, Unparsed
from ingestion.sources import bounds
from ingestion.sources.base import Chat, Earlier, Portion
from ingestion.sources.pages import page_of
from ingestion.sources.telegram_archive.message import Around, map_row
from ingestion.sources.unmappable import untrue
from ingestion.sources.words import clean

#: Above it are people and basic groups (https://core.telegram.org/api/bots/ids).
_CHANNELS_BELOW: Final = -1_000_000_000_000
#: Messages of a portion, whose media and reactions are asked for at once.
_AT_ONCE: Final = 500
_NEEDED: Final = {"chats": {"id", "type"}, "messages": {"id", "chat_id", "date", "text"}}

Row = Mapping[str, Any]


class TelegramArchive:
    """Of a chat that several accounts archived, all of its copies are read; the same message is
    then brought more than once.
    """

    name = "archive"

    def __init__(self, path: Path) -> None:
        self._path = path
        self.size = path.stat().st_size
        with self._connected() as connection:
            tables = _tables(connection)
        for table, columns in _NEEDED.items():
            if not columns <= tables.get(table, set()):
                raise InputError(
                    "NOT_TELEGRAM_ARCHIVE",
                    "The database has no table “%(table)s” as Telegram-Archive makes it.",
                    "Choose Telegram-Archive's database (telegram_backup.db).",
                    table=table,
                )
        self._tables = tables

    def _connected(self) -> "closing[sqlite3.Connection]":
        try:
            connection = sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA schema_version")
        except sqlite3.Error as error:
            raise _damaged(error) from error
        return closing(connection)

    def chats(self) -> Iterator[Chat]:
        with self._connected() as connection:
            for row in connection.execute("SELECT * FROM chats ORDER BY id"):
                if row["id"] < _CHANNELS_BELOW:
                    yield _chat(dict(row))

    def portions(self, *, skip: int = 0) -> Iterator[Portion]:
        try:
            with self._connected() as connection:
                yield from self._read(connection, skip)
        except sqlite3.Error as error:
            raise _damaged(error) from error

    def _read(self, connection: sqlite3.Connection, skip: int) -> Iterator[Portion]:
        total = connection.execute("SELECT count(*) FROM messages").fetchone()[0] or 1
        accounts = "account_id" in self._tables["messages"]
        read = 0
        rows = connection.execute("SELECT * FROM chats ORDER BY id").fetchall()
        for row in rows:
            one = dict(row)
            count = _count(connection, one, accounts=accounts)
            if skip >= count:
                skip, read = skip - count, read + count
                continue
            if one["id"] >= _CHANNELS_BELOW:
                read += count
                nothing, skipped = page_of([]), {"not_a_channel": count - skip}
                chat = Chat(None, clean(one.get("title")) or str(one["id"]))
                yield Portion(chat, nothing, count - skip, skipped, self._offset(read, total))
                skip = 0
                continue
            for messages in _messages(connection, one, accounts=accounts):
                left, skip = messages[skip:], max(0, skip - len(messages))
                read += len(messages)
                if left:
                    yield self._portion(connection, one, left, self._offset(read, total))

    def _offset(self, read: int, total: int) -> int:
        return self.size * read // total

    def _portion(
        self, connection: sqlite3.Connection, chat: Row, rows: list[Row], offset: int
    ) -> Portion:
        around = Around(
            media=self._beside(connection, "media", chat, rows),
            reactions=self._beside(connection, "reactions", chat, rows),
        )
        versions = self._beside(connection, "message_versions", chat, rows)
        records: list[MessageRecord] = []
        unparsed: list[Unparsed] = []
        history: dict[int, Earlier] = {}
        for row in rows:
            try:
                record = map_row(row, around, own_id=chat["id"])
                earlier = _earlier(row, versions.get(row["id"], []))
            except DataError as error:
                unparsed.append(Unparsed(row["id"], error.told, bounds.dumped(dict(row))))
            else:
                records.append(record)
                history[record.message_id] = earlier
        page = page_of(records, unparsed)
        return Portion(_chat(chat), page, len(rows), {}, offset, history)

    def _beside(
        self, connection: sqlite3.Connection, table: str, chat: Row, rows: list[Row]
    ) -> dict[int, list[Row]]:
        """Rows of another table for these messages, by message id."""
        found: dict[int, list[Row]] = {}
        statement = _BESIDE.get(table, "") if table in self._tables else ""
        if not statement:
            return found
        key = {"chat": chat["id"], "low": rows[0]["id"], "high": rows[-1]["id"]}
        account = chat.get("account_id")
        for row in connection.execute(statement, key):
            one = dict(row)
            if account is None or one.get("account_id", account) == account:
                found.setdefault(one["message_id"], []).append(one)
        return found


_BESIDE: Final = {
    "media": "SELECT * FROM media WHERE chat_id = :chat AND message_id BETWEEN :low AND :high",
    "reactions": "SELECT * FROM reactions WHERE chat_id = :chat AND message_id BETWEEN :low AND :high",
    "message_versions": "SELECT * FROM message_versions WHERE chat_id = :chat "
    "AND message_id BETWEEN :low AND :high ORDER BY captured_at, id",
}


def _tables(connection: sqlite3.Connection) -> dict[str, set[str]]:
    """Columns by table; views are none."""
    try:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        columns = "SELECT name FROM pragma_table_info(?)"
        return {
            row["name"]: {one["name"] for one in connection.execute(columns, [row["name"]])}
            for row in names
        }
    except sqlite3.Error as error:
        raise _damaged(error) from error


def _count(connection: sqlite3.Connection, chat: Row, *, accounts: bool) -> int:
    key = {"chat": chat["id"], "account": chat.get("account_id")}
    statement = "SELECT count(*) FROM messages WHERE chat_id = :chat"
    if accounts:
        statement += " AND account_id = :account"
    return int(connection.execute(statement, key).fetchone()[0])


def _messages(connection: sqlite3.Connection, chat: Row, *, accounts: bool) -> Iterator[list[Row]]:
    key = {"chat": chat["id"], "account": chat.get("account_id")}
    statement = "SELECT * FROM messages WHERE chat_id = :chat"
    if accounts:
        statement += " AND account_id = :account"
    cursor = connection.execute(statement + " ORDER BY id", key)
    while rows := cursor.fetchmany(_AT_ONCE):
        yield [dict(row) for row in rows]


def _chat(row: Row) -> Chat:
    kind = ChannelKind.BROADCAST if row["type"] == "channel" else ChannelKind.SUPERGROUP
    if row.get("is_forum"):
        kind = ChannelKind.FORUM
    username = clean(row.get("username"))
    return Chat(
        peer_id=row["id"],
        title=clean(row.get("title")) or str(row["id"]),
        kind=kind,
        username=username,
        is_private=not username,
    )


def _earlier(row: Row, versions: list[Row]) -> Earlier:
    """What was noted of it: when it was archived, that it is gone, what it said before."""
    deleted = row.get("deleted_at") if row.get("is_deleted") else None
    revisions: list[dict[str, Any]] = [
        {
            "replaced_at": _utc(one["captured_at"]),
            "edit_date": None,
            "kind": "text",
            "text": clean(one["text"]),
            "entities": [],
        }
        for one in versions
        if one.get("captured_at")
    ]
    created = row.get("created_at")
    return Earlier(
        first_seen_at=_utc(created) if created else None,
        deleted_at=_utc(deleted) if deleted else None,
        revisions=tuple(revisions),
    )


def _utc(text: str) -> str:
    """Raises `DataError` for what is no time."""
    told = f"{str(text).replace(' ', 'T').removesuffix('Z').split('+')[0]}+00:00"
    try:
        bounds.moment(told)
    except ValueError as error:
        raise untrue(told[:40]) from error
    return told


def _damaged(error: sqlite3.Error) -> DataError:
    return DataError(
        "DATABASE_DAMAGED",
        "The database cannot be read: %(reason)s.",
        "Stop the program that writes it, copy it again, and import the copy. What was imported "
        "before stays.",
        reason=str(error),
    )

"""Records as the rows of the tables."""

from dataclasses import dataclass
from typing import Any

import orjson

from ingestion.languages import detect
from ingestion.records import FULL_SOURCES, HASH_VERSION, MessageRecord

#: The last is the search vector: COPY takes it in binary form, which is bytes.
MESSAGE_TYPES = (
    "int8", "int8", "timestamptz", "timestamptz", "text", "text", "text", "jsonb", "text",
    "jsonb", "jsonb", "jsonb", "int8", "int8", "text[]", "text[]", "text", "timestamptz", "bytea",
)  # fmt: skip
STATS_TYPES = (
    "int8", "int8", "int8", "int8", "int8", "jsonb", "jsonb", "bytea", "int2", "bytea", "int2",
)  # fmt: skip
RAW_TYPES = ("int8", "int8", "text", "jsonb", "bytea")
STAGE_MESSAGE_TYPES = (*MESSAGE_TYPES[1:17], "bytea", "bool", "jsonb")
STAGE_STATS_TYPES = STATS_TYPES[1:]
#: A message, its counters without key and rank, and its raw record.
STAGE_MERGE_TYPES = (*MESSAGE_TYPES[1:17], *STATS_TYPES[2:-1], "jsonb")


@dataclass(frozen=True, slots=True)
class Hashed:
    """A record with what it is compared by."""

    record: MessageRecord
    content: bytes
    counters: bytes
    version: int = HASH_VERSION

    @classmethod
    def of(cls, record: MessageRecord, version: int = HASH_VERSION) -> "Hashed":
        return cls(record, record.content_hash(), record.counters_hash(), version)


def message_row(record: MessageRecord, language: str | None = None) -> tuple[Any, ...]:
    """The row without key and times of ours; the language is told here where it is not given."""
    return (
        record.message_id,
        record.date,
        record.edit_date,
        record.sender_id,
        record.author,
        record.text,
        orjson.dumps(record.entities),
        record.kind,
        _json(record.media_meta),
        _json(record.reply_to),
        _json(record.forward),
        record.grouped_id,
        record.topic_id,
        list(record.links),
        list(record.hashtags),
        detect(record.text) if language is None else language,
    )


def stats_row(row: Hashed, rank: int) -> tuple[Any, ...]:
    record = row.record
    return (
        record.message_id,
        record.views,
        record.forwards,
        record.replies,
        orjson.dumps(record.reactions),
        _json(record.attached),
        row.content,
        row.version,
        row.counters,
        rank,
    )


def raw_row(row: Hashed, source: str) -> tuple[Any, ...]:
    """The hash stands beside the raw record of a source that others may outrank: what is archived
    of the message then has the hash of theirs.
    """
    content = None if source in FULL_SOURCES else row.content
    return (row.record.message_id, source, row.record.raw_json(), content)


def _json(value: Any) -> bytes | None:
    return None if value is None else orjson.dumps(value)

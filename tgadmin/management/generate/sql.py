"""The SQL of made-up archives: literal, named, described."""

from typing import Final

from ingestion import sql as writer_sql

#: As the writer sends new messages, with what it would have marked later.
COPY_MESSAGES: Final = writer_sql.COPY_MESSAGES.replace(
    "first_seen_at, tsv)", "first_seen_at, tsv, deleted_at, deleted_how)"
)

COPY_REVISIONS: Final = """
COPY ingestion_messagerevision (channel_id, message_id, replaced_at, edit_date, text, entities,
    kind, media_meta, reply_to, forward, content_hash)
FROM STDIN (FORMAT BINARY)
"""

#: Of the days that the rollup added up, how many of their messages are deleted: two arrays.
DELETED_BY_DAY: Final = """
UPDATE archive_channelday kept SET deleted = told.deleted
FROM unnest(%(days)s::date[], %(deleted)s::int[]) AS told (day, deleted)
WHERE kept.channel_id = %(channel)s AND kept.day = told.day
"""

#: Every workspace but one that has messages.
OTHERS_WITH_MESSAGES: Final = """
SELECT EXISTS (
    SELECT FROM ingestion_channel channel
    JOIN ingestion_channeltotals totals ON totals.channel_id = channel.id
    WHERE channel.workspace_id <> %(workspace)s AND totals.messages > 0)
"""

#: Whether there is any message at all, whosever it is.
ANY_MESSAGE: Final = "SELECT EXISTS (SELECT FROM ingestion_message)"

#: Index names of a table that are not those of constraints.
INDEXES: Final = """
SELECT index.relname
FROM pg_index entry
JOIN pg_class index ON index.oid = entry.indexrelid
WHERE entry.indrelid = %(table)s::regclass
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = index.oid)
"""

"""The SQL of exports: literal, named, described. Columns are composed of the fixed pieces below.

Both statements stream: every joined table is read along its primary key in the order of message
ids, so that the first row comes at once and nothing is sorted or kept. A table that no chosen
column needs is not read: PostgreSQL drops a left join that can neither add nor take away rows.
"""

from collections.abc import Iterable
from typing import Final, LiteralString

from psycopg.sql import SQL, Composed

from archive.exports import columns as columns_of
from archive.filters import BOUNDS, CONDITIONS, filled

#: One state of the database for all statements, and times in UTC written with their offset.
#: The joins are told to follow the primary keys: a hash join would hold and sort the channel
#: before its first row (https://www.postgresql.org/docs/current/runtime-config-query.html).
SNAPSHOT: Final = """
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
SET LOCAL idle_in_transaction_session_timeout TO 0;
SET LOCAL TIME ZONE 'UTC';
SET LOCAL DateStyle TO 'ISO';
SET LOCAL enable_hashjoin TO off
"""

#: Tables of which PostgreSQL knows no longer how large they are: more rows changed than there were
#: (https://www.postgresql.org/docs/current/monitoring-stats.html). It looks by itself once a minute.
STALE: Final = """
SELECT stat.relname FROM pg_stat_user_tables stat
JOIN pg_class class ON class.oid = stat.relid
WHERE stat.relname = ANY(%(tables)s)
  AND stat.n_mod_since_analyze > greatest(class.reltuples, 0) + 1000
"""
TABLES: Final = (
    "ingestion_message",
    "ingestion_messagestats",
    "ingestion_messageraw",
    "ingestion_messagerevision",
    "ingestion_medium",
)
ANALYZE: Final = SQL("SET lock_timeout TO '2s'; ANALYZE {table}; RESET lock_timeout")

#: Until the end of the transaction, times are written as in that zone.
TIME_ZONE: Final = "SELECT set_config('TimeZone', %(zone)s, true)"

#: How many rows there will be, as the writer counted them; `present`: without deleted ones.
EXPECTED_ROWS: Final = """
SELECT coalesce(sum(messages - CASE WHEN %(present)s THEN deleted ELSE 0 END), 0)::bigint
FROM ingestion_channeltotals WHERE channel_id = ANY(%(channels)s::bigint[])
"""

#: Texts are quoted always: that spares PostgreSQL reading each twice, the first time to see
#: whether it must.
_CSV_STATEMENT: Final[LiteralString] = r"""
COPY (
    SELECT
        {columns}
    FROM ingestion_message message
    LEFT JOIN ingestion_messagestats stats
         ON stats.channel_id = message.channel_id AND stats.message_id = message.message_id{joined}
    LEFT JOIN (
        SELECT message_id, count(*) FROM ingestion_messagerevision
        WHERE channel_id = %(channel)s::bigint GROUP BY message_id
    ) revision ON revision.message_id = message.message_id
    WHERE message.channel_id = %(channel)s::bigint
{filters}
    ORDER BY message.message_id{limit}
) TO STDOUT (FORMAT csv{options})
"""

_RAW: Final[LiteralString] = """
    LEFT JOIN ingestion_messageraw raw
         ON raw.channel_id = message.channel_id AND raw.message_id = message.message_id
        AND raw.source = 'mtproto'"""

#: What the store has of what a message carries now.
_FILES: Final[LiteralString] = """,
            (SELECT json_agg(json_build_object(
                        'slot', medium.slot, 'kind', medium.kind, 'sha256', file.sha256, 'storage', file.storage,
                        'size', file.size, 'mime', file.mime, 'name', medium.name,
                        'width', medium.width, 'height', medium.height) ORDER BY medium.slot)
             FROM ingestion_medium medium
             JOIN ingestion_storedfile file ON file.sha256 = medium.file_id
             WHERE medium.channel_id = message.channel_id
               AND medium.message_id = message.message_id
               AND medium.slot < 100) AS files"""

#: What was written by transactions that had not ended when an earlier snapshot was taken, or began
#: after it (`lake`). Rows know who wrote them: xmin, a 32-bit number that counts on in a circle, is
#: compared by its age.
_SINCE: Final[LiteralString] = """
  AND (%(since_xmin)s::text IS NULL OR age(message.xmin) <= age(%(since_xmin)s::text::xid)
       OR age(stats.xmin) <= age(%(since_xmin)s::text::xid))
"""

#: A message with what lies beside it.
MESSAGES: Final[LiteralString] = """FROM ingestion_message message
        LEFT JOIN ingestion_messagestats stats
             ON stats.channel_id = message.channel_id AND stats.message_id = message.message_id
        LEFT JOIN ingestion_messageraw raw
             ON raw.channel_id = message.channel_id AND raw.message_id = message.message_id
            AND raw.source = 'mtproto'"""

#: One line of JSON a message, its line break included. Sent in the binary form because that
#: sends the line as it is: the others look at each byte for something to escape (and the text
#: form doubles backslashes), which costs a tenth of the whole.
_JSONL_STATEMENT: Final[LiteralString] = r"""
COPY (
    SELECT row_to_json(line)::text || e'\n'
    FROM (
        SELECT
            {columns}
        {messages}
        LEFT JOIN (
            SELECT message_id,
                   json_agg(
                       json_build_object(
                           'replaced_at', replaced_at, 'edit_date', edit_date, 'kind', kind,
                           'text', text, 'entities', {entities}, 'media', {media},
                           'reply_to', {reply_to}, 'forward', {forward}
                       ) ORDER BY replaced_at
                   ) AS list
            FROM ingestion_messagerevision old
            WHERE channel_id = %(channel)s::bigint GROUP BY message_id
        ) revision ON revision.message_id = message.message_id
        WHERE message.channel_id = %(channel)s::bigint
{filters}
    ) line
    ORDER BY line.message_id{limit}
) TO STDOUT (FORMAT binary)
"""

#: Of each channel, for a look at how long its rows are.
_SAMPLE: Final[LiteralString] = " DESC LIMIT %(sample)s"

#: How many rows a filter lets through: for channels that are small enough to count.
COUNT: Final = filled("""
SELECT count(*) FROM ingestion_message message
WHERE message.channel_id = ANY(%(channels)s::bigint[])
-- bounds
-- conditions
""")

#: The planner's guess of the same, as JSON.
GUESS: Final = filled("""
EXPLAIN (FORMAT JSON) SELECT 1 FROM ingestion_message message
WHERE message.channel_id = ANY(%(channels)s::bigint[])
-- bounds
-- conditions
""")

#: Which stored files a filter lets through, among the newest of each channel that have a file or a
#: picture; one more than asked for says that a channel has more (`more`). The number that is looked at
#: is a constant for the planner, which then looks up their messages by key.
MEDIA: Final = filled("""
WITH looked AS MATERIALIZED (
    SELECT newest.*, count(*) OVER (PARTITION BY newest.channel_id) > %(share)s AS more
    FROM unnest(%(channels)s::bigint[]) AS asked (channel_id)
    CROSS JOIN LATERAL (
        SELECT medium.channel_id, medium.message_id, medium.slot, medium.file_id
        FROM ingestion_medium medium
        WHERE medium.channel_id = asked.channel_id
          AND (medium.file_id IS NOT NULL OR medium.thumb_id IS NOT NULL)
          AND (%(since)s::timestamptz IS NULL OR medium.date >= %(since)s::timestamptz)
          AND (%(until)s::timestamptz IS NULL OR medium.date < %(until)s::timestamptz)
        ORDER BY medium.date DESC LIMIT %(share)s + 1
    ) newest
), fitting AS (
    -- Each once, as in the zip; what is known for certain first.
    SELECT DISTINCT ON (file.sha256) looked.more, file.size
    FROM looked
    JOIN ingestion_message message
      ON message.channel_id = looked.channel_id AND message.message_id = looked.message_id
    JOIN ingestion_storedfile file ON file.sha256 = looked.file_id
    WHERE looked.slot < 100 AND file.problem <> 'missing'
-- bounds
-- conditions
    ORDER BY file.sha256, looked.more
)
SELECT (SELECT count(*) FILTER (WHERE NOT more) FROM looked),
       (SELECT count(*) FILTER (WHERE more) FROM looked),
       count(*) FILTER (WHERE NOT more),
       coalesce(sum(size) FILTER (WHERE NOT more), 0)::bigint,
       count(*) FILTER (WHERE more),
       coalesce(sum(size) FILTER (WHERE more), 0)::bigint
FROM fitting
""")

#: The planner's guess of how many there are to look at, as JSON.
MEDIA_GUESS: Final = """
EXPLAIN (FORMAT JSON) SELECT 1 FROM ingestion_medium medium
WHERE medium.channel_id = ANY(%(channels)s::bigint[])
  AND (medium.file_id IS NOT NULL OR medium.thumb_id IS NOT NULL)
  AND (%(since)s::timestamptz IS NULL OR medium.date >= %(since)s::timestamptz)
  AND (%(until)s::timestamptz IS NULL OR medium.date < %(until)s::timestamptz)
"""


def csv_statement(
    columns: Iterable[str], *, without_senders: bool, zone: str, sample: bool
) -> Composed:
    """COPY with the parameters of a channel (`channel`, `peer`) and of filters."""
    chosen = list(columns)
    return SQL(_CSV_STATEMENT).format(
        columns=columns_of.csv(chosen, without_senders=without_senders, zone=zone),
        filters=SQL(BOUNDS + CONDITIONS),
        limit=SQL(_SAMPLE if sample else ""),
        messages=SQL(MESSAGES),
        joined=SQL(""),
        options=SQL(", HEADER, FORCE_QUOTE (text)" if "text" in chosen else ", HEADER"),
    )


def typed_statement(
    columns: Iterable[str], *, without_senders: bool, plain: bool = False
) -> Composed:
    """COPY in CSV without a header, as `arrow` reads it: signs that no JSON has stand for comma and
    quotation mark, so that next to nothing has to be quoted. `plain`: with the usual ones.
    """
    chosen = list(columns)
    quoted: LiteralString = ", FORCE_QUOTE (text)" if "text" in chosen else ""
    signs: LiteralString = "" if plain else r", DELIMITER e'\x02', QUOTE e'\x01'"
    return SQL(_CSV_STATEMENT).format(
        columns=columns_of.typed(chosen, without_senders=without_senders),
        filters=SQL(BOUNDS + CONDITIONS + _SINCE),
        limit=SQL(""),
        joined=SQL(_RAW),
        options=SQL(signs) + SQL(quoted),
    )


def jsonl_statement(
    columns: Iterable[str],
    *,
    without_senders: bool,
    sample: bool,
    with_files: bool = False,
) -> Composed:
    """The same for JSON Lines, where PostgreSQL writes times as ISO 8601 by itself."""
    old: dict[str, LiteralString] = {
        "entities": "entities",
        "media": "media_meta",
        "reply_to": "reply_to",
        "forward": "forward",
    }
    return SQL(_JSONL_STATEMENT).format(
        columns=columns_of.jsonl(columns, without_senders=without_senders)
        + SQL(_FILES if with_files else ""),
        filters=SQL(BOUNDS + CONDITIONS + _SINCE),
        limit=SQL(_SAMPLE if sample else ""),
        messages=SQL(MESSAGES),
        **{
            name: columns_of.bare(name, "old") if without_senders else SQL(plain)
            for name, plain in old.items()
        },
    )


#: Whoever changes the row has the export; a second worker finds it no longer queued.
CLAIM: Final = """
UPDATE archive_export SET
    state = 'running', worker_token = %(token)s, heartbeat_at = now(), started_at = now(),
    rows = 0, size = 0, error = '[]', paused_for = 0
WHERE id = %(export)s AND state = 'queued' AND NOT cancel_wish
RETURNING attempt
"""

#: No row: somebody else took the export over, or deleted it.
HEARTBEAT: Final = """
UPDATE archive_export SET
    heartbeat_at = now(), rows = %(rows)s, size = %(size)s,
    rows_expected = coalesce(%(expected)s, rows_expected),
    state = CASE WHEN pause_wish THEN 'paused' ELSE 'running' END,
    paused_for = paused_for + CASE WHEN state = 'paused'
                                   THEN extract(epoch FROM now() - heartbeat_at) ELSE 0 END
WHERE id = %(export)s AND state IN ('running', 'paused') AND worker_token = %(token)s
RETURNING cancel_wish, pause_wish
"""

#: The file is renamed while this row is locked: whoever takes an export over waits for it.
PUBLISH: Final = """
UPDATE archive_export SET
    state = 'done', worker_token = NULL, ended_at = now(), rows = %(rows)s,
    rows_expected = %(rows)s, size = %(size)s, sha256 = %(sha256)s, file_name = %(file_name)s,
    expires_at = now() + make_interval(days => (
        SELECT keep_exports_days FROM workspaces_workspace WHERE id = archive_export.workspace_id
    ))
WHERE id = %(export)s AND state IN ('running', 'paused') AND worker_token = %(token)s
  AND NOT cancel_wish
"""

END: Final = """
UPDATE archive_export SET
    state = %(state)s, worker_token = NULL, ended_at = now(), error = %(error)s::jsonb
WHERE id = %(export)s AND state IN ('running', 'paused') AND worker_token = %(token)s
"""

#: Back into the queue, by the worker that has to stop; a wish to cancel is fulfilled instead, and
#: one that is paused stays so, and begins anew when it is to go on.
RELEASE: Final = """
UPDATE archive_export SET
    state = CASE WHEN cancel_wish THEN 'cancelled' WHEN pause_wish THEN 'paused' ELSE 'queued' END,
    ended_at = CASE WHEN cancel_wish THEN now() END,
    worker_token = NULL, heartbeat_at = NULL, attempt = attempt + 1, rows = 0, size = 0
WHERE id = %(export)s AND state IN ('running', 'paused') AND worker_token = %(token)s
"""

#: Exports whose worker fell silent: back into the queue, cancelled where that was wished, given
#: up after so many attempts.
TAKE_FROM_SILENT_WORKERS: Final = """
UPDATE archive_export SET
    state = CASE WHEN cancel_wish THEN 'cancelled'
                 WHEN attempt >= %(attempts)s THEN 'failed'
                 WHEN pause_wish THEN 'paused' ELSE 'queued' END,
    error = CASE WHEN attempt >= %(attempts)s AND NOT cancel_wish THEN %(error)s ELSE '[]' END::jsonb,
    ended_at = CASE WHEN cancel_wish OR attempt >= %(attempts)s THEN now() END,
    attempt = attempt + CASE WHEN cancel_wish OR attempt >= %(attempts)s THEN 0 ELSE 1 END,
    worker_token = NULL, heartbeat_at = NULL, rows = 0, size = 0
WHERE state IN ('running', 'paused') AND heartbeat_at < now() - make_interval(secs => %(silence)s)
RETURNING id, format
"""

"""The SQL of exports: literal, named, described.

Both statements stream: every joined table is read along its primary key in the order of message
ids, so that the first row comes at once and nothing is sorted or kept.
"""

from typing import Final

#: One state of the database for all statements, and times in UTC written with their offset.
#: The joins are told to follow the primary keys: a hash join would hold and sort the channel
#: before its first row (https://www.postgresql.org/docs/current/runtime-config-query.html).
SNAPSHOT: Final = """
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
SET LOCAL TIME ZONE 'UTC';
SET LOCAL DateStyle TO 'ISO';
SET LOCAL enable_hashjoin TO off
"""

#: How many rows there will be, as the writer counted them.
EXPECTED_ROWS: Final = """
SELECT messages - CASE WHEN %(with_deleted)s THEN 0 ELSE deleted END
FROM ingestion_channeltotals WHERE channel_id = %(channel)s::bigint
"""

#: A cell that a spreadsheet would read as a formula (it begins with = + - @, a tab or a carriage
#: return: 61 43 45 64 9 13) gets an apostrophe in front
#: (https://owasp.org/www-community/attacks/CSV_Injection). Sender ids are numbers, and stay so.
#: JSON begins with a bracket. Texts are quoted always: that spares PostgreSQL reading each twice,
#: the first time to see whether it must. Times get the T and the full offset that ISO 8601 asks for.
CSV: Final = r"""
COPY (
    SELECT
        message.channel_id,
        %(peer)s::bigint AS peer_id,
        message.message_id,
        replace(message.date::text, ' ', 'T') || ':00' AS date,
        replace(message.edit_date::text, ' ', 'T') || ':00' AS edit_date,
        replace(message.deleted_at::text, ' ', 'T') || ':00' AS deleted_at,
        replace(message.first_seen_at::text, ' ', 'T') || ':00' AS first_seen_at,
        CASE WHEN ascii(message.sender_id) IN (61, 43, 45, 64, 9, 13)
                  AND message.sender_id !~ '^-[0-9]+$'
             THEN '''' || message.sender_id ELSE message.sender_id END AS sender_id,
        CASE WHEN ascii(message.author) IN (61, 43, 45, 64, 9, 13)
             THEN '''' || message.author ELSE message.author END AS author,
        message.kind,
        CASE WHEN ascii(message.text) IN (61, 43, 45, 64, 9, 13)
             THEN '''' || message.text ELSE message.text END AS text,
        stats.views,
        stats.forwards,
        stats.replies,
        stats.reactions,
        message.media_meta AS media,
        message.reply_to,
        message.forward,
        message.grouped_id,
        message.topic_id,
        CASE WHEN ascii(message.links[1]) IN (61, 43, 45, 64, 9, 13)
             THEN '''' ELSE '' END || array_to_string(message.links, ' ') AS links,
        CASE WHEN ascii(message.hashtags[1]) IN (61, 43, 45, 64, 9, 13)
             THEN '''' ELSE '' END || array_to_string(message.hashtags, ' ') AS hashtags,
        coalesce(revision.count, 0) AS revisions
    FROM ingestion_message message
    LEFT JOIN ingestion_messagestats stats
         ON stats.channel_id = message.channel_id AND stats.message_id = message.message_id
    LEFT JOIN (
        SELECT message_id, count(*) FROM ingestion_messagerevision
        WHERE channel_id = %(channel)s::bigint GROUP BY message_id
    ) revision ON revision.message_id = message.message_id
    WHERE message.channel_id = %(channel)s::bigint
      AND (%(with_deleted)s OR message.deleted_at IS NULL)
    ORDER BY message.message_id
) TO STDOUT (FORMAT csv, HEADER, FORCE_QUOTE (text))
"""

#: One line of JSON a message, its line break included. Sent in the binary form because that
#: sends the line as it is: the others look at each byte for something to escape (and the text
#: form doubles backslashes), which costs a tenth of the whole.
JSONL: Final = r"""
COPY (
    SELECT row_to_json(line)::text || e'\n'
    FROM (
        SELECT
            message.channel_id,
            %(peer)s::bigint AS peer_id,
            message.message_id,
            message.date,
            message.edit_date,
            message.deleted_at,
            message.first_seen_at,
            message.sender_id,
            message.author,
            message.kind,
            message.text,
            message.entities,
            message.media_meta AS media,
            message.reply_to,
            message.forward,
            message.grouped_id,
            message.topic_id,
            message.links,
            message.hashtags,
            stats.views,
            stats.forwards,
            stats.replies,
            stats.reactions,
            coalesce(revision.list, '[]') AS revisions,
            coalesce(
                raw.raw,
                (SELECT other.raw FROM ingestion_messageraw other
                 WHERE other.channel_id = message.channel_id
                   AND other.message_id = message.message_id
                 ORDER BY other.source LIMIT 1)
            ) AS raw
        FROM ingestion_message message
        LEFT JOIN ingestion_messagestats stats
             ON stats.channel_id = message.channel_id AND stats.message_id = message.message_id
        LEFT JOIN ingestion_messageraw raw
             ON raw.channel_id = message.channel_id AND raw.message_id = message.message_id
            AND raw.source = 'mtproto'
        LEFT JOIN (
            SELECT message_id,
                   json_agg(
                       json_build_object(
                           'replaced_at', replaced_at, 'edit_date', edit_date, 'kind', kind,
                           'text', text, 'entities', entities, 'media', media_meta,
                           'reply_to', reply_to, 'forward', forward
                       ) ORDER BY replaced_at
                   ) AS list
            FROM ingestion_messagerevision
            WHERE channel_id = %(channel)s::bigint GROUP BY message_id
        ) revision ON revision.message_id = message.message_id
        WHERE message.channel_id = %(channel)s::bigint
          AND (%(with_deleted)s OR message.deleted_at IS NULL)
    ) line
    ORDER BY line.message_id
) TO STDOUT (FORMAT binary)
"""

#: Whoever changes the row has the export; a second worker finds it no longer queued.
CLAIM: Final = """
UPDATE archive_export SET
    state = 'running', worker_token = %(token)s, heartbeat_at = now(), started_at = now(),
    rows = 0, size = 0, error = ''
WHERE id = %(export)s AND state = 'queued' AND NOT cancel_wish
RETURNING attempt
"""

#: No row: somebody else took the export over, or deleted it.
HEARTBEAT: Final = """
UPDATE archive_export SET
    heartbeat_at = now(), rows = %(rows)s, size = %(size)s,
    rows_expected = coalesce(%(expected)s, rows_expected)
WHERE id = %(export)s AND state = 'running' AND worker_token = %(token)s
RETURNING cancel_wish
"""

#: The file is renamed while this row is locked: whoever takes an export over waits for it.
PUBLISH: Final = """
UPDATE archive_export SET
    state = 'done', worker_token = NULL, ended_at = now(), rows = %(rows)s,
    rows_expected = %(rows)s, size = %(size)s, sha256 = %(sha256)s, file_name = %(file_name)s
WHERE id = %(export)s AND state = 'running' AND worker_token = %(token)s AND NOT cancel_wish
"""

END: Final = """
UPDATE archive_export SET
    state = %(state)s, worker_token = NULL, ended_at = now(), error = %(error)s
WHERE id = %(export)s AND state = 'running' AND worker_token = %(token)s
"""

#: Back into the queue, by the worker that has to stop; a wish to cancel is fulfilled instead.
RELEASE: Final = """
UPDATE archive_export SET
    state = CASE WHEN cancel_wish THEN 'cancelled' ELSE 'queued' END,
    ended_at = CASE WHEN cancel_wish THEN now() END,
    worker_token = NULL, heartbeat_at = NULL, attempt = attempt + 1, rows = 0, size = 0
WHERE id = %(export)s AND state = 'running' AND worker_token = %(token)s
"""

#: Exports whose worker fell silent: back into the queue, cancelled where that was wished, given
#: up after so many attempts.
TAKE_FROM_SILENT_WORKERS: Final = """
UPDATE archive_export SET
    state = CASE WHEN cancel_wish THEN 'cancelled'
                 WHEN attempt >= %(attempts)s THEN 'failed' ELSE 'queued' END,
    error = CASE WHEN attempt >= %(attempts)s AND NOT cancel_wish THEN %(error)s ELSE '' END,
    ended_at = CASE WHEN cancel_wish OR attempt >= %(attempts)s THEN now() END,
    attempt = attempt + CASE WHEN cancel_wish OR attempt >= %(attempts)s THEN 0 ELSE 1 END,
    worker_token = NULL, heartbeat_at = NULL, rows = 0, size = 0
WHERE state = 'running' AND heartbeat_at < now() - make_interval(secs => %(silence)s)
RETURNING id, format
"""

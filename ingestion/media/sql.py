"""SQL of files that the ORM cannot say."""

from typing import Final

COPY_MEDIA: Final = """
COPY ingestion_medium (
    channel_id, message_id, slot, kind, remote_id, date, size, mime, name, width, height,
    duration, want, state, error
) FROM STDIN (FORMAT binary)
"""

#: What an edit replaced stays where it was downloaded, behind what replaced it; where it was not,
#: there is nothing to keep.
KEEP_REPLACED: Final = """
UPDATE ingestion_medium old
SET slot = 100 + (
    SELECT count(*) FROM ingestion_medium other
    WHERE other.channel_id = old.channel_id AND other.message_id = old.message_id
      AND other.slot >= 100
)
WHERE old.channel_id = %(channel)s AND old.message_id = ANY(%(ids)s) AND old.slot = 0
  AND (old.file_id IS NOT NULL OR old.thumb_id IS NOT NULL)
"""

DROP_REPLACED: Final = """
DELETE FROM ingestion_medium
WHERE channel_id = %(channel)s AND message_id = ANY(%(ids)s) AND slot = 0
"""

#: What came by an export, and is what Telegram has: it is known by its id from now on.
ADOPT: Final = """
UPDATE ingestion_medium medium
SET remote_id = told.remote_id, kind = told.kind, mime = coalesce(nullif(told.mime, ''), medium.mime),
    name = coalesce(nullif(told.name, ''), medium.name)
FROM unnest(%(ids)s::bigint[], %(remotes)s::bigint[], %(kinds)s::text[], %(mimes)s::text[],
            %(names)s::text[]) AS told (message_id, remote_id, kind, mime, name)
WHERE medium.channel_id = %(channel)s AND medium.message_id = told.message_id AND medium.slot = 0
  AND medium.remote_id = 0
"""

#: There is something to do, unless a person paused it or somebody is at it.
WAKE_LINE: Final = """
INSERT INTO ingestion_medialine AS line (
    channel_id, state, stop_wish, planned_down_to, slice, attempts,
    wanted_files, wanted_bytes, done_files, done_bytes, failed_files, rate,
    error_class, error_code, error
) VALUES (%(channel)s, 'queued', '', 0, 0, 0, 0, 0, 0, 0, 0, 0, '', '', '[]')
ON CONFLICT (channel_id) DO UPDATE SET state = 'queued', rate = 0
WHERE line.state = 'idle'
"""

#: A stretch of messages that were archived before files were listed. Which of them are wanted is
#: decided afterwards, for all at once.
LIST_MESSAGES: Final = """
INSERT INTO ingestion_medium (
    channel_id, message_id, slot, kind, remote_id, date, size, mime, name, width, height, duration,
    error
)
SELECT channel_id, message_id, 0, kind, (media_meta ->> 'id')::bigint, date,
       CASE WHEN jsonb_typeof(media_meta -> 'size') = 'number'
            THEN (media_meta ->> 'size')::bigint END,
       coalesce(media_meta ->> 'mime', ''), coalesce(media_meta ->> 'file_name', ''),
       CASE WHEN jsonb_typeof(media_meta -> 'width') = 'number'
            THEN (media_meta ->> 'width')::int END,
       CASE WHEN jsonb_typeof(media_meta -> 'height') = 'number'
            THEN (media_meta ->> 'height')::int END,
       CASE WHEN jsonb_typeof(media_meta -> 'duration') = 'number'
            THEN (media_meta ->> 'duration')::float8 END,
       '[]'
FROM ingestion_message
WHERE channel_id = %(channel)s AND message_id BETWEEN %(low)s AND %(high)s
  AND kind = ANY(%(kinds)s) AND media_meta ->> 'id' ~ '^-?[0-9]{1,18}[0-9]?$'
  AND NOT media_meta ? 'ttl_seconds'
ON CONFLICT DO NOTHING
"""

#: Which files of a stretch are wanted now. What a person asked for stays so, and what is stored, or
#: was let go, is not fetched again.
WANT_MEDIA: Final = """
UPDATE ingestion_medium medium
SET want = wish.want,
    state = CASE WHEN wish.want = 0 THEN
                CASE WHEN medium.file_id IS NOT NULL OR medium.thumb_id IS NOT NULL
                     THEN 'done' ELSE 'skipped' END
            WHEN medium.file_id IS NOT NULL
              OR (wish.want = 1 AND medium.thumb_id IS NOT NULL) THEN 'done'
            ELSE 'pending' END,
    attempts = 0, not_before = NULL, error_code = '', error = '[]'
FROM (
    SELECT message_id, slot, CASE
        WHEN %(mode)s = 0 THEN 0
        WHEN NOT (%(any_kind)s OR kind = ANY(%(kinds)s)) THEN 0
        WHEN %(mode)s = 1 AND NOT kind = ANY(%(pictured)s) THEN 0
        WHEN NOT (%(any_mime)s OR
                  CASE WHEN mime = '' AND kind = 'photo' THEN 'image/jpeg' ELSE mime END
                      LIKE ANY(%(mimes)s::text[])) THEN 0
        WHEN coalesce(size, 0) NOT BETWEEN %(least)s AND %(most)s THEN 0
        WHEN date < %(since)s OR date >= %(until)s THEN 0
        ELSE %(mode)s END AS want
    FROM ingestion_medium
    WHERE channel_id = %(channel)s AND message_id BETWEEN %(low)s AND %(high)s AND slot < 100
) wish
WHERE medium.channel_id = %(channel)s AND medium.message_id = wish.message_id
  AND medium.slot = wish.slot AND medium.asked_at IS NULL AND medium.state <> 'fetching'
  AND medium.let_go_at IS NULL
  AND (medium.want <> wish.want OR (wish.want > 0 AND medium.state = 'skipped'))
"""

#: What is to be fetched next: what a person asked for, then the newest.
NEXT: Final = """
SELECT message_id, slot FROM ingestion_medium
WHERE channel_id = %(channel)s AND state IN ('pending', 'waiting')
  AND (not_before IS NULL OR not_before <= clock_timestamp())
  AND (NOT %(asked_only)s OR asked_at IS NOT NULL)
ORDER BY asked_at DESC NULLS LAST, message_id DESC
LIMIT %(limit)s
"""

#: How far the downloads of a channel are.
COUNT: Final = """
SELECT count(*) FILTER (WHERE want > 0 AND state <> 'failed'),
       coalesce(sum(size) FILTER (WHERE want = 2 AND state <> 'failed'), 0)::bigint,
       count(*) FILTER (WHERE want > 0 AND state = 'done'),
       coalesce(sum(size) FILTER (WHERE want = 2 AND state = 'done'), 0)::bigint,
       count(*) FILTER (WHERE state = 'failed'),
       count(*) FILTER (WHERE state IN ('pending', 'fetching', 'waiting')),
       min(not_before) FILTER (WHERE state = 'waiting'),
       count(*) FILTER (WHERE state IN ('pending', 'fetching'))
FROM ingestion_medium WHERE channel_id = %(channel)s AND (want > 0 OR state = 'failed')
"""

#: Lines whose worker lost or gave up the account's lease without saying so: it is gone.
INTERRUPT_LINES: Final = """
UPDATE ingestion_medialine line
SET state = 'queued', lease_token = NULL, slice = slice + 1, slice_ended_at = now(), rate = 0
WHERE line.channel_id IN (
    SELECT silent.channel_id FROM ingestion_medialine silent
    WHERE silent.state = 'running' AND NOT EXISTS (
        SELECT FROM ingestion_accountlease lease
        WHERE lease.account_id = silent.account_id AND lease.token = silent.lease_token
          AND lease.expires_at > clock_timestamp()
    )
    FOR UPDATE SKIP LOCKED
)
"""

#: One line for each account that nobody holds who goes before it, and that has no run to do: a listener
#: gives way. Where a person waits for a file, runs give way, too; so they do for a line that was passed
#: over for long: a backfill of days must not keep files away for days.
PICK_LINES: Final = """
SELECT DISTINCT ON (line.account_id) line.channel_id, line.slice
FROM ingestion_medialine line
WHERE line.state = 'queued' AND line.planned_down_to = 0 AND line.account_id IS NOT NULL
  AND NOT EXISTS (
      SELECT FROM ingestion_accountlease lease
      WHERE lease.account_id = line.account_id AND lease.token IS NOT NULL
        AND lease.expires_at > clock_timestamp()
        AND lease.priority <= CASE WHEN line.asked_at IS NULL THEN %(media)s ELSE %(update)s END
  )
  AND (
      line.asked_at IS NOT NULL
      OR line.slice_ended_at < now() - %(patience)s * interval '1 s'
      OR NOT EXISTS (
          SELECT FROM ingestion_syncrun run
          WHERE run.account_id = line.account_id AND run.state = 'queued'
      )
  )
ORDER BY line.account_id, line.asked_at NULLS LAST, line.slice_ended_at NULLS FIRST,
         line.channel_id
"""

#: A sample of a channel's messages: every id of a short history; of a long one an id of every
#: stretch, which one is left to chance, so that what comes back regularly is neither missed nor
#: counted too often.
SAMPLE: Final = """
SELECT count(*), coalesce(sum(size), 0)::bigint,
       count(*) FILTER (WHERE stored), coalesce(sum(size) FILTER (WHERE stored), 0)::bigint
FROM (
    SELECT CASE WHEN jsonb_typeof(message.media_meta -> 'size') = 'number'
                THEN (message.media_meta ->> 'size')::bigint ELSE 0 END AS size,
           message.kind, message.date, coalesce(message.media_meta ->> 'mime', '') AS mime,
           EXISTS (
               SELECT FROM ingestion_medium medium
               WHERE medium.channel_id = message.channel_id
                 AND medium.message_id = message.message_id AND medium.slot = 0
                 AND (medium.file_id IS NOT NULL
                      OR (%(mode)s = 1 AND medium.thumb_id IS NOT NULL))
           ) AS stored
    FROM ingestion_message message
    WHERE message.channel_id = %(channel)s AND message.message_id = ANY(ARRAY(
        SELECT place + (hashint8(place) & 2147483647) %% %(step)s::bigint
        FROM generate_series(1::bigint, %(top)s::bigint, %(step)s::bigint) place
    ))
      AND message.kind = ANY(%(carriers)s) AND message.media_meta ? 'id'
      AND NOT message.media_meta ? 'ttl_seconds'
) found
WHERE (%(any_kind)s OR kind = ANY(%(kinds)s))
  AND (%(mode)s <> 1 OR kind = ANY(%(pictured)s))
  AND (%(any_mime)s OR CASE WHEN mime = '' AND kind = 'photo' THEN 'image/jpeg' ELSE mime END
           LIKE ANY(%(mimes)s::text[]))
  AND size BETWEEN %(least)s AND %(most)s AND date >= %(since)s AND date < %(until)s
"""

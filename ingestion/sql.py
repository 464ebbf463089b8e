"""The SQL of the write side that the ORM cannot say: literal, named, described.

`%b` binds in PostgreSQL's binary form, which for arrays costs a quarter of the text form.
"""

from typing import Final

#: Makes the coverage row when it is missing. Locking it is what makes one batch a channel and
#: source be written at a time.
ENSURE_COVERAGE: Final = """
INSERT INTO ingestion_coverage (channel_id, source, ranges)
VALUES (%(channel)s, %(source)s, '{}') ON CONFLICT (channel_id, source) DO NOTHING
"""

LOCK_COVERAGE: Final = """
SELECT ranges FROM ingestion_coverage
WHERE channel_id = %(channel)s AND source = %(source)s FOR UPDATE
"""

EXTEND_COVERAGE: Final = """
UPDATE ingestion_coverage SET ranges = ranges + %(ranges)s
WHERE channel_id = %(channel)s AND source = %(source)s
"""

#: One batch of a channel at a time, until the transaction ends, whatever its source: two sources
#: that bring the same new message would both find it missing.
#: Whoever has it and falls silent in the middle is ended by the server, also behind a pooler.
LOCK_CHANNEL: Final = (
    "SELECT pg_advisory_xact_lock(1952935781, %(channel)s::int), "
    "set_config('idle_in_transaction_session_timeout', '120s', true)"
)

#: Of the sent keys, those that are not stored (all columns but the first are null) or are stored
#: with another hash or from a source of another rank; whether the content is what differs, the
#: version it was hashed with, and that rank.
COMPARE_HASHES: Final = """
SELECT sent.message_id,
       stored.content_hash <> sent.content_hash OR stored.hash_version <> %(version)s,
       stored.hash_version, stored.source_rank
FROM unnest(%(ids)b::bigint[], %(contents)b::bytea[], %(counters)b::bytea[])
     AS sent (message_id, content_hash, counters_hash)
LEFT JOIN ingestion_messagestats stored
     ON stored.channel_id = %(channel)s AND stored.message_id = sent.message_id
WHERE stored.message_id IS NULL
   OR stored.content_hash <> sent.content_hash
   OR stored.counters_hash <> sent.counters_hash
   OR stored.hash_version <> %(version)s
   OR stored.source_rank <> %(rank)s
"""

#: The same for a source that others may outrank. Where one has, what is archived has the hash of
#: the other's record; what this source said last is told by the hash beside its raw record.
COMPARE_WITH_RAW: Final = """
SELECT sent.message_id,
       stored.content_hash <> sent.content_hash OR stored.hash_version <> %(version)s,
       stored.hash_version, stored.source_rank
FROM unnest(%(ids)b::bigint[], %(contents)b::bytea[], %(counters)b::bytea[])
     AS sent (message_id, content_hash, counters_hash)
LEFT JOIN ingestion_messagestats stored
     ON stored.channel_id = %(channel)s AND stored.message_id = sent.message_id
LEFT JOIN ingestion_messageraw raw
     ON raw.channel_id = %(channel)s AND raw.message_id = sent.message_id
    AND raw.source = %(source)s
WHERE CASE WHEN stored.source_rank = %(rank)s THEN
               stored.content_hash <> sent.content_hash
               OR stored.counters_hash <> sent.counters_hash
               OR stored.hash_version <> %(version)s
           ELSE raw.content_hash IS DISTINCT FROM sent.content_hash END
"""

#: Temporary copies of what changed, emptied by every commit.
STAGES: Final = """
CREATE TEMPORARY TABLE IF NOT EXISTS stage_message (
    message_id bigint PRIMARY KEY, date timestamptz, edit_date timestamptz, sender_id text,
    author text, text text, entities jsonb, kind text, media_meta jsonb, reply_to jsonb,
    forward jsonb, grouped_id bigint, topic_id bigint, links text[], hashtags text[],
    language text, content_hash bytea, keep_revision boolean, raw jsonb
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS stage_stats (
    message_id bigint PRIMARY KEY, views bigint, forwards bigint, replies bigint,
    reactions jsonb, attached jsonb, content_hash bytea, hash_version smallint,
    counters_hash bytea, source_rank smallint
) ON COMMIT DELETE ROWS
"""

#: An answer that was given before the stored one was edited must not undo the edit.
DROP_STALE_CONTENT: Final = """
DELETE FROM stage_message staged USING ingestion_message stored
WHERE stored.channel_id = %(channel)s AND stored.message_id = staged.message_id
  AND stored.edit_date IS NOT NULL
  AND (staged.edit_date IS NULL OR staged.edit_date < stored.edit_date)
RETURNING staged.message_id
"""

KEEP_REVISIONS: Final = """
INSERT INTO ingestion_messagerevision (
    channel_id, message_id, replaced_at, edit_date, text, entities, kind, media_meta, reply_to,
    forward, content_hash, raw)
SELECT stored.channel_id, stored.message_id, now(), stored.edit_date, stored.text,
       stored.entities, stored.kind, stored.media_meta, stored.reply_to, stored.forward,
       stats.content_hash, raw.raw
FROM stage_message staged
JOIN ingestion_message stored
     ON stored.channel_id = %(channel)s AND stored.message_id = staged.message_id
JOIN ingestion_messagestats stats
     ON stats.channel_id = stored.channel_id AND stats.message_id = stored.message_id
LEFT JOIN ingestion_messageraw raw
     ON raw.channel_id = stored.channel_id AND raw.message_id = stored.message_id
    AND raw.source = %(source)s
WHERE staged.keep_revision OR staged.edit_date IS DISTINCT FROM stored.edit_date
RETURNING message_id
"""

#: Where content is about to get another date: the dates that it had.
MOVED_FROM: Final = """
SELECT stored.date FROM stage_message staged
JOIN ingestion_message stored
  ON stored.channel_id = %(channel)s AND stored.message_id = staged.message_id
WHERE stored.date <> staged.date
"""

UPDATE_MESSAGES: Final = """
UPDATE ingestion_message stored SET
    date = staged.date, edit_date = staged.edit_date, sender_id = staged.sender_id,
    author = staged.author, text = staged.text, entities = staged.entities, kind = staged.kind,
    media_meta = staged.media_meta, reply_to = staged.reply_to, forward = staged.forward,
    grouped_id = staged.grouped_id, topic_id = staged.topic_id, links = staged.links,
    hashtags = staged.hashtags, language = staged.language
FROM stage_message staged
WHERE stored.channel_id = %(channel)s AND stored.message_id = staged.message_id
"""

UPSERT_RAW: Final = """
INSERT INTO ingestion_messageraw (channel_id, message_id, source, raw, content_hash)
SELECT %(channel)s, message_id, %(source)s, raw,
       CASE WHEN %(keeps_hash)s THEN content_hash END
FROM stage_message
ON CONFLICT (channel_id, message_id, source)
DO UPDATE SET raw = excluded.raw, content_hash = excluded.content_hash
"""

#: Content hashes follow the content: a stale answer brings its counters only.
UPDATE_STATS: Final = """
UPDATE ingestion_messagestats stored SET
    views = staged.views, forwards = staged.forwards, replies = staged.replies,
    reactions = staged.reactions, attached = staged.attached, counters_hash = staged.counters_hash,
    content_hash = CASE WHEN staged.message_id = ANY(%(stale)s::bigint[])
                   THEN stored.content_hash ELSE staged.content_hash END,
    hash_version = staged.hash_version
FROM stage_stats staged
WHERE stored.channel_id = %(channel)s AND stored.message_id = staged.message_id
"""

#: Archived messages that were thought deleted, in a range; there are few, and an index of them.
DELETED_IN_RANGE: Final = """
SELECT message_id FROM ingestion_message
WHERE channel_id = %(channel)s AND deleted_at IS NOT NULL
  AND message_id BETWEEN %(low)s AND %(high)s
"""

#: Telegram answered with a message that was thought deleted.
UNDELETE: Final = """
UPDATE ingestion_message SET deleted_at = NULL, deleted_how = ''
WHERE channel_id = %(channel)s AND deleted_at IS NOT NULL AND message_id = ANY(%(ids)s::bigint[])
"""

MARK_DELETED: Final = """
UPDATE ingestion_message SET deleted_at = now(), deleted_how = %(how)s
WHERE channel_id = %(channel)s AND deleted_at IS NULL AND message_id = ANY(%(ids)s::bigint[])
RETURNING message_id
"""

HOLD_IN_QUARANTINE: Final = """
INSERT INTO ingestion_quarantine
    (channel_id, source, message_id, error, raw, run_id, first_seen_at)
VALUES (%(channel)s, %(source)s, %(message_id)s, %(error)s::jsonb, %(raw)s, %(run)s, now())
ON CONFLICT (channel_id, source, message_id) DO UPDATE SET error = excluded.error
WHERE ingestion_quarantine.error <> excluded.error
"""

QUARANTINED_IN_RANGE: Final = """
SELECT message_id FROM ingestion_quarantine
WHERE channel_id = %(channel)s AND source = %(source)s
  AND message_id BETWEEN %(low)s AND %(high)s
"""

#: What could be read now is no longer held.
RELEASE_FROM_QUARANTINE: Final = """
DELETE FROM ingestion_quarantine
WHERE channel_id = %(channel)s AND source = %(source)s AND message_id = ANY(%(ids)s::bigint[])
"""

ADD_TOTALS: Final = """
INSERT INTO ingestion_channeltotals AS totals
    (channel_id, messages, deleted, revisions, first_date, last_date)
VALUES (%(channel)s, %(messages)s, %(deleted)s, %(revisions)s, %(first)s, %(last)s)
ON CONFLICT (channel_id) DO UPDATE SET
    messages = totals.messages + excluded.messages,
    deleted = totals.deleted + excluded.deleted,
    revisions = totals.revisions + excluded.revisions,
    first_date = least(totals.first_date, excluded.first_date),
    last_date = greatest(totals.last_date, excluded.last_date)
"""

RAISE_TOP: Final = """
UPDATE ingestion_channel SET top_id = %(top)s WHERE id = %(channel)s AND top_id < %(top)s
"""

#: Straight into the tables: the coverage lock and the comparison of hashes made sure that the
#: keys are new. A row without a vector is given one by the trigger.
COPY_MESSAGES: Final = """
COPY ingestion_message (channel_id, message_id, date, edit_date, sender_id, author, text, entities,
    kind, media_meta, reply_to, forward, grouped_id, topic_id, links, hashtags, language,
    first_seen_at, tsv)
FROM STDIN (FORMAT BINARY)
"""

COPY_STATS: Final = """
COPY ingestion_messagestats (channel_id, message_id, views, forwards, replies, reactions,
    attached, content_hash, hash_version, counters_hash, source_rank)
FROM STDIN (FORMAT BINARY)
"""

COPY_RAW: Final = """
COPY ingestion_messageraw (channel_id, message_id, source, raw, content_hash)
FROM STDIN (FORMAT BINARY)
"""

COPY_STAGE_MESSAGE: Final = """
COPY stage_message (message_id, date, edit_date, sender_id, author, text, entities, kind,
    media_meta, reply_to, forward, grouped_id, topic_id, links, hashtags, language, content_hash,
    keep_revision, raw)
FROM STDIN (FORMAT BINARY)
"""

COPY_STAGE_STATS: Final = """
COPY stage_stats (message_id, views, forwards, replies, reactions, attached, content_hash,
    hash_version, counters_hash, source_rank)
FROM STDIN (FORMAT BINARY)
"""

#: The batch counts only while this worker still owns the run: no row, and all is rolled back.
ADVANCE_RUN: Final = """
UPDATE ingestion_syncrun SET
    done = done + %(done)s, new = new + %(new)s, changed = changed + %(changed)s,
    unchanged = unchanged + %(unchanged)s, counters = counters + %(counters)s,
    absent = absent + %(absent)s, deleted = deleted + %(deleted)s,
    quarantined = quarantined + %(quarantined)s, requests = requests + %(requests)s,
    rate = %(rate)s, attempts = 0
WHERE id = %(run)s AND state = 'running' AND lease_token = %(token)s
"""

#: Add to what an account sent in this hour (UTC).
COUNT_REQUESTS: Final = """
INSERT INTO ingestion_accountrequests (account_id, hour, kind, requests)
SELECT %(account)s, date_trunc('hour', now(), 'UTC'), sent.kind, sent.requests
FROM unnest(%(kinds)s::text[], %(numbers)s::bigint[]) AS sent (kind, requests)
ON CONFLICT (account_id, hour, kind)
DO UPDATE SET requests = ingestion_accountrequests.requests + excluded.requests
"""

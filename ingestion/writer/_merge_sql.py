"""The SQL of messages that a source of another rank told before: literal, named, described.

"Other words" leaves aside white space and how accents are composed, which sources render
differently.
"""

from typing import Final

MERGE_STAGE: Final = """
CREATE TEMPORARY TABLE IF NOT EXISTS stage_merge (
    message_id bigint PRIMARY KEY, date timestamptz, edit_date timestamptz, sender_id text,
    author text, text text, entities jsonb, kind text, media_meta jsonb, reply_to jsonb,
    forward jsonb, grouped_id bigint, topic_id bigint, links text[], hashtags text[],
    language text, views bigint, forwards bigint, replies bigint, reactions jsonb, attached jsonb,
    content_hash bytea, hash_version smallint, counters_hash bytea, raw jsonb,
    richer boolean, newer boolean, other_words boolean
) ON COMMIT DELETE ROWS;
DELETE FROM stage_merge
"""

COPY_STAGE_MERGE: Final = """
COPY stage_merge (message_id, date, edit_date, sender_id, author, text, entities, kind, media_meta,
    reply_to, forward, grouped_id, topic_id, links, hashtags, language, views, forwards, replies,
    reactions,
    attached, content_hash, hash_version, counters_hash, raw)
FROM STDIN (FORMAT BINARY)
"""

#: A poorer source that knows of a later edit is right about the words, and only about them.
WEIGH_MERGE: Final = """
UPDATE stage_merge staged SET (richer, other_words, newer) = (
    SELECT stats.source_rank < %(rank)s, words.differ,
           words.differ AND stats.source_rank >= %(rank)s AND staged.edit_date IS NOT NULL
           AND (stored.edit_date IS NULL OR staged.edit_date > stored.edit_date)
    FROM ingestion_message stored
    JOIN ingestion_messagestats stats
         ON stats.channel_id = stored.channel_id AND stats.message_id = stored.message_id
    CROSS JOIN LATERAL (
        SELECT regexp_replace(normalize(staged.text, NFC), '[[:space:]]+', '', 'g')
            <> regexp_replace(normalize(stored.text, NFC), '[[:space:]]+', '', 'g') AS differ
    ) AS words
    WHERE stored.channel_id = %(channel)s AND stored.message_id = staged.message_id
)
"""

#: What is archived was different in words, and is about to be replaced.
MERGE_REVISIONS: Final = """
INSERT INTO ingestion_messagerevision (
    channel_id, message_id, replaced_at, edit_date, text, entities, kind, media_meta, reply_to,
    forward, content_hash, raw)
SELECT stored.channel_id, stored.message_id, now(), stored.edit_date, stored.text,
       stored.entities, stored.kind, stored.media_meta, stored.reply_to, stored.forward,
       stats.content_hash, before.raw
FROM stage_merge staged
JOIN ingestion_message stored
     ON stored.channel_id = %(channel)s AND stored.message_id = staged.message_id
JOIN ingestion_messagestats stats
     ON stats.channel_id = stored.channel_id AND stats.message_id = stored.message_id
LEFT JOIN LATERAL (
    SELECT raw FROM ingestion_messageraw raw
    WHERE raw.channel_id = stored.channel_id AND raw.message_id = stored.message_id
      AND raw.source <> %(source)s LIMIT 1
) AS before ON true
WHERE staged.other_words AND (staged.richer OR staged.newer)
"""

#: A poorer source that was saved before an edit has the words that were lost by it.
MERGE_EARLIER: Final = """
INSERT INTO ingestion_messagerevision (
    channel_id, message_id, replaced_at, edit_date, text, entities, kind, media_meta, reply_to,
    forward, content_hash, raw)
SELECT stored.channel_id, stored.message_id, stored.edit_date, staged.edit_date, staged.text,
       staged.entities, staged.kind, staged.media_meta, staged.reply_to, staged.forward,
       staged.content_hash, staged.raw
FROM stage_merge staged
JOIN ingestion_message stored
     ON stored.channel_id = %(channel)s AND stored.message_id = staged.message_id
WHERE staged.other_words AND NOT staged.richer AND NOT staged.newer
  AND stored.edit_date IS NOT NULL
  AND NOT EXISTS (
      SELECT FROM ingestion_messagerevision kept
      WHERE kept.channel_id = stored.channel_id AND kept.message_id = stored.message_id
        AND regexp_replace(normalize(kept.text, NFC), '[[:space:]]+', '', 'g')
            = regexp_replace(normalize(staged.text, NFC), '[[:space:]]+', '', 'g'))
ON CONFLICT (channel_id, message_id, replaced_at) DO NOTHING
"""

MERGE_MOVED_FROM: Final = """
SELECT stored.date FROM stage_merge staged
JOIN ingestion_message stored
  ON stored.channel_id = %(channel)s AND stored.message_id = staged.message_id
WHERE staged.richer AND stored.date <> staged.date
"""

#: The richer source's fields; of those that it cannot tell, what was there. A poorer one fills
#: what was not told, and brings its words where they are newer.
MERGE_MESSAGES: Final = """
UPDATE ingestion_message stored SET
    date = CASE WHEN staged.richer THEN staged.date ELSE stored.date END,
    edit_date = CASE WHEN staged.richer AND %(full)s OR staged.newer
                THEN staged.edit_date ELSE stored.edit_date END,
    text = CASE WHEN staged.richer OR staged.newer THEN staged.text ELSE stored.text END,
    entities = CASE WHEN staged.richer OR staged.newer
               THEN staged.entities ELSE stored.entities END,
    links = CASE WHEN staged.richer OR staged.newer
            THEN staged.links ELSE stored.links END,
    hashtags = CASE WHEN staged.richer OR staged.newer
               THEN staged.hashtags ELSE stored.hashtags END,
    language = CASE WHEN staged.richer OR staged.newer
               THEN staged.language ELSE stored.language END,
    kind = CASE WHEN staged.richer THEN staged.kind ELSE stored.kind END,
    sender_id = CASE WHEN staged.richer AND (%(full)s OR staged.sender_id <> '')
                     OR stored.sender_id = '' THEN staged.sender_id ELSE stored.sender_id END,
    author = CASE WHEN staged.richer AND (%(full)s OR staged.author <> '')
                  OR stored.author = '' THEN staged.author ELSE stored.author END,
    media_meta = CASE WHEN staged.richer AND %(full)s THEN staged.media_meta
                      WHEN staged.richer THEN coalesce(staged.media_meta, stored.media_meta)
                      ELSE coalesce(stored.media_meta, staged.media_meta) END,
    reply_to = CASE WHEN staged.richer AND %(full)s THEN staged.reply_to
                    WHEN staged.richer THEN coalesce(staged.reply_to, stored.reply_to)
                    ELSE coalesce(stored.reply_to, staged.reply_to) END,
    forward = CASE WHEN staged.richer AND %(full)s THEN staged.forward
                   WHEN staged.richer THEN coalesce(staged.forward, stored.forward)
                   ELSE coalesce(stored.forward, staged.forward) END,
    grouped_id = CASE WHEN staged.richer AND %(full)s THEN staged.grouped_id
                      WHEN staged.richer THEN coalesce(staged.grouped_id, stored.grouped_id)
                      ELSE coalesce(stored.grouped_id, staged.grouped_id) END,
    topic_id = CASE WHEN staged.richer AND %(full)s THEN staged.topic_id
                    WHEN staged.richer THEN coalesce(staged.topic_id, stored.topic_id)
                    ELSE coalesce(stored.topic_id, staged.topic_id) END
FROM stage_merge staged, ingestion_messagestats stats
WHERE stored.channel_id = %(channel)s AND stored.message_id = staged.message_id
  AND stats.channel_id = stored.channel_id AND stats.message_id = stored.message_id
  AND (staged.richer OR staged.newer OR stats.source_rank <> ALL(%(full_ranks)s::smallint[]))
"""

#: Words that a poorer source brought are that source's, so that the richer one replaces them later
#: without another revision.
MERGE_STATS: Final = """
UPDATE ingestion_messagestats stored SET
    views = CASE WHEN staged.richer THEN coalesce(staged.views, stored.views)
            ELSE coalesce(stored.views, staged.views) END,
    forwards = CASE WHEN staged.richer THEN coalesce(staged.forwards, stored.forwards)
               ELSE coalesce(stored.forwards, staged.forwards) END,
    replies = CASE WHEN staged.richer THEN coalesce(staged.replies, stored.replies)
              ELSE coalesce(stored.replies, staged.replies) END,
    reactions = CASE WHEN staged.richer AND (%(full)s OR staged.reactions <> '{}')
                     OR stored.reactions = '{}' THEN staged.reactions ELSE stored.reactions END,
    attached = CASE WHEN staged.richer THEN coalesce(staged.attached, stored.attached)
               ELSE coalesce(stored.attached, staged.attached) END,
    content_hash = staged.content_hash,
    hash_version = staged.hash_version,
    counters_hash = staged.counters_hash,
    source_rank = %(rank)s
FROM stage_merge staged
WHERE stored.channel_id = %(channel)s AND stored.message_id = staged.message_id
  AND (staged.richer OR staged.newer)
"""

#: What the archived record does not tell, a poorer source may.
FILL_STATS: Final = """
UPDATE ingestion_messagestats stored SET
    views = coalesce(stored.views, staged.views),
    forwards = coalesce(stored.forwards, staged.forwards),
    replies = coalesce(stored.replies, staged.replies),
    reactions = CASE WHEN stored.reactions = '{}' THEN staged.reactions ELSE stored.reactions END,
    attached = coalesce(stored.attached, staged.attached)
FROM stage_merge staged
WHERE stored.channel_id = %(channel)s AND stored.message_id = staged.message_id
  AND NOT staged.richer AND NOT staged.newer
  AND stored.source_rank <> ALL(%(full_ranks)s::smallint[])
"""

MERGE_RAW: Final = """
INSERT INTO ingestion_messageraw (channel_id, message_id, source, raw, content_hash)
SELECT %(channel)s, message_id, %(source)s, raw, CASE WHEN NOT %(full)s THEN content_hash END
FROM stage_merge
ON CONFLICT (channel_id, message_id, source)
DO UPDATE SET raw = excluded.raw, content_hash = excluded.content_hash
"""

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
    richer boolean, newer boolean, other_words boolean, earlier_words boolean
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS stage_merged (
    message_id bigint PRIMARY KEY, date timestamptz, edit_date timestamptz, sender_id text,
    author text, text text, entities jsonb, kind text, media_meta jsonb, reply_to jsonb,
    forward jsonb, grouped_id bigint, topic_id bigint, links text[], hashtags text[],
    language text, views bigint, forwards bigint, replies bigint, reactions jsonb, attached jsonb
) ON COMMIT DELETE ROWS;
DELETE FROM stage_merge;
DELETE FROM stage_merged
"""

COPY_STAGE_MERGE: Final = """
COPY stage_merge (message_id, date, edit_date, sender_id, author, text, entities, kind, media_meta,
    reply_to, forward, grouped_id, topic_id, links, hashtags, language, views, forwards, replies,
    reactions,
    attached, content_hash, hash_version, counters_hash, raw)
FROM STDIN (FORMAT BINARY)
"""

#: A poorer source that knows of a later edit is right about the words, and only about them. One that
#: was saved before an edit has the words that were lost by it.
WEIGH_MERGE: Final = """
UPDATE stage_merge staged SET (richer, other_words, newer, earlier_words) = (
    SELECT weighed.richer, words.differ, weighed.newer,
           words.differ AND NOT weighed.richer AND NOT weighed.newer
           AND stored.edit_date IS NOT NULL
           AND NOT EXISTS (
               SELECT FROM ingestion_messagerevision kept
               WHERE kept.channel_id = stored.channel_id AND kept.message_id = stored.message_id
                 AND (kept.replaced_at = stored.edit_date
                      OR regexp_replace(normalize(kept.text, NFC), '[[:space:]]+', '', 'g')
                         = regexp_replace(normalize(staged.text, NFC), '[[:space:]]+', '', 'g')))
    FROM ingestion_message stored
    JOIN ingestion_messagestats stats
         ON stats.channel_id = stored.channel_id AND stats.message_id = stored.message_id
    CROSS JOIN LATERAL (
        SELECT regexp_replace(normalize(staged.text, NFC), '[[:space:]]+', '', 'g')
            <> regexp_replace(normalize(stored.text, NFC), '[[:space:]]+', '', 'g') AS differ
    ) AS words
    CROSS JOIN LATERAL (
        SELECT stats.source_rank < %(rank)s AS richer,
               words.differ AND stats.source_rank >= %(rank)s AND staged.edit_date IS NOT NULL
               AND (stored.edit_date IS NULL OR staged.edit_date > stored.edit_date) AS newer
    ) AS weighed
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
WHERE staged.earlier_words
"""

MERGE_MOVED_FROM: Final = """
SELECT stored.date FROM stage_merge staged
JOIN ingestion_message stored
  ON stored.channel_id = %(channel)s AND stored.message_id = staged.message_id
WHERE staged.richer AND stored.date <> staged.date
"""

#: The richer source's fields; of those that it cannot tell, what was there. A poorer one fills
#: what was not told, and brings its words where they are newer. What comes out as it is stored is
#: left out.
RESOLVE_MERGE: Final = """
INSERT INTO stage_merged
SELECT staged.message_id, merged.*
FROM stage_merge staged
JOIN ingestion_message stored
     ON stored.channel_id = %(channel)s AND stored.message_id = staged.message_id
JOIN ingestion_messagestats stats
     ON stats.channel_id = stored.channel_id AND stats.message_id = stored.message_id
CROSS JOIN LATERAL (
    SELECT
        CASE WHEN staged.richer THEN staged.date ELSE stored.date END AS date,
        CASE WHEN staged.richer AND %(full)s OR staged.newer
                THEN staged.edit_date ELSE stored.edit_date END AS edit_date,
        CASE WHEN staged.richer AND (%(full)s OR staged.sender_id <> '')
                      OR stored.sender_id = '' THEN staged.sender_id ELSE stored.sender_id
                END AS sender_id,
        CASE WHEN staged.richer AND (%(full)s OR staged.author <> '')
                      OR stored.author = '' THEN staged.author ELSE stored.author END AS author,
        CASE WHEN staged.richer OR staged.newer THEN staged.text ELSE stored.text END AS text,
        CASE WHEN staged.richer OR staged.newer THEN staged.entities ELSE stored.entities
                END AS entities,
        CASE WHEN staged.richer THEN staged.kind ELSE stored.kind END AS kind,
        CASE WHEN staged.richer AND %(full)s THEN staged.media_meta
                WHEN staged.richer THEN coalesce(staged.media_meta, stored.media_meta)
                ELSE coalesce(stored.media_meta, staged.media_meta) END AS media_meta,
        CASE WHEN staged.richer AND %(full)s THEN staged.reply_to
                WHEN staged.richer THEN coalesce(staged.reply_to, stored.reply_to)
                ELSE coalesce(stored.reply_to, staged.reply_to) END AS reply_to,
        CASE WHEN staged.richer AND %(full)s THEN staged.forward
                WHEN staged.richer THEN coalesce(staged.forward, stored.forward)
                ELSE coalesce(stored.forward, staged.forward) END AS forward,
        CASE WHEN staged.richer AND %(full)s THEN staged.grouped_id
                WHEN staged.richer THEN coalesce(staged.grouped_id, stored.grouped_id)
                ELSE coalesce(stored.grouped_id, staged.grouped_id) END AS grouped_id,
        CASE WHEN staged.richer AND %(full)s THEN staged.topic_id
                WHEN staged.richer THEN coalesce(staged.topic_id, stored.topic_id)
                ELSE coalesce(stored.topic_id, staged.topic_id) END AS topic_id,
        CASE WHEN staged.richer OR staged.newer THEN staged.links ELSE stored.links END AS links,
        CASE WHEN staged.richer OR staged.newer THEN staged.hashtags ELSE stored.hashtags
                END AS hashtags,
        CASE WHEN staged.richer OR staged.newer THEN staged.language ELSE stored.language
                END AS language,
        CASE WHEN staged.richer THEN coalesce(staged.views, stats.views)
                ELSE coalesce(stats.views, staged.views) END AS views,
        CASE WHEN staged.richer THEN coalesce(staged.forwards, stats.forwards)
                ELSE coalesce(stats.forwards, staged.forwards) END AS forwards,
        CASE WHEN staged.richer THEN coalesce(staged.replies, stats.replies)
                ELSE coalesce(stats.replies, staged.replies) END AS replies,
        CASE WHEN staged.richer AND (%(full)s OR staged.reactions <> '{}')
                      OR stats.reactions = '{}' THEN staged.reactions ELSE stats.reactions
                END AS reactions,
        CASE WHEN staged.richer THEN coalesce(staged.attached, stats.attached)
                ELSE coalesce(stats.attached, staged.attached) END AS attached
) AS merged
WHERE (staged.richer OR staged.newer OR stats.source_rank <> ALL(%(full_ranks)s::smallint[]))
  AND (
        merged.date, merged.edit_date, merged.sender_id, merged.author, merged.text,
        merged.entities, merged.kind, merged.media_meta, merged.reply_to, merged.forward,
        merged.grouped_id, merged.topic_id, merged.links, merged.hashtags, merged.language,
        merged.views, merged.forwards, merged.replies, merged.reactions, merged.attached
  ) IS DISTINCT FROM (
        stored.date, stored.edit_date, stored.sender_id, stored.author, stored.text,
        stored.entities, stored.kind, stored.media_meta, stored.reply_to, stored.forward,
        stored.grouped_id, stored.topic_id, stored.links, stored.hashtags, stored.language,
        stats.views, stats.forwards, stats.replies, stats.reactions, stats.attached
  )
"""

#: What a batch changes of the messages that it merges.
MERGE_DIFFERS: Final = """
SELECT message_id FROM stage_merged
UNION
SELECT message_id FROM stage_merge WHERE earlier_words
"""

MERGE_MESSAGES: Final = """
UPDATE ingestion_message stored SET
    date = merged.date, edit_date = merged.edit_date, sender_id = merged.sender_id,
    author = merged.author, text = merged.text, entities = merged.entities,
    kind = merged.kind, media_meta = merged.media_meta, reply_to = merged.reply_to,
    forward = merged.forward, grouped_id = merged.grouped_id, topic_id = merged.topic_id,
    links = merged.links, hashtags = merged.hashtags, language = merged.language
FROM stage_merged merged
WHERE stored.channel_id = %(channel)s AND stored.message_id = merged.message_id
"""

#: Words that a poorer source brought are that source's, so that the richer one replaces them later
#: without another revision.
MERGE_STATS: Final = """
UPDATE ingestion_messagestats stored SET
    views = CASE WHEN merged.message_id IS NULL THEN stored.views ELSE merged.views END,
    forwards = CASE WHEN merged.message_id IS NULL THEN stored.forwards ELSE merged.forwards END,
    replies = CASE WHEN merged.message_id IS NULL THEN stored.replies ELSE merged.replies END,
    reactions = CASE WHEN merged.message_id IS NULL THEN stored.reactions ELSE merged.reactions END,
    attached = CASE WHEN merged.message_id IS NULL THEN stored.attached ELSE merged.attached END,
    content_hash = CASE WHEN staged.richer OR staged.newer THEN staged.content_hash
                   ELSE stored.content_hash END,
    hash_version = CASE WHEN staged.richer OR staged.newer THEN staged.hash_version
                   ELSE stored.hash_version END,
    counters_hash = CASE WHEN staged.richer OR staged.newer THEN staged.counters_hash
                   ELSE stored.counters_hash END,
    source_rank = CASE WHEN staged.richer OR staged.newer THEN %(rank)s ELSE stored.source_rank END
FROM stage_merge staged
LEFT JOIN stage_merged merged USING (message_id)
WHERE stored.channel_id = %(channel)s AND stored.message_id = staged.message_id
  AND (staged.richer OR staged.newer OR merged.message_id IS NOT NULL)
"""

MERGE_RAW: Final = """
INSERT INTO ingestion_messageraw (channel_id, message_id, source, raw, content_hash)
SELECT %(channel)s, message_id, %(source)s, raw, CASE WHEN NOT %(full)s THEN content_hash END
FROM stage_merge
ON CONFLICT (channel_id, message_id, source)
DO UPDATE SET raw = excluded.raw, content_hash = excluded.content_hash
"""

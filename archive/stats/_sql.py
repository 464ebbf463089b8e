"""The SQL of the days: literal, named, described.

`ingestion_message` is read along its index by channel and date, never as a whole. Days and hours
of the rollup are in UTC; a day of another time zone is made of two UTC days, cut at the hour in
which its midnight falls.
"""

from typing import Final

#: One writer of a channel's days at a time, until the transaction ends. Two sources of a channel
#: lock different coverage rows, and a day that is counted anew must not miss what the other has
#: not committed yet.
LOCK_CHANNEL: Final = "SELECT pg_advisory_xact_lock(1952935780, %(channel)s::int)"

#: Add what new messages bring: `days` is a JSON list of rows.
ADD: Final = """
INSERT INTO archive_channelday AS kept
    (channel_id, day, messages, deleted, views, forwards, replies, reactions, hours, kinds)
SELECT %(channel)s::bigint, day, messages, 0, views, forwards, replies, reactions, hours, kinds
FROM jsonb_to_recordset(%(days)s::jsonb) AS added (
    day date, messages int, views bigint, forwards bigint, replies bigint, reactions bigint,
    hours int[], kinds jsonb)
ORDER BY day
ON CONFLICT (channel_id, day) DO UPDATE SET
    messages = kept.messages + excluded.messages,
    views = kept.views + excluded.views,
    forwards = kept.forwards + excluded.forwards,
    replies = kept.replies + excluded.replies,
    reactions = kept.reactions + excluded.reactions,
    hours = (SELECT array_agg(before + more ORDER BY place)
             FROM unnest(kept.hours, excluded.hours) WITH ORDINALITY AS pair (before, more, place)),
    kinds = (SELECT jsonb_object_agg(kind, messages)
             FROM (SELECT key AS kind, sum(value::int) AS messages
                   FROM (SELECT * FROM jsonb_each_text(kept.kinds)
                         UNION ALL SELECT * FROM jsonb_each_text(excluded.kinds)) AS either
                   GROUP BY key) AS summed)
"""

#: The days (UTC) on which these messages were posted.
DAYS_OF: Final = """
SELECT DISTINCT (date AT TIME ZONE 'UTC')::date FROM ingestion_message
WHERE channel_id = %(channel)s::bigint AND message_id = ANY(%(ids)s::bigint[])
"""

#: Count stretches of time anew, which begin and end with a day and do not overlap. What is right
#: already is not written; a day that has no messages any more loses its row. Materialized, because
#: of a channel that has just been filled PostgreSQL believes that it has one message, and would
#: count all of it again for each of its days.
RECOUNT: Final = """
WITH stretch AS (
    SELECT since, until
    FROM unnest(%(since)s::timestamptz[], %(until)s::timestamptz[]) AS asked (since, until)
), message AS MATERIALIZED (
    SELECT (message.date AT TIME ZONE 'UTC')::date AS day,
           extract(hour FROM message.date AT TIME ZONE 'UTC') AS hour,
           message.kind, message.deleted_at, stats.views, stats.forwards, stats.replies,
           stats.reactions
    FROM stretch
    JOIN ingestion_message message
      ON message.channel_id = %(channel)s::bigint
     AND message.date >= stretch.since AND message.date < stretch.until
    LEFT JOIN ingestion_messagestats stats
      ON stats.channel_id = message.channel_id AND stats.message_id = message.message_id
), kind AS MATERIALIZED (
    SELECT day, jsonb_object_agg(kind, messages) AS kinds
    FROM (SELECT day, kind, count(*) AS messages FROM message GROUP BY day, kind) AS counted
    GROUP BY day
), counted AS MATERIALIZED (
    SELECT day, count(*) AS messages, count(deleted_at) AS deleted,
           coalesce(sum(views), 0) AS views, coalesce(sum(forwards), 0) AS forwards,
           coalesce(sum(replies), 0) AS replies,
           coalesce(sum((SELECT sum(value::bigint) FROM jsonb_each_text(reactions))), 0)
               AS reactions,
           ARRAY[
               count(*) FILTER (WHERE hour = 0), count(*) FILTER (WHERE hour = 1),
               count(*) FILTER (WHERE hour = 2), count(*) FILTER (WHERE hour = 3),
               count(*) FILTER (WHERE hour = 4), count(*) FILTER (WHERE hour = 5),
               count(*) FILTER (WHERE hour = 6), count(*) FILTER (WHERE hour = 7),
               count(*) FILTER (WHERE hour = 8), count(*) FILTER (WHERE hour = 9),
               count(*) FILTER (WHERE hour = 10), count(*) FILTER (WHERE hour = 11),
               count(*) FILTER (WHERE hour = 12), count(*) FILTER (WHERE hour = 13),
               count(*) FILTER (WHERE hour = 14), count(*) FILTER (WHERE hour = 15),
               count(*) FILTER (WHERE hour = 16), count(*) FILTER (WHERE hour = 17),
               count(*) FILTER (WHERE hour = 18), count(*) FILTER (WHERE hour = 19),
               count(*) FILTER (WHERE hour = 20), count(*) FILTER (WHERE hour = 21),
               count(*) FILTER (WHERE hour = 22), count(*) FILTER (WHERE hour = 23)
           ]::int[] AS hours
    FROM message GROUP BY day
), fresh AS (
    SELECT counted.*, kind.kinds FROM counted JOIN kind USING (day)
), kept AS (
    SELECT kept.* FROM archive_channelday kept
    WHERE kept.channel_id = %(channel)s::bigint
      AND EXISTS (SELECT FROM stretch
                  WHERE kept.day >= (stretch.since AT TIME ZONE 'UTC')::date
                    AND kept.day < (stretch.until AT TIME ZONE 'UTC')::date)
), differing AS (
    SELECT coalesce(fresh.day, kept.day) AS day, fresh.day IS NULL AS is_empty,
           fresh.messages, fresh.deleted, fresh.views, fresh.forwards, fresh.replies,
           fresh.reactions, fresh.hours, fresh.kinds
    FROM fresh FULL JOIN kept ON kept.day = fresh.day
    WHERE (fresh.messages, fresh.deleted, fresh.views, fresh.forwards, fresh.replies,
           fresh.reactions, fresh.hours, fresh.kinds)
       IS DISTINCT FROM
          (kept.messages, kept.deleted, kept.views, kept.forwards, kept.replies, kept.reactions,
           kept.hours, kept.kinds)
), gone AS (
    DELETE FROM archive_channelday stored USING differing
    WHERE NOT %(only_look)s AND differing.is_empty
      AND stored.channel_id = %(channel)s::bigint AND stored.day = differing.day
), written AS (
    INSERT INTO archive_channelday (channel_id, day, messages, deleted, views, forwards, replies,
        reactions, hours, kinds)
    SELECT %(channel)s::bigint, day, messages, deleted, views, forwards, replies, reactions, hours,
           kinds
    FROM differing WHERE NOT %(only_look)s AND NOT is_empty ORDER BY day
    ON CONFLICT (channel_id, day) DO UPDATE SET
        messages = excluded.messages, deleted = excluded.deleted, views = excluded.views,
        forwards = excluded.forwards, replies = excluded.replies,
        reactions = excluded.reactions, hours = excluded.hours, kinds = excluded.kinds
)
SELECT day FROM differing ORDER BY day
"""

#: Messages of each channel by local day. Of a UTC day, the hours before the cut belong to the
#: local day `early`, the others to `late`.
LOCAL_DAYS: Final = """
SELECT channel_id, local_day, sum(messages)::bigint
FROM (
    SELECT kept.channel_id, part.local_day, part.messages
    FROM unnest(%(days)s::date[], %(cuts)s::int[], %(early)s::date[], %(late)s::date[])
         AS cut (day, cut, early, late)
    JOIN archive_channelday kept
      ON kept.day = cut.day AND kept.channel_id = ANY(%(channels)s::bigint[])
    CROSS JOIN LATERAL (
        -- In UTC no day is cut, and no hour has to be looked at.
        SELECT CASE WHEN cut.cut = 24 THEN kept.messages ELSE (
            SELECT coalesce(sum(hour), 0) FROM unnest(kept.hours[1:cut.cut]) AS hour
        ) END AS before
    ) AS head
    CROSS JOIN LATERAL (
        VALUES (cut.early, head.before), (cut.late, kept.messages - head.before)
    ) AS part (local_day, messages)
) AS parts
WHERE local_day BETWEEN %(since)s::date AND %(until)s::date AND messages > 0
GROUP BY channel_id, local_day
"""

#: The same of many channels for a chart: those that are `named` each, the others together (null),
#: by day, week (from Monday) or month. Days before `since`, from `before` on, are one bar (null).
STACKED_DAYS: Final = """
SELECT series,
       CASE WHEN local_day >= %(since)s::date THEN date_trunc(%(step)s, local_day)::date END AS starts,
       sum(messages)::bigint
FROM (
    SELECT CASE WHEN kept.channel_id = ANY(%(named)s::bigint[]) THEN kept.channel_id END AS series,
           part.local_day, part.messages
    FROM unnest(%(days)s::date[], %(cuts)s::int[], %(early)s::date[], %(late)s::date[])
         AS cut (day, cut, early, late)
    JOIN archive_channelday kept
      ON kept.day = cut.day AND kept.channel_id = ANY(%(channels)s::bigint[])
    CROSS JOIN LATERAL (
        -- In UTC no day is cut, and no hour has to be looked at.
        SELECT CASE WHEN cut.cut = 24 THEN kept.messages ELSE (
            SELECT coalesce(sum(hour), 0) FROM unnest(kept.hours[1:cut.cut]) AS hour
        ) END AS before
    ) AS head
    CROSS JOIN LATERAL (
        VALUES (cut.early, head.before), (cut.late, kept.messages - head.before)
    ) AS part (local_day, messages)
) AS parts
WHERE local_day BETWEEN %(before)s::date AND %(until)s::date AND messages > 0
GROUP BY series, starts
"""

#: By the hour (UTC); for a few days. Hours before `since`, from `before` on, are one bar (null).
STACKED_HOURS: Final = """
SELECT series, CASE WHEN hour >= %(since)s THEN hour END AS starts, sum(messages)::bigint
FROM (
    SELECT CASE WHEN kept.channel_id = ANY(%(named)s::bigint[]) THEN kept.channel_id END AS series,
           (kept.day + make_interval(hours => place::int - 1)) AT TIME ZONE 'UTC' AS hour,
           count.messages
    FROM archive_channelday kept
    CROSS JOIN LATERAL unnest(kept.hours) WITH ORDINALITY AS count (messages, place)
    WHERE kept.channel_id = ANY(%(channels)s::bigint[])
      AND kept.day BETWEEN (%(before)s::timestamptz AT TIME ZONE 'UTC')::date
                       AND (%(until)s::timestamptz AT TIME ZONE 'UTC')::date
      AND count.messages > 0
) AS hours
WHERE hour >= %(before)s AND hour < %(until)s
GROUP BY series, starts
"""

#: The busiest channels between two days (UTC), busiest first.
BUSIEST: Final = """
SELECT channel_id, sum(messages) FROM archive_channelday
WHERE channel_id = ANY(%(channels)s::bigint[]) AND day BETWEEN %(since)s::date AND %(until)s::date
GROUP BY channel_id ORDER BY sum(messages) DESC, channel_id LIMIT %(limit)s
"""

#: Sums between two days (UTC), and between the two before them.
TOTALS: Final = """
SELECT day >= %(since)s::date AS is_now, sum(messages)::bigint, sum(deleted)::bigint,
       sum(views)::bigint, sum(forwards)::bigint, sum(replies)::bigint, sum(reactions)::bigint
FROM archive_channelday
WHERE channel_id = ANY(%(channels)s::bigint[]) AND day BETWEEN %(before)s::date AND %(until)s::date
GROUP BY is_now
"""

#: The first day (UTC) of which anything is archived.
FIRST_DAY: Final = """
SELECT min(day) FROM archive_channelday WHERE channel_id = ANY(%(channels)s::bigint[])
"""

#: The ids of the first and the last message of a stretch of time: ids grow with time
#: (https://core.telegram.org/api/channel), and by id the narrow table of counters can be read.
ENDS_OF_STRETCH: Final = """
SELECT wanted.id, first.message_id, last.message_id
FROM unnest(%(channels)s::bigint[]) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT message_id FROM ingestion_message
    WHERE channel_id = wanted.id AND date >= %(since)s AND date < %(until)s
    ORDER BY date, message_id LIMIT 1
) AS first
CROSS JOIN LATERAL (
    SELECT message_id FROM ingestion_message
    WHERE channel_id = wanted.id AND date >= %(since)s AND date < %(until)s
    ORDER BY date DESC, message_id DESC LIMIT 1
) AS last
"""

#: The same for every measure: only the one that is asked for is looked at.
TOP: Final = """
SELECT stats.channel_id, stats.message_id, counted.value
FROM unnest(%(channels)s::bigint[], %(low)s::bigint[], %(high)s::bigint[])
     AS span (channel_id, low, high)
JOIN ingestion_messagestats stats
  ON stats.channel_id = span.channel_id AND stats.message_id BETWEEN span.low AND span.high
CROSS JOIN LATERAL (
    SELECT CASE %(by)s::text
        WHEN 'views' THEN stats.views
        WHEN 'forwards' THEN stats.forwards
        WHEN 'replies' THEN stats.replies
        WHEN 'reactions' THEN (
            SELECT sum(one.value::bigint)::bigint FROM jsonb_each_text(stats.reactions) AS one
        )
    END AS value
) AS counted
WHERE counted.value > 0
ORDER BY counted.value DESC, stats.message_id DESC LIMIT %(limit)s
"""

#: Runs by slice of time: 0 is everything before `start`, 1 … n are the slices up to `end`.
RUNS: Final = """
SELECT width_bucket(extract(epoch FROM created_at)::float8, extract(epoch FROM %(start)s::timestamptz)::float8,
                    extract(epoch FROM %(end)s::timestamptz)::float8, %(slices)s) AS part,
       count(*), count(*) FILTER (WHERE state = 'failed'), coalesce(sum(new), 0)::bigint,
       coalesce(sum(changed), 0)::bigint, coalesce(sum(deleted), 0)::bigint
FROM ingestion_syncrun
WHERE channel_id = ANY(%(channels)s::bigint[])
  AND created_at >= %(before)s AND created_at < %(end)s
GROUP BY part
"""

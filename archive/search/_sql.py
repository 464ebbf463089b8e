"""The SQL of reading: literal, named, described. Each statement goes from newer to older messages;
`mirrored` is the same the other way.

Places are compared as `date <= d AND (date, channel_id, message_id) < (d, c, m)`: the first half
is what an index is entered by, the OR form takes seconds. Ids are cast, because the full-text
index ignores the channel when it is bound as a smaller integer.
"""

from typing import Final


def mirrored(statement: str) -> str:
    """From older to newer."""
    return (
        statement.replace("DESC", "ASC")
        .replace("message.date <=", "message.date >=")
        .replace("< (%(date)s", "> (%(date)s")
    )


#: The newest rows of the whole table, of which the workspace's are kept: one walk along an index,
#: and all that is needed where one workspace has most of the rows.
NEWEST_IN_WINDOW: Final = """
SELECT seen.channel_id, seen.message_id, seen.date
FROM (
    SELECT message.channel_id, message.message_id, message.date
    FROM ingestion_message message
    WHERE message.date <= %(date)s::timestamptz
      AND (message.date, message.channel_id, message.message_id)
        < (%(date)s::timestamptz, %(channel)s::bigint, %(message)s::bigint)
    ORDER BY message.date DESC, message.channel_id DESC, message.message_id DESC
    LIMIT %(window)s
) seen
WHERE seen.channel_id = ANY(%(channels)s::bigint[])
ORDER BY seen.date DESC, seen.channel_id DESC, seen.message_id DESC
LIMIT %(limit)s
"""

#: The newest rows of each channel, merged: exact for any share of the table.
NEWEST_OF_CHANNELS: Final = """
SELECT newest.channel_id, newest.message_id, newest.date
FROM unnest(%(channels)s::bigint[]) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT message.channel_id, message.message_id, message.date
    FROM ingestion_message message
    WHERE message.channel_id = wanted.id
      AND message.date <= %(date)s::timestamptz
      AND (message.date, message.channel_id, message.message_id)
        < (%(date)s::timestamptz, %(channel)s::bigint, %(message)s::bigint)
    ORDER BY message.date DESC, message.message_id DESC
    LIMIT %(limit)s
) newest
ORDER BY newest.date DESC, newest.channel_id DESC, newest.message_id DESC
LIMIT %(limit)s
"""

#: What a query of words is: how many nodes (none: no word in it), and what of it an index can
#: answer ('T': all of it would have to be read).
CLASSIFY: Final = """
SELECT numnode(query), querytree(query)
FROM websearch_to_tsquery('simple', %(query)s) AS query
"""

#: Words among the newest rows of the table. Either of words and patterns is given.
MATCHES_IN_WINDOW: Final = """
SELECT seen.channel_id, seen.message_id, seen.date
FROM (
    SELECT message.channel_id, message.message_id, message.date, message.tsv, message.text
    FROM ingestion_message message
    WHERE message.date <= %(date)s::timestamptz
      AND (message.date, message.channel_id, message.message_id)
        < (%(date)s::timestamptz, %(channel)s::bigint, %(message)s::bigint)
    ORDER BY message.date DESC, message.channel_id DESC, message.message_id DESC
    LIMIT %(window)s
) seen
WHERE seen.channel_id = ANY(%(channels)s::bigint[])
  AND (%(query)s IS NULL OR seen.tsv @@ websearch_to_tsquery('simple', %(query)s))
  AND (%(patterns)s::text[] IS NULL OR seen.text ILIKE ALL (%(patterns)s::text[]))
ORDER BY seen.date DESC, seen.channel_id DESC, seen.message_id DESC
LIMIT %(limit)s
"""

#: The same among the newest rows of one channel.
MATCHES_IN_CHANNEL_WINDOW: Final = """
SELECT seen.channel_id, seen.message_id, seen.date
FROM (
    SELECT message.channel_id, message.message_id, message.date, message.tsv, message.text
    FROM ingestion_message message
    WHERE message.channel_id = %(one)s::bigint
      AND message.date <= %(date)s::timestamptz
      AND (message.date, message.channel_id, message.message_id)
        < (%(date)s::timestamptz, %(channel)s::bigint, %(message)s::bigint)
    ORDER BY message.date DESC, message.message_id DESC
    LIMIT %(window)s
) seen
WHERE (%(query)s IS NULL OR seen.tsv @@ websearch_to_tsquery('simple', %(query)s))
  AND (%(patterns)s::text[] IS NULL OR seen.text ILIKE ALL (%(patterns)s::text[]))
ORDER BY seen.date DESC, seen.channel_id DESC, seen.message_id DESC
LIMIT %(limit)s
"""

#: Words anywhere, by the full-text index, ordered afterwards. Materialized, because the planner
#: otherwise walks along the dates in the hope of meeting the words soon.
MATCHES: Final = """
WITH hits AS MATERIALIZED (
    SELECT message.channel_id, message.message_id, message.date
    FROM ingestion_message message
    WHERE message.channel_id = ANY(%(channels)s::bigint[])
      AND message.tsv @@ websearch_to_tsquery('simple', %(query)s)
      AND message.date <= %(date)s::timestamptz
      AND (message.date, message.channel_id, message.message_id)
        < (%(date)s::timestamptz, %(channel)s::bigint, %(message)s::bigint)
)
SELECT hits.channel_id, hits.message_id, hits.date FROM hits
ORDER BY hits.date DESC, hits.channel_id DESC, hits.message_id DESC
LIMIT %(limit)s
"""

#: The last row of a window and the one behind it; fewer when the window reaches the end.
END_OF_WINDOW: Final = """
SELECT message.channel_id, message.message_id, message.date
FROM ingestion_message message
WHERE message.date <= %(date)s::timestamptz
  AND (message.date, message.channel_id, message.message_id)
    < (%(date)s::timestamptz, %(channel)s::bigint, %(message)s::bigint)
ORDER BY message.date DESC, message.channel_id DESC, message.message_id DESC
LIMIT 2 OFFSET %(window)s - 1
"""

END_OF_CHANNEL_WINDOW: Final = """
SELECT message.channel_id, message.message_id, message.date
FROM ingestion_message message
WHERE message.channel_id = %(one)s::bigint
  AND message.date <= %(date)s::timestamptz
  AND (message.date, message.channel_id, message.message_id)
    < (%(date)s::timestamptz, %(channel)s::bigint, %(message)s::bigint)
ORDER BY message.date DESC, message.message_id DESC
LIMIT 2 OFFSET %(window)s - 1
"""

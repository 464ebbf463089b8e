"""The SQL of reading: literal, named, described. Each statement goes from newer to older messages;
`mirrored` is the same the other way.

Places are compared as `date <= d AND (date, channel_id, message_id) < (d, c, m)`: the first half
is what an index is entered by, the OR form takes seconds. Ids are cast, because the full-text
index ignores the channel when it is bound as a smaller integer. What rows have to be is said by
`archive.filters`: the days while an index is walked, the rest of what was met there.
"""

from typing import Final

from archive.filters import filled as _filled

#: A place, which stands behind a condition.
_BEYOND: Final = """
  AND message.date <= %(date)s::timestamptz
  AND (message.date, message.channel_id, message.message_id)
    < (%(date)s::timestamptz, %(channel)s::bigint, %(message)s::bigint)
"""


def filled(statement: str) -> str:
    """With the place and the filters where its comments say so."""
    return _filled(statement.replace("-- beyond", _BEYOND + "-- bounds"))


def mirrored(statement: str) -> str:
    """From older to newer."""
    return (
        statement.replace("DESC", "ASC")
        .replace("message.date <=", "message.date >=")
        .replace("< (%(date)s", "> (%(date)s")
        .replace(">= %(reach)s", "<= %(reach)s")
    )


#: The newest rows of the whole table, of which the workspace's are kept: one walk along an index,
#: and all that is needed where one workspace has most of the rows.
NEWEST_IN_WINDOW: Final = filled("""
SELECT seen.channel_id, seen.message_id, seen.date
FROM (
    SELECT message.channel_id, message.message_id, message.date
    FROM ingestion_message message
    WHERE true -- beyond
    ORDER BY message.date DESC, message.channel_id DESC, message.message_id DESC
    LIMIT %(window)s
) seen
WHERE seen.channel_id = ANY(%(channels)s::bigint[])
ORDER BY seen.date DESC, seen.channel_id DESC, seen.message_id DESC
LIMIT %(limit)s
""")

#: The newest rows of each channel, merged: exact for any share of the table.
NEWEST_OF_CHANNELS: Final = filled("""
SELECT newest.channel_id, newest.message_id, newest.date
FROM unnest(%(channels)s::bigint[]) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT message.channel_id, message.message_id, message.date
    FROM ingestion_message message
    WHERE message.channel_id = wanted.id -- beyond
    ORDER BY message.date DESC, message.message_id DESC
    LIMIT %(limit)s
) newest
ORDER BY newest.date DESC, newest.channel_id DESC, newest.message_id DESC
LIMIT %(limit)s
""")

#: What matches among the newest rows of the table.
MATCHES_IN_WINDOW: Final = filled("""
SELECT message.channel_id, message.message_id, message.date
FROM (
    SELECT message.*
    FROM ingestion_message message
    WHERE true -- beyond
    ORDER BY message.date DESC, message.channel_id DESC, message.message_id DESC
    LIMIT %(window)s
) message
WHERE message.channel_id = ANY(%(channels)s::bigint[])
-- conditions
ORDER BY message.date DESC, message.channel_id DESC, message.message_id DESC
LIMIT %(limit)s
""")

#: The same among the newest rows of one channel.
MATCHES_IN_CHANNEL_WINDOW: Final = filled("""
SELECT message.channel_id, message.message_id, message.date
FROM (
    SELECT message.*
    FROM ingestion_message message
    WHERE message.channel_id = %(one)s::bigint -- beyond
    ORDER BY message.date DESC, message.message_id DESC
    LIMIT %(window)s
) message
WHERE true -- conditions
ORDER BY message.date DESC, message.channel_id DESC, message.message_id DESC
LIMIT %(limit)s
""")

#: The same among the newest rows of each of a few channels.
MATCHES_IN_CHANNEL_WINDOWS: Final = filled("""
SELECT message.channel_id, message.message_id, message.date
FROM unnest(%(channels)s::bigint[]) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT message.*
    FROM ingestion_message message
    WHERE message.channel_id = wanted.id -- beyond
    ORDER BY message.date DESC, message.message_id DESC
    LIMIT %(window)s
) message
WHERE true -- conditions
ORDER BY message.date DESC, message.channel_id DESC, message.message_id DESC
LIMIT %(limit)s
""")

#: What matches anywhere, ordered afterwards: words by the full-text index, deleted messages by
#: their own. Materialized, because the planner otherwise walks along the dates in the hope of
#: meeting the words soon.
MATCHES: Final = filled("""
WITH hits AS MATERIALIZED (
    SELECT message.channel_id, message.message_id, message.date
    FROM ingestion_message message
    WHERE message.channel_id = ANY(%(channels)s::bigint[]) -- beyond
    -- reach
-- conditions
)
SELECT hits.channel_id, hits.message_id, hits.date FROM hits
ORDER BY hits.date DESC, hits.channel_id DESC, hits.message_id DESC
LIMIT %(limit)s
""")

#: The same of a word that is hardly ever met: by words alone, and what is too new or too old is left
#: out afterwards. The planner takes any word that is not among the most common for one that every
#: two hundredth message has, and would go through all of a month for it.
RARE_MATCHES: Final = filled("""
WITH hits AS MATERIALIZED (
    SELECT message.channel_id, message.message_id, message.date
    FROM ingestion_message message
    WHERE message.channel_id = ANY(%(channels)s::bigint[])
-- conditions
)
SELECT message.channel_id, message.message_id, message.date FROM hits AS message
WHERE true -- beyond
ORDER BY message.date DESC, message.channel_id DESC, message.message_id DESC
LIMIT %(limit)s
""")

#: The same as far as a moment: of a word that thousands of messages have, the index of dates and
#: that of words together leave the few that are near.
NEAR_MATCHES: Final = MATCHES.replace("-- reach", "AND message.date >= %(reach)s::timestamptz")

#: When the row behind so many was posted: along an index alone, which has no ids of one channel, so
#: that a place is its date here.
ENDING: Final = filled("""
SELECT message.date
FROM ingestion_message message
WHERE message.date <= %(date)s::timestamptz
  AND (%(one)s::bigint IS NULL OR message.channel_id = %(one)s::bigint)
-- bounds
ORDER BY message.date DESC
LIMIT 1 OFFSET %(window)s
""")

#: The last row of a window and the one behind it; fewer when the window reaches the end.
END_OF_WINDOW: Final = filled("""
SELECT message.channel_id, message.message_id, message.date
FROM ingestion_message message
WHERE true -- beyond
ORDER BY message.date DESC, message.channel_id DESC, message.message_id DESC
LIMIT 2 OFFSET %(window)s - 1
""")

#: The same for the windows of some channels, each on its own; in no order between them.
END_OF_CHANNEL_WINDOWS: Final = filled("""
SELECT ending.channel_id, ending.message_id, ending.date
FROM unnest(%(channels)s::bigint[]) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT message.channel_id, message.message_id, message.date
    FROM ingestion_message message
    WHERE message.channel_id = wanted.id -- beyond
    ORDER BY message.date DESC, message.message_id DESC
    LIMIT 2 OFFSET %(window)s - 1
) ending
""")

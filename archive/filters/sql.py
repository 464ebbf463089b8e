"""The SQL of filters: literal, for a table or subquery that is called `message`.

What is not asked for is NULL or false. Parameters are merged by the client
(https://www.psycopg.org/psycopg3/docs/advanced/cursors.html#client-side-binding-cursors), so the
planner sees constants and drops such a condition before it plans.
"""

from typing import Final, LiteralString

#: Days, as instants: from `since` on, before `until`.
BOUNDS: Final[LiteralString] = """
  AND (%(since)s::timestamptz IS NULL OR message.date >= %(since)s::timestamptz)
  AND (%(until)s::timestamptz IS NULL OR message.date < %(until)s::timestamptz)
"""

#: What a row has to be. "Edited" is what Telegram shows as edited: a reaction moves the edit date,
#: too, and `edit_hide` says so (https://core.telegram.org/constructor/message). It and views
#: are asked row by row: a join would read every raw record, or every counter, first. A sender goes by its id, by the name that the
#: message came with, or by what it is called now, which is looked up once. A site is that of a link or
#: stands above it.
CONDITIONS: Final[LiteralString] = """
  AND (%(kinds)s::text[] IS NULL OR message.kind = ANY(%(kinds)s::text[]))
  AND (NOT %(media)s OR message.kind NOT IN ('text', 'service', 'unknown'))
  AND (NOT %(link)s OR message.links <> '{}')
  AND (NOT %(deleted)s OR message.deleted_at IS NOT NULL)
  AND (NOT %(present)s OR message.deleted_at IS NULL)
  AND (%(sender)s::text IS NULL OR message.sender_id = %(sender)s
       OR lower(message.author) = lower(%(sender)s)
       OR message.channel_id || '/' || message.sender_id = ANY(ARRAY(
           SELECT channel.id || '/' || sender.peer_id
           FROM (
               SELECT named.workspace_id, named.peer_id
               FROM (SELECT DISTINCT workspace_id AS id FROM ingestion_channel) workspace
               JOIN ingestion_sender named ON named.workspace_id = workspace.id
                   AND lower(named.name) = lower(%(sender)s)
               UNION
               SELECT workspace_id, peer_id FROM ingestion_sender
               WHERE lowered(usernames) @> ARRAY[lower(ltrim(%(sender)s, '@'))]
           ) sender
           JOIN ingestion_channel channel ON channel.workspace_id = sender.workspace_id)))
  AND (%(topic)s::bigint IS NULL OR message.topic_id = %(topic)s::bigint
       OR (%(topic)s::bigint = 1 AND message.topic_id IS NULL))
  AND (%(thread)s::text IS NULL
       OR coalesce(message.reply_to->>'top_id', message.reply_to->>'message_id') = %(thread)s)
  AND (NOT %(forwarded)s OR message.forward IS NOT NULL)
  AND (NOT %(pinned)s OR EXISTS (
       SELECT FROM ingestion_pinnedmessage pin
       WHERE pin.channel_id = message.channel_id AND pin.message_id = message.message_id
         AND pin.unpinned_at IS NULL))
  AND (%(langs)s::text[] IS NULL OR message.language = ANY(%(langs)s::text[]))
  AND (%(tags)s::text[] IS NULL
       OR ARRAY(SELECT lower(tag) FROM unnest(message.hashtags) tag) @> %(tags)s::text[])
  AND (%(sites)s::text[] IS NULL OR (message.links <> '{}' AND NOT EXISTS (
       SELECT FROM unnest(%(sites)s::text[]) site
       WHERE NOT EXISTS (
           SELECT FROM unnest(message.links) link,
                lower(substring(link FROM '^(?:[A-Za-z][A-Za-z0-9+.-]*://)?(?:[^/@]*@)?([^/:?#]+)')) host
           WHERE host = site OR right(host, length(site) + 1) = '.' || site))))
  AND ((%(views_min)s::bigint IS NULL AND %(views_max)s::bigint IS NULL) OR coalesce((
       SELECT (%(views_min)s::bigint IS NULL OR seen.views >= %(views_min)s::bigint)
          AND (%(views_max)s::bigint IS NULL OR seen.views <= %(views_max)s::bigint)
       FROM ingestion_messagestats seen
       WHERE seen.channel_id = message.channel_id AND seen.message_id = message.message_id), false))
  AND (%(pattern)s::text IS NULL OR message.text ~ %(pattern)s::text)
  AND (NOT %(edited)s OR (message.edit_date IS NOT NULL AND NOT coalesce(
       (SELECT bool_or(hidden.raw @> '{"edit_hide": true}') FROM ingestion_messageraw hidden
        WHERE hidden.channel_id = message.channel_id AND hidden.message_id = message.message_id),
       false)))
  AND (%(query)s IS NULL OR message.tsv @@ %(query)s::tsquery)
  AND (%(patterns)s::text[] IS NULL OR message.text ILIKE ALL (%(patterns)s::text[]))
  AND (%(unwanted)s::text[] IS NULL OR message.text NOT ILIKE ALL (%(unwanted)s::text[]))
"""


def filled(statement: str) -> str:
    """With the conditions where its comments `-- bounds` and `-- conditions` say so."""
    return statement.replace("-- bounds", BOUNDS).replace("-- conditions", CONDITIONS)

"""Languages and search vectors, made anew where they are not what `ingestion.languages` and
`search_vector` (migration 0005) make of the text now: of messages from before there were these, and
after an update of PostgreSQL, of a dictionary or of a stop word list.
"""

from typing import Final

from django.db import connection

from ingestion.backfills.registry import Cursor, Step
from ingestion.backfills.walking import lock_writers, stretch
from ingestion.languages import detect

TEXTS: Final = """
SELECT channel_id, message_id, text FROM ingestion_message
WHERE (channel_id, message_id) > (%(after_channel)s, %(after_message)s)
  AND (channel_id, message_id) <= (%(channel)s, %(message)s)
"""

#: A row without a vector is given one by the trigger.
RENEW: Final = """
UPDATE ingestion_message stored SET language = told.language, tsv = NULL
FROM unnest(%(channels)s::bigint[], %(ids)s::bigint[], %(languages)s::text[])
     AS told (channel_id, message_id, language)
WHERE stored.channel_id = told.channel_id AND stored.message_id = told.message_id
  AND CASE WHEN stored.language IS DISTINCT FROM told.language THEN true
      ELSE stored.tsv IS DISTINCT FROM search_vector(stored.text, stored.links, told.language) END
"""


def step(cursor: Cursor | None, limit: int) -> Step:
    """One batch."""
    found = stretch(cursor, limit)
    if found is None:
        return Step(None)
    lock_writers(found.after[0], found.last[0])
    with connection.cursor() as database:
        database.execute(TEXTS, found.parameters)
        rows = database.fetchall()
        told = {
            "channels": [channel for channel, _number, _text in rows],
            "ids": [number for _channel, number, _text in rows],
            "languages": [detect(text) for _channel, _number, text in rows],
        }
        database.execute(RENEW, told)
        return Step(found.cursor, found.rows, database.rowcount)

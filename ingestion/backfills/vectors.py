"""Search vectors, made anew where they are not what the column's definition makes of the text now:
after an update of PostgreSQL, of a dictionary or of a stop word list.
"""

from typing import Final, LiteralString, cast

from django.db import connection
from psycopg import sql

from ingestion.backfills.registry import Cursor, Step
from ingestion.backfills.walking import lock_writers, stretch

#: How the generated column is defined.
DEFINITION: Final = """
SELECT pg_get_expr(definition.adbin, definition.adrelid)
FROM pg_attribute attribute
JOIN pg_attrdef definition
  ON definition.adrelid = attribute.attrelid AND definition.adnum = attribute.attnum
WHERE attribute.attrelid = 'ingestion_message'::regclass AND attribute.attname = 'tsv'
  AND attribute.attgenerated = 's'
"""

#: Writing a row is what makes PostgreSQL work its generated columns out.
RENEW: Final = sql.SQL("""
UPDATE ingestion_message SET text = text
WHERE (channel_id, message_id) > (%(after_channel)s, %(after_message)s)
  AND (channel_id, message_id) <= (%(channel)s, %(message)s)
  AND tsv IS DISTINCT FROM ({definition})
""")


def step(cursor: Cursor | None, limit: int) -> Step:
    """One batch."""
    found = stretch(cursor, limit)
    if found is None:
        return Step(None)
    lock_writers(found.after[0], found.last[0])
    with connection.cursor() as database:
        database.execute(DEFINITION)
        (definition,) = database.fetchone()
        # From the server's own catalogue, as the migration wrote it there.
        expression = sql.SQL(cast("LiteralString", definition))
        database.execute(RENEW.format(definition=expression), found.parameters)
        return Step(found.cursor, found.rows, database.rowcount)

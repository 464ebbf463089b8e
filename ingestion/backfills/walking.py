"""Through the tables of messages, in the order of their key."""

from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from ingestion.backfills.registry import Cursor

#: The next keys behind one: their number and the last.
STRETCH: Final = """
WITH found AS (
    SELECT channel_id, message_id FROM ingestion_message
    WHERE (channel_id, message_id) > (%(channel)s::bigint, %(message)s::bigint)
    ORDER BY channel_id, message_id LIMIT %(limit)s
), last_channel AS (SELECT max(channel_id) AS id FROM found)
SELECT (SELECT count(*) FROM found), id,
       (SELECT max(message_id) FROM found WHERE channel_id = last_channel.id)
FROM last_channel
"""

#: In line with the writers of these channels: each locks its coverage first, so no two transactions
#: wait for each other's rows.
LOCK: Final = """
SELECT id FROM ingestion_coverage
WHERE channel_id BETWEEN %(low)s AND %(high)s ORDER BY id FOR UPDATE
"""

#: PostgreSQL's own estimate; nobody counts ten million rows for a progress bar.
ROWS_OF: Final = "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = %s::regclass"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Messages behind one key up to another one, inclusive. `parameters` are those of
    `(channel_id, message_id) > (%(after_channel)s, %(after_message)s)
    AND (channel_id, message_id) <= (%(channel)s, %(message)s)`.
    """

    after: tuple[int, int]
    last: tuple[int, int]
    rows: int

    @property
    def cursor(self) -> Cursor:
        return list(self.last)

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "after_channel": self.after[0],
            "after_message": self.after[1],
            "channel": self.last[0],
            "message": self.last[1],
        }


def stretch(cursor: Cursor | None, limit: int) -> Stretch | None:
    """The next `limit` messages behind the cursor; None where there are none."""
    channel, message = cursor or (0, 0)
    with connection.cursor() as database:
        database.execute(STRETCH, {"channel": channel, "message": message, "limit": limit})
        rows, last_channel, last_message = database.fetchone()
    if not rows:
        return None
    return Stretch((channel, message), (last_channel, last_message), rows)


def lock_writers(low: int, high: int) -> None:
    """To the end of the transaction nobody writes messages of channels with these keys, both
    included. For whoever is about to update rows.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK, {"low": low, "high": high})


def rows_of(table: str) -> int:
    """About how many rows a table has, as of its last ANALYZE or VACUUM."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS_OF, [table])
        return int(cursor.fetchone()[0])

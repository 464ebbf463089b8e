"""Counters that were told by themselves, without the message that they belong to."""

from typing import TYPE_CHECKING, Any, Final

import orjson

from ingestion import counters, sql
from ingestion.records import counters_hash
from ingestion.sources.live import Counters
from ingestion.writer.batch import Batch, Outcome

if TYPE_CHECKING:
    import psycopg

#: What is stored of archived messages; their rows stay ours until the end of the transaction.
STORED: Final = """
SELECT message_id, views, forwards, replies, reactions, attached
FROM ingestion_messagestats
WHERE channel_id = %(channel)s AND message_id = ANY(%(ids)s::bigint[])
ORDER BY message_id FOR NO KEY UPDATE
"""

#: Nothing is written of those whose counters are as they were.
STAGE: Final = """
INSERT INTO stage_stats (message_id, views, forwards, replies, reactions, attached, counters_hash)
SELECT stored.message_id, told.views, told.forwards, stored.replies, told.reactions,
       told.attached, decode(told.hash, 'hex')
FROM jsonb_to_recordset(%(told)s::jsonb)
     AS told (message_id bigint, views bigint, forwards bigint, reactions jsonb, attached jsonb,
              hash text)
JOIN ingestion_messagestats stored
     ON stored.channel_id = %(channel)s AND stored.message_id = told.message_id
WHERE (stored.views, stored.forwards, stored.reactions, coalesce(stored.attached, '{}'))
      IS DISTINCT FROM (told.views, told.forwards, told.reactions, coalesce(told.attached, '{}'))
"""

COUNT: Final = """
UPDATE ingestion_messagestats stored
SET views = told.views, forwards = told.forwards, reactions = told.reactions,
    attached = told.attached, counters_hash = told.counters_hash
FROM stage_stats told
WHERE stored.channel_id = %(channel)s AND stored.message_id = told.message_id
RETURNING stored.message_id
"""


def count(cursor: "psycopg.Cursor[Any]", batch: Batch, outcome: Outcome) -> None:
    """Write counters of archived messages; of others nothing is known that they could belong to."""
    if not batch.counters:
        return
    key = {"channel": batch.channel_id, "ids": list(batch.counters)}
    rows = cursor.execute(STORED, key).fetchall()
    told = [_told(batch.counters[row[0]], *row) for row in rows]
    if not told:
        return
    cursor.execute(sql.STAGES)
    cursor.execute("DELETE FROM stage_stats")
    cursor.execute(STAGE, {**key, "told": orjson.dumps(told).decode()})
    counters.keep(cursor, batch.channel_id)
    changed = cursor.execute(COUNT, key).fetchall()
    outcome.counters += len(changed)
    outcome.touched += [row[0] for row in changed]


def _told(
    told: Counters,
    message_id: int,
    views: int | None,
    forwards: int | None,
    replies: int | None,
    reactions: str,
    attached: str | None,
) -> dict[str, Any]:
    """Counters as they are by now; `reactions` and `attached` come as JSON."""
    views = views if told.views is None else told.views
    forwards = forwards if told.forwards is None else told.forwards
    loaded = orjson.loads(reactions)
    now = loaded if told.reactions is None else dict(told.reactions)
    hung = orjson.loads(attached) if attached else None
    if told.poll is not None:
        before = hung or {}
        hung = {**before, "poll": {**(before.get("poll") or {}), **told.poll}}
    return {
        "message_id": message_id,
        "views": views,
        "forwards": forwards,
        "reactions": now,
        "attached": hung,
        "hash": counters_hash(views, forwards, replies, now, hung).hex(),
    }

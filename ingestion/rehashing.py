"""Content hashes, made anew from Telegram's own records after the way of hashing has changed.

Without it nothing is lost: the next sync compares by the new way, and writes every message once
more. This does it beforehand, and touches the narrow table alone. A message that another source
told, or that is archived without its people, keeps its hash until its source tells it again.
"""

from typing import Any, Final

import orjson
from django.db import connection

from ingestion import people
from ingestion.backfills import Cursor, Step, lock_writers
from ingestion.errors import DataError
from ingestion.models import PeoplePolicy
from ingestion.records import HASH_VERSION, SOURCE_RANKS
from ingestion.sources.mtproto.mapping import map_message
from tgadmin.lib.copying import BinaryArray, binary_cursor

SOURCE: Final = "mtproto"

#: The next keys behind one, and which of them have a hash of another version.
NEXT: Final = """
WITH found AS (
    SELECT channel_id, message_id, hash_version, source_rank
    FROM ingestion_messagestats
    WHERE (channel_id, message_id) > (%(channel)s::bigint, %(message)s::bigint)
    ORDER BY channel_id, message_id LIMIT %(limit)s
)
SELECT found.channel_id, found.message_id,
       CASE WHEN found.hash_version NOT IN (%(version)s, %(masked)s)
                 AND found.source_rank = %(rank)s THEN raw.raw END
FROM found
LEFT JOIN ingestion_messageraw raw
  ON raw.channel_id = found.channel_id AND raw.message_id = found.message_id
 AND raw.source = %(source)s AND found.hash_version NOT IN (%(version)s, %(masked)s)
ORDER BY found.channel_id, found.message_id
"""

#: Only where nobody wrote it meanwhile.
RENEW: Final = """
UPDATE ingestion_messagestats stored
SET content_hash = made.hash, hash_version = %(version)s
FROM unnest(%(channels)b::bigint[], %(ids)b::bigint[], %(hashes)b::bytea[])
     AS made (channel_id, message_id, hash)
WHERE stored.channel_id = made.channel_id AND stored.message_id = made.message_id
  AND stored.hash_version NOT IN (%(version)s, %(masked)s) AND stored.source_rank = %(rank)s
"""


def step(cursor: Cursor | None, limit: int) -> Step:
    """One batch."""
    channel, message = cursor or (0, 0)
    key: dict[str, Any] = {
        "version": HASH_VERSION,
        "masked": people.MASKED_VERSION,
        "rank": SOURCE_RANKS[SOURCE],
        "source": SOURCE,
    }
    with connection.cursor() as database:
        database.execute(NEXT, {**key, "channel": channel, "message": message, "limit": limit})
        rows = database.fetchall()
    if not rows:
        return Step(None)
    masked = _masked_channels()
    made = [
        (channel_id, message_id, content)
        for channel_id, message_id, raw in rows
        if raw is not None and channel_id not in masked and (content := _hash_of(raw)) is not None
    ]
    changed = 0
    if made:
        lock_writers(made[0][0], made[-1][0])
        changed = _write(made, key)
    return Step([rows[-1][0], rows[-1][1]], len(rows), changed)


def _masked_channels() -> set[int]:
    """Of workspaces that hide their people: what is hashed there is made by the writer."""
    hidden = PeoplePolicy.objects.filter(hidden=True)
    found = hidden.values_list("workspace__channels", flat=True)
    return {pk for pk in found if pk is not None}


def _hash_of(raw: str) -> bytes | None:
    try:
        return map_message(orjson.loads(raw)).content_hash()
    except DataError:
        return None


def _write(made: list[tuple[int, int, bytes]], key: dict[str, Any]) -> int:
    cursor = binary_cursor()
    cursor.execute(
        RENEW,
        {
            **key,
            "channels": BinaryArray.of_bigints([row[0] for row in made]),
            "ids": BinaryArray.of_bigints([row[1] for row in made]),
            "hashes": BinaryArray.of_bytes([row[2] for row in made], size=32),
        },
    )
    return cursor.rowcount

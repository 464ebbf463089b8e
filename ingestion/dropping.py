"""What a source brings of messages that were let go is not written: they stay away."""

from typing import TYPE_CHECKING, Any, Final

from ingestion import people
from ingestion.models import PeoplePolicy
from ingestion.records import MessageRecord
from tgadmin.lib.fields import from_multirange, to_multirange
from tgadmin.lib.ranges import IdRanges

if TYPE_CHECKING:
    import psycopg

#: Of a stretch of ids, those that were let go. No row for most channels.
LET_GO_IN_RANGE: Final = """
SELECT ranges * int8multirange(int8range(%(low)s, %(high)s, '[]'))
FROM ingestion_letgo WHERE channel_id = %(channel)s
"""

#: Note ids as let go, and how many messages that were.
NOTE: Final = """
INSERT INTO ingestion_letgo AS noted (channel_id, ranges, messages, before, changed_at)
VALUES (%(channel)s, %(ranges)s, %(messages)s, %(before)s::timestamptz, now())
ON CONFLICT (channel_id) DO UPDATE SET
    ranges = noted.ranges + excluded.ranges, messages = noted.messages + excluded.messages,
    before = greatest(noted.before, excluded.before), changed_at = now()
"""

#: Of messages that came before they were let go; what stands now is not looked at.
_STORED: Final = """
SELECT message_id FROM ingestion_message
WHERE channel_id = %(channel)s AND message_id = ANY(%(ids)s::bigint[])
"""


def drop(
    cursor: "psycopg.Cursor[Any]",
    channel_id: int,
    records: dict[int, MessageRecord],
    *,
    only_look: bool = False,
) -> list[int]:
    """Take out of a batch's records what was let go, and what is of somebody whose messages are not
    kept; the ids. The caller holds the channel's lock, unless it is `only_look`.
    """
    if not records:
        return []
    gone = _of_forgotten(cursor, channel_id, records, only_look=only_look)
    key = {"channel": channel_id, "low": min(records), "high": max(records)}
    row = cursor.execute(LET_GO_IN_RANGE, key).fetchone()
    let_go = from_multirange(row[0]) if row else IdRanges()
    if let_go:
        gone += [number for number in records if number in let_go]
    for number in gone:
        records.pop(number, None)
    return sorted(set(gone))


def _of_forgotten(
    cursor: "psycopg.Cursor[Any]",
    channel_id: int,
    records: dict[int, MessageRecord],
    *,
    only_look: bool,
) -> list[int]:
    """New messages of theirs count as let go; old ones are for `forgetting` to remove."""
    policy = PeoplePolicy.objects.filter(workspace__channels=channel_id, forgets=True).first()
    if policy is None:
        return []
    forgetting = people.forgetting_of(policy)
    theirs = [n for n, record in records.items() if forgetting.is_removed(record.sender_id)]
    if not theirs or only_look:
        return theirs
    key: dict[str, Any] = {"channel": channel_id, "ids": theirs}
    stored = {row[0] for row in cursor.execute(_STORED, key)}
    row = cursor.execute(
        LET_GO_IN_RANGE, {"channel": channel_id, "low": min(theirs), "high": max(theirs)}
    ).fetchone()
    known = from_multirange(row[0]) if row else IdRanges()
    fresh = [n for n in theirs if n not in stored and n not in known]
    if fresh:
        note(cursor, channel_id, IdRanges.single(fresh), len(fresh))
    return theirs


def note(cursor: Any, channel_id: int, ranges: IdRanges, messages: int, before: Any = None) -> None:
    """Say that these ids were let go."""
    values = {"channel": channel_id, "ranges": to_multirange(ranges), "messages": messages}
    cursor.execute(NOTE, {**values, "before": before})

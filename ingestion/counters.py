"""Counters over time: which messages are old enough to be read again, and what they had by then.

A message is read again when it becomes an hour old, six hours, a day … (`COUNTER_AGES`): a refresh
asks for those that passed such an age since the last one. Of whatever is read, by whichever run, the
first counters after each age are kept; those of now are in MessageStats.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import connection

from ingestion.models import Channel, ChannelReading
from tgadmin.lib.fields import from_multirange
from tgadmin.lib.ranges import IdRanges

if TYPE_CHECKING:
    import psycopg

#: Steps go on doubling after the last age, so that what becomes known late is seen, too.
_DOUBLINGS: Final = 8

#: With the staged counters of messages at hand, before they are written: what the message had when
#: it came, unless that is kept already, and what it has now, as the first of its step.
KEEP_SNAPSHOTS: Final = """
INSERT INTO ingestion_countersnapshot
    (channel_id, message_id, step, at, views, forwards, replies, reactions)
SELECT %(channel)s, message.message_id, moment.step, moment.at, moment.views, moment.forwards,
       moment.replies, nullif(moment.reactions, '{}'::jsonb)
FROM stage_stats staged
JOIN ingestion_messagestats stored
     ON stored.channel_id = %(channel)s AND stored.message_id = staged.message_id
JOIN ingestion_message message
     ON message.channel_id = %(channel)s AND message.message_id = staged.message_id
CROSS JOIN LATERAL (VALUES
    (width_bucket(extract(epoch FROM message.first_seen_at - message.date)::float8,
                  %(steps)s::float8[]),
     message.first_seen_at, stored.views, stored.forwards, stored.replies, stored.reactions),
    (width_bucket(extract(epoch FROM now() - message.date)::float8, %(steps)s::float8[]),
     now(), staged.views, staged.forwards, staged.replies, staged.reactions)
) AS moment (step, at, views, forwards, replies, reactions)
WHERE (stored.views, stored.forwards, stored.replies, stored.reactions)
      IS DISTINCT FROM (staged.views, staged.forwards, staged.replies, staged.reactions)
ON CONFLICT DO NOTHING
"""

#: Archived messages that became as old as one of the ages between two moments.
DUE: Final = """
SELECT coalesce(range_agg(int8range(message.message_id, message.message_id, '[]')),
                int8multirange())
FROM unnest(%(ages)s::interval[]) AS age
JOIN ingestion_message message
     ON message.channel_id = %(channel)s
    AND message.date > %(since)s::timestamptz - age AND message.date <= %(until)s::timestamptz - age
WHERE message.deleted_at IS NULL
"""


def ages() -> list[timedelta]:
    """At which a message is read again, growing."""
    return list(settings.COUNTER_AGES)


def steps() -> list[float]:
    """The same in seconds, going on by doubling: at most one snapshot is kept between two."""
    found = [age.total_seconds() for age in ages()]
    for _ in range(_DOUBLINGS if found else 0):
        found.append(found[-1] * 2)
    return found


def keep(cursor: "psycopg.Cursor[Any]", channel_id: int) -> None:
    """Keep what is about to be overwritten and what comes, where their time has come. For the
    writer, in its transaction, with `stage_stats` filled.
    """
    if found := steps():
        cursor.execute(KEEP_SNAPSHOTS, {"channel": channel_id, "steps": found})


def due(channel: Channel, until: datetime) -> IdRanges:
    """The archived ids that passed an age between the last reading and `until`; none where there
    was no reading yet: they were read when they came.
    """
    row = ChannelReading.objects.filter(channel=channel).values_list("counters_at", flat=True)
    since = row.first()
    if since is None or not ages():
        return IdRanges()
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"channel": channel.pk, "ages": ages(), "since": since, "until": until})
        return from_multirange(cursor.fetchone()[0])


def were_read(channel_id: int, until: datetime) -> None:
    """What was due by then has been read."""
    ChannelReading.objects.update_or_create(channel_id=channel_id, defaults={"counters_at": until})

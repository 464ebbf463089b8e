"""How far so many messages go, by what is known of their dates without reading them: the days of a
channel, or PostgreSQL's own statistics of all.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Final

from django.db import connection

#: The day until which a channel has so many messages, from older to newer or the other way.
_OLDER_DAY: Final = """
SELECT day FROM (
    SELECT day, sum(messages) OVER (ORDER BY day DESC) AS messages
    FROM archive_channelday WHERE channel_id = %(channel)s::bigint AND day < %(day)s
) far
WHERE messages >= %(rows)s ORDER BY day DESC LIMIT 1
"""
_NEWER_DAY: Final = """
SELECT day FROM (
    SELECT day, sum(messages) OVER (ORDER BY day) AS messages
    FROM archive_channelday WHERE channel_id = %(channel)s::bigint AND day > %(day)s
) far
WHERE messages >= %(rows)s ORDER BY day LIMIT 1
"""
#: Dates between each two of which there are as many messages, and how many messages there are
#: (https://www.postgresql.org/docs/current/view-pg-stats.html).
_BOUNDS: Final = """
SELECT stats.histogram_bounds::text::timestamptz[], greatest(relation.reltuples, 0)
FROM pg_class relation
JOIN pg_namespace space ON space.oid = relation.relnamespace
JOIN pg_stats stats ON stats.schemaname = space.nspname AND stats.tablename = relation.relname
WHERE relation.oid = 'ingestion_message'::regclass AND stats.attname = 'date'
  AND stats.histogram_bounds IS NOT NULL
"""
_DAY: Final = timedelta(days=1)


def reach_of(rows: float, *, channel: int | None, place: datetime, older: bool) -> datetime | None:
    """The moment between which and `place` there are about so many messages of a channel, or of all;
    None where there are not so many.
    """
    if channel is None:
        return _among_all(rows, place, older=older)
    with connection.cursor() as cursor:
        cursor.execute(
            _OLDER_DAY if older else _NEWER_DAY,
            {"channel": channel, "day": place.astimezone(UTC).date(), "rows": rows},
        )
        row = cursor.fetchone()
    if row is None:
        return None
    midnight = datetime.combine(row[0], time(), UTC)
    return midnight if older else midnight + _DAY


def _among_all(rows: float, place: datetime, *, older: bool) -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(_BOUNDS)
        row = cursor.fetchone()
    if row is None:
        return None
    bounds, messages = row
    return _walk(sorted(bounds, reverse=older), messages / (len(bounds) - 1), rows, place)


def _walk(bounds: Sequence[datetime], each: float, rows: float, place: datetime) -> datetime | None:
    """From a place along the bounds, in the order in which they are met, with `each` so many
    messages between two.
    """
    older = bounds[0] > bounds[-1]
    for previous, bound in pairwise(bounds):
        if bound >= place if older else bound <= place:
            continue
        if place > previous if older else place < previous:
            place = previous  # what is beyond the last of them is as good as nothing
        here = each * ((bound - place) / (bound - previous) if bound != previous else 1)
        if here >= rows:
            return place + (bound - place) * (rows / here)
        rows -= here
        place = bound
    return None

"""The rollup of days, counted anew for everything that is archived, some weeks at a time."""

from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import connection
from django.utils.translation import gettext_lazy

from archive.stats import _sql, keeping
from archive.stats.rollup import recount
from ingestion.backfills import Cursor, Kind, Step, rows_of

_FIRST: Final = datetime(1, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9999, 1, 1, tzinfo=UTC)

#: The next channel, or the same where its days are not all done.
CHANNEL: Final = """
SELECT id FROM ingestion_channel WHERE id >= %(channel)s ORDER BY id LIMIT 1
"""

#: When the next so many messages were posted: their number, and when the last of them was.
REACH: Final = """
SELECT count(*), max(date) FROM (
    SELECT date FROM ingestion_message
    WHERE channel_id = %(channel)s::bigint AND date >= %(since)s
    ORDER BY date LIMIT %(limit)s
) AS next
"""


def step(cursor: Cursor | None, limit: int) -> Step:
    """One batch: whole days of one channel. The cursor is the channel and the first day that is
    not done, null for its very first.
    """
    channel_from, day = cursor or (0, None)
    since = datetime.fromisoformat(day).replace(tzinfo=UTC) if day else _FIRST
    with connection.cursor() as database:
        database.execute(CHANNEL, {"channel": channel_from})
        found = database.fetchone()
        if found is None:
            return Step(None)
        (channel,) = found
        if channel != channel_from:
            since = _FIRST
        # Before it is looked, so that the writer adds nothing between looking and counting.
        database.execute(_sql.LOCK_CHANNEL, {"channel": channel})
        database.execute(REACH, {"channel": channel, "since": since, "limit": limit})
        rows, last = database.fetchone()
        if rows < limit:
            changed = recount(database, channel, [(since, _LAST)])
            keeping.forget_after_commit(channel)
            return Step([channel + 1, None], rows, len(changed))
        until = (last.astimezone(UTC) + timedelta(days=1)).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        changed = recount(database, channel, [(since, until)])
    keeping.forget_after_commit(channel)
    return Step([channel, until.date().isoformat()], rows, len(changed))


DAYS: Final = Kind(
    name="days",
    label=gettext_lazy("Messages per day"),
    step=step,
    estimate=lambda: rows_of("ingestion_message"),
    batch=20_000,
)

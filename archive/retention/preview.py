"""What a policy would let go, before anything is. Messages are counted by their days' sums, so that
it answers at once however many there are.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import connection
from django.db.models import Max, Min, Sum

from archive.models import ChannelDay
from archive.retention.policy import hold_on, limit
from ingestion.models import Channel

_FILES: Final = """
SELECT count(*), coalesce(sum(size), 0)::bigint FROM (
    SELECT DISTINCT file.sha256, file.size
    FROM ingestion_medium medium
    JOIN ingestion_storedfile file ON file.sha256 IN (medium.file_id, medium.thumb_id)
    WHERE medium.channel_id = %(channel)s AND medium.date < %(before)s
      AND (medium.file_id IS NOT NULL OR medium.thumb_id IS NOT NULL)
) AS named
"""


@dataclass(frozen=True, slots=True)
class Preview:
    """Of one channel. `files` and `bytes` are of stored files; those that other messages name, too,
    stay. `held`: nothing of it goes, and why.
    """

    channel: Channel
    before: datetime
    messages: int
    files: int
    bytes: int
    oldest: date | None
    newest: date | None
    held: str = ""


def preview(channel: Channel, *, days: int) -> Preview:
    """Writes nothing."""
    before = limit(days)
    sums = ChannelDay.objects.filter(channel=channel, day__lt=before.date()).aggregate(
        messages=Sum("messages"), oldest=Min("day"), newest=Max("day")
    )
    with connection.cursor() as cursor:
        cursor.execute(_FILES, {"channel": channel.pk, "before": before})
        files, size = cursor.fetchone()
    hold = hold_on(channel)
    return Preview(
        channel,
        before,
        sums["messages"] or 0,
        files,
        size,
        sums["oldest"],
        sums["newest"],
        held=hold.reason if hold else "",
    )

"""What a policy would let go, before anything is. Messages are counted by their days' sums, so that
it answers at once however many there are.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from django.db import connection
from django.db.models import Max, Min, Q, Sum

from archive.models import ChannelDay, RetentionPolicy
from archive.retention.policy import hold_on, limit
from ingestion.media import keeping
from ingestion.models import Channel, Medium

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
    stay. `held`: nothing of it goes, and why. Where only files go, `messages` are those that have
    any.
    """

    channel: Channel
    before: datetime
    messages: int
    files: int
    bytes: int
    oldest: date | None
    newest: date | None
    held: str = ""


def preview(channel: Channel, *, days: int, action: str = "") -> Preview:
    """Writes nothing. `action`: of a policy, where it makes a difference."""
    before = limit(days)
    if action in RetentionPolicy.OF_MEDIA:
        return _of_files(channel, before)
    sums = ChannelDay.objects.filter(channel=channel, day__lt=before.date()).aggregate(
        messages=Sum("messages"), oldest=Min("day"), newest=Max("day")
    )
    return _preview(
        channel, before, sums["messages"] or 0, oldest=sums["oldest"], newest=sums["newest"]
    )


def _of_files(channel: Channel, before: datetime) -> Preview:
    stored = Q(file__isnull=False) | Q(thumb__isnull=False)
    rows = Medium.objects.filter(stored, channel=channel, date__lt=before)
    ends = rows.aggregate(oldest=Min("date"), newest=Max("date"))
    days = {name: moment.astimezone(UTC).date() for name, moment in ends.items() if moment}
    return _preview(channel, before, keeping.count(channel.pk, before=before), **days)


def _preview(
    channel: Channel,
    before: datetime,
    messages: int,
    *,
    oldest: date | None = None,
    newest: date | None = None,
) -> Preview:
    with connection.cursor() as cursor:
        cursor.execute(_FILES, {"channel": channel.pk, "before": before})
        files, size = cursor.fetchone()
    hold = hold_on(channel)
    reason = hold.reason if hold else ""
    return Preview(channel, before, messages, files, size, oldest, newest, held=reason)

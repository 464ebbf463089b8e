"""Letting stored files go while their messages stay."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from ingestion.media import lines
from ingestion.models import Medium

#: Messages of which anything is stored, oldest first, from the index `medium_stored`.
_OLDEST: Final = """
SELECT DISTINCT message_id FROM (
    SELECT message_id FROM ingestion_medium
    WHERE channel_id = %(channel)s AND date < %(before)s
      AND (file_id IS NOT NULL OR thumb_id IS NOT NULL)
    ORDER BY date LIMIT %(most)s
) AS stored
"""
_COUNT: Final = """
SELECT count(DISTINCT message_id) FROM ingestion_medium
WHERE channel_id = %(channel)s AND date < %(before)s
  AND (file_id IS NOT NULL OR thumb_id IS NOT NULL)
"""


def oldest(channel_id: int, *, before: datetime, most: int) -> list[int]:
    """Messages of a channel that were posted before and have stored files; their ids, in order."""
    key: dict[str, Any] = {"channel": channel_id, "before": before, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST, key)
        return sorted(row[0] for row in cursor.fetchall())


def count(channel_id: int, *, before: datetime) -> int:
    """How many messages that are."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"channel": channel_id, "before": before})
        return int(cursor.fetchone()[0])


def let_go(channel_id: int, ids: Sequence[int]) -> int:
    """Say of all files of these messages that they are not kept any longer; how many. They are not
    fetched again unless a person asks for one. `upkeep.collect` deletes what nobody names.
    """
    rows = Medium.objects.filter(channel=channel_id, message_id__in=ids).filter(
        Q(file__isnull=False) | Q(thumb__isnull=False)
    )
    found = rows.update(
        file=None,
        thumb=None,
        want=Medium.Want.NOTHING,
        state=Medium.State.SKIPPED,
        asked_at=None,
        done_at=None,
        offset=0,
        let_go_at=timezone.now(),
    )
    lines.count(channel_id)
    return found

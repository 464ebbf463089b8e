"""After a change of the policy: every file of the channel is listed, and decided upon anew."""

import time
from collections.abc import Sequence
from typing import Final

from django.db import connection, transaction
from django.db.models import Max, Q

from ingestion.media import lines, sql
from ingestion.media.wanting import KINDS, Wish, wish_of
from ingestion.models import Channel, MediaLine, Message

#: Ids that are looked at in one transaction.
STRETCH: Final = 20_000
#: Seconds of one slice, in which nobody holds an account.
SECONDS: Final = 8.0


def plan(line: MediaLine, *, seconds: float = SECONDS) -> bool:
    """Go on with the plan for a while; whether it is done. A policy that changes meanwhile
    starts it again.
    """
    channel: Channel = line.channel
    wish = wish_of(channel)
    began = time.monotonic()
    high = line.planned_down_to
    if high is None:
        high = top_of(channel) + 1
        if not _move(line, None, high):
            return False
    while high > 0:
        if time.monotonic() - began > seconds:
            return False
        low = max(high - STRETCH, 0)
        with transaction.atomic():
            if not _move(line, high, low):
                return False
            decide(channel, wish, low=low, high=high - 1)
        high = low
    lines.planned(channel.pk)
    return True


def begin(channel_ids: Sequence[int]) -> None:
    """Have every file of these channels decided upon anew; what is under way goes on."""
    for channel_id in channel_ids:
        lines.wake(channel_id)
    MediaLine.objects.filter(pk__in=channel_ids).update(planned_down_to=None)


def due() -> list[int]:
    """Channels whose plan is not done."""
    rows = MediaLine.objects.filter(Q(planned_down_to=None) | Q(planned_down_to__gt=0))
    return list(rows.order_by("pk").values_list("pk", flat=True)[:50])


def decide(channel: Channel, wish: Wish, *, low: int, high: int) -> None:
    """List the files of a stretch of messages, and say which are wanted."""
    stretch = {"channel": channel.pk, "low": low, "high": high}
    with connection.cursor() as cursor:
        if wish.lists:
            cursor.execute(sql.LIST_MESSAGES, {**stretch, "kinds": list(KINDS)})
        cursor.execute(sql.WANT_MEDIA, {**stretch, **wish.parameters()})


def top_of(channel: Channel) -> int:
    """The highest archived id."""
    found = Message.objects.filter(channel=channel).aggregate(top=Max("message_id"))["top"]
    return int(found or 0)


def _move(line: MediaLine, before: int | None, after: int) -> bool:
    """Write down how far the plan is, unless it was begun again."""
    rows = MediaLine.objects.filter(pk=line.pk, planned_down_to=before)
    return bool(rows.update(planned_down_to=after))

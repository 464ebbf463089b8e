"""Pages of a list that can be ordered by any of its columns: by that column's value and the key.

A page begins after the last row of the one before, however many rows came or went meanwhile.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django.db.models import BigIntegerField, DateTimeField, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone

from archive.models import ChannelDay
from dashboard.channels.filters import Filters
from ingestion import coverage
from ingestion.models import Channel

#: Days of the sparklines and of the order by activity.
DAYS: Final = 30

#: What was never synced comes before everything that was.
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Leaf:
    """One page; `following` and `previous` are marks for the address, empty at the ends."""

    channels: Sequence[Channel]
    following: str
    previous: str


def _activity() -> Combinable:
    since = _today() - timedelta(days=DAYS - 1)
    days = ChannelDay.objects.filter(channel=OuterRef("pk"), day__gte=since)
    posted = days.values("channel").annotate(posted=Sum("messages")).values("posted")
    return Coalesce(Subquery(posted, output_field=BigIntegerField()), 0)


def _today() -> date:
    return timezone.now().astimezone(UTC).date()


#: The value that each order compares; never null, so that pages need no case for it.
_VALUES: Final[dict[str, Callable[[], Combinable]]] = {
    "title": lambda: Lower("title"),
    "messages": lambda: Coalesce(F("totals__messages"), 0, output_field=BigIntegerField()),
    "activity": _activity,
    "completeness": coverage.completeness,
    "synced": lambda: Coalesce(F("last_synced_at"), _NEVER, output_field=DateTimeField()),
    "members": lambda: Coalesce(F("members"), -1, output_field=BigIntegerField()),
}


def leaf(
    channels: QuerySet[Channel], filters: Filters, *, after: str, before: str, limit: int
) -> Leaf:
    """The `limit` channels behind the mark `after`, or those in front of `before`."""
    rows = channels.annotate(value=_VALUES[filters.sort]())
    mark = _read(filters.sort, before or after)
    backwards = bool(before) and mark is not None
    falls = filters.descending != backwards
    if mark is not None:
        value, key = mark
        rows = rows.filter(
            Q(value__lt=value) | Q(value=value, pk__lt=key)
            if falls
            else Q(value__gt=value) | Q(value=value, pk__gt=key)
        )
    sign = "-" if falls else ""
    found = list(rows.order_by(f"{sign}value", f"{sign}pk")[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    if backwards:
        found.reverse()
    return Leaf(
        found,
        following=_mark(found[-1]) if found and (more or backwards) else "",
        previous=_mark(found[0]) if found and (more if backwards else mark is not None) else "",
    )


def _mark(channel: Any) -> str:
    value = channel.value
    text = str(int(value.timestamp() * 1_000_000)) if isinstance(value, datetime) else str(value)
    return f"{channel.pk}:{text}"


def _read(sort: str, mark: str) -> tuple[Any, int] | None:
    """The value and key that a mark names; None when it is none of this order."""
    key, colon, text = mark.partition(":")
    if not colon or not _is_number(key):
        return None
    if sort == "title":
        return text.replace("\0", ""), int(key)
    if not _is_number(text.removeprefix("-")):
        return None
    if sort == "synced":
        return _NEVER + timedelta(microseconds=min(max(int(text), 0), 2**52)), int(key)
    return int(text), int(key)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19

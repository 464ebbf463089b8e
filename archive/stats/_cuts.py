"""Days of a time zone, made of UTC days with their hours."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a local day begins, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def local_days(since: date, until: date) -> Iterator[date]:
    """Both ends inclusive."""
    for number in range((until - since).days + 1):
        yield since + number * DAY


@dataclass(slots=True)
class Cuts:
    """UTC days as columns: hours before `cuts` belong to the local day `early`, the rest to
    `late`. Exact where the zone is whole hours away from UTC; elsewhere the hour in which
    midnight falls counts to the day that it begins in.
    """

    days: list[date] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    early: list[date] = field(default_factory=list)
    late: list[date] = field(default_factory=list)

    @classmethod
    def of(cls, since: date, until: date, zone: ZoneInfo) -> "Cuts":
        """Every UTC day in which an hour of the local days from `since` to `until` lies."""
        out = cls()
        for day in local_days(since - DAY, until + DAY):
            begins = datetime(day.year, day.month, day.day, tzinfo=UTC)
            early = begins.astimezone(zone).date()
            next_midnight = midnight(early + DAY, zone)
            # Rounded up: the hour that midnight falls into still began on the day before.
            cut = min(-(-(next_midnight - begins) // timedelta(hours=1)), 24)
            out.days.append(day)
            out.cuts.append(cut)
            out.early.append(early)
            out.late.append(early + DAY)
        return out

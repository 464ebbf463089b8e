"""What an account may ask for at most, by kind of request and by the pace that a person chose."""

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from ingestion.budget.rate import Bounds


class Pace(StrEnum):
    """How an account is used."""

    GENTLE = "gentle"
    NORMAL = "normal"
    FAST = "fast"


#: Requests a second to begin with, and at most as a share of the most that the settings allow
#: (TELEGRAM_MIN_INTERVAL).
_PACES: Final = {
    Pace.GENTLE: (0.3, 0.15),
    Pace.NORMAL: (1.0, 1.0),
    Pace.FAST: (2.0, 3.0),
}

#: How each kind compares with histories. Files come in many small parts; resolving names and
#: joining is what gets accounts limited.
_SHARE: Final = {
    "history": 1.0,
    "dialogs": 1.0,
    "media": 5.0,
    "resolve": 0.5,
    "join": 0.1,
    "other": 1.0,
}

#: Requests in any 24 hours that are never exceeded, whatever Telegram would allow: whoever resolves
#: or joins more is refused for a day or limited
#: (https://docs.telethon.dev/en/stable/concepts/errors.html#avoiding-limits).
CAPS: Final = {
    "resolve": {Pace.GENTLE: 20, Pace.NORMAL: 40, Pace.FAST: 80},
    "join": {Pace.GENTLE: 3, Pace.NORMAL: 8, Pace.FAST: 20},
}

#: Kinds that nobody does often, and that somebody waits for in front of a form.
FREE: Final = frozenset({"login"})


def bounds(kind: str, pace: Pace, *, least: float) -> Bounds:
    """In which bounds requests of a kind are paced. `least` are the seconds between two requests
    that the settings ask for; 0 leaves it all to Telegram.
    """
    if least <= 0 or kind in FREE:
        return Bounds(None, None)
    start, share = _PACES[pace]
    part = _SHARE.get(kind, 1.0)
    most = share / least * part
    return Bounds(min(start * part, most), most)


def cap(kind: str, pace: Pace) -> int | None:
    """Requests of a kind in 24 hours; None: not limited by us."""
    return CAPS[kind][pace] if kind in CAPS else None


def quiet_until(
    now: datetime, begin: time | None, end: time | None, zone: ZoneInfo
) -> datetime | None:
    """When the quiet hours end that `now` is in; None outside of them. Both are times of day in
    `zone`; hours that begin in the evening end on the next day.
    """
    if begin is None or end is None or begin == end:
        return None
    local = now.astimezone(zone)
    clock = local.time().replace(tzinfo=None)
    if begin < end:
        inside, days = begin <= clock < end, 0
    else:
        inside, days = clock >= begin or clock < end, int(clock >= begin)
    if not inside:
        return None
    return datetime.combine(local.date() + timedelta(days=days), end, tzinfo=zone)

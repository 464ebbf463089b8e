"""Numbers, times and sizes in words."""

from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

_UNITS: Final = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def compact(value: int) -> str:
    """`950`, `12.0k`, `3.4M`: counters, where the order of magnitude matters."""
    if value < 1000:
        return str(value)
    for size, letter in ((1_000_000_000, "B"), (1_000_000, "M"), (1000, "k")):
        if value >= size:
            scaled = int(value * 10 / size) / 10
            return f"{scaled:.1f}{letter}" if scaled < 100 else f"{int(scaled)}{letter}"
    return str(value)


def duration(seconds: float) -> str:
    """`45 s`, `1 min 32 s`, `8 min`, `2 h 5 min`, `3 d 4 h`: never more than two units."""
    left = max(int(seconds), 0)
    if left >= 300:  # seconds say nothing any more
        left -= left % 60
    parts = []
    for size, name in _UNITS:
        if left >= size:
            parts.append(f"{left // size} {name}")
            left %= size
        elif parts:
            break
    return " ".join(parts[:2]) or "0 s"


def clock(seconds: float) -> str:
    """A countdown: `0:09`, `14:32`, `3:05:10`."""
    left = max(round(seconds), 0)
    hours, rest = divmod(left, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{secs:02}" if hours else f"{minutes}:{secs:02}"


def ago(moment: datetime, now: datetime | None = None) -> str:
    """`just now`, `4 s ago`, `in 12 min`, `yesterday`, `6 days ago`, then the date."""
    now = now or timezone.now()
    seconds = (now - moment).total_seconds()
    away = abs(seconds)
    if away < 2:
        return "just now"
    if away >= 86400:
        return _days(moment, now, seconds)
    size, name = next(unit for unit in _UNITS if away >= unit[0])
    amount = f"{int(away // size)} {name}"
    return f"{amount} ago" if seconds > 0 else f"in {amount}"


def _days(moment: datetime, now: datetime, seconds: float) -> str:
    days = abs((timezone.localtime(now).date() - timezone.localtime(moment).date()).days)
    if seconds > 0 and days <= 1:
        return "yesterday"
    if days <= 7:
        return f"{days} days ago" if seconds > 0 else f"in {days} days"
    return day(moment, now)


def day(moment: datetime, now: datetime | None = None) -> str:
    """`9 Nov`, with the year when it is another one."""
    local = timezone.localtime(moment)
    same = local.year == timezone.localtime(now or timezone.now()).year
    return f"{local.day} {local:%b}" if same else f"{local.day} {local:%b %Y}"


def exact(moment: datetime) -> str:
    """What stands in the title of every relative time."""
    return f"{timezone.localtime(moment):%d %b %Y, %H:%M:%S %Z}"


def size(value: int) -> str:
    """`512 B`, `1.4 MB`: thousands, as disks are sold and browsers count downloads."""
    scaled = float(value)
    for unit in ("B", "kB", "MB", "GB"):
        if scaled < 1000:
            return (
                f"{scaled:.0f} {unit}" if unit == "B" or scaled >= 100 else f"{scaled:.1f} {unit}"
            )
        scaled /= 1000
    return f"{scaled:.1f} TB"


def initials(title: str) -> str:
    """One or two letters for an avatar."""
    words = [word.strip("«»\"'([{#@+") for word in title.split()]
    letters = [word[0].upper() for word in words if word and word[0].isalnum()]
    if not letters:
        return title[:1] or "?"
    wide = letters[0] >= "\u2e80"
    return letters[0] if wide or len(letters) == 1 else letters[0] + letters[1]


def span(start: datetime | None, end: datetime | None) -> timedelta | None:
    """How long it took, or has taken until now."""
    return None if start is None else (end or timezone.now()) - start

"""When messages are posted: by day and night, more on working days, and in bursts."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Final

#: Of a day's messages, by hour (UTC): quiet at night, busy at noon and in the evening.
_HOURS: Final = tuple(
    accumulate((2, 1, 1, 1, 1, 2, 4, 6, 8, 9, 9, 10, 11, 10, 9, 9, 9, 10, 11, 11, 10, 8, 6, 3))
)
_SATURDAY: Final = 5
_WEEKEND: Final = 0.6


def moments(dice: Random, *, count: int, days: int, until: date) -> Iterator[datetime]:
    """`count` moments (UTC, whole seconds) in order, over the `days` before `until`."""
    first = until - timedelta(days=days)
    sums = list(accumulate(_weight(dice, first + timedelta(days=n)) for n in range(days)))
    placed = 0
    for number, reached in enumerate(sums):
        upto = count if number == days - 1 else round(count * reached / sums[-1])
        start = datetime.combine(first + timedelta(days=number), datetime.min.time(), UTC)
        hours = dice.choices(range(24), cum_weights=_HOURS, k=upto - placed)
        for second in sorted(hour * 3600 + int(dice.random() * 3600) for hour in hours):
            yield start + timedelta(seconds=second)
        placed = upto


def _weight(dice: Random, day: date) -> float:
    """How much is posted on a day: a channel sleeps now and then, and sometimes something happens."""
    roll = dice.random()
    usual = _WEEKEND if day.weekday() >= _SATURDAY else 1.0
    if roll < 0.03:
        return usual * (4 + dice.random() * 16)
    if roll < 0.1:
        return 0.0
    return usual * (0.5 + dice.random())

"""What the request budget reaches against limits that it does not know, in simulated time.

Ours is the code of the product (`ingestion.budget.rate`) with the clock of the simulation. The
naive client asks as fast as it can and waits when it is told to.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ingestion.budget.pace import Pace, bounds, cap
from ingestion.budget.rate import HOUR, Bounds, Rate
from sandbox.limits import Limit
from tgadmin.management.bench.rows import Row

#: Seconds that an answer takes.
LATENCY: Final = 0.1
HOURS: Final = 6
DAY: Final = 24 * HOUR
#: The least interval of the settings (TELEGRAM_MIN_INTERVAL) that the product starts with.
LEAST: Final = 0.3

#: What Telegram might do. The first is what people report for histories.
LIMITS: Final[dict[str, Callable[[], Limit]]] = {
    "30 in 30 s": lambda: Limit(30, 30),
    "20 in 30 s": lambda: Limit(20, 30),
    "100 in 60 s": lambda: Limit(100, 60),
    "10 in 30 s": lambda: Limit(10, 30),
    "30 in 30 s, then 30 s, doubled": lambda: Limit(30, 30, penalty=30, growth=2),
    "20 in 30 s, then 20 s, doubled": lambda: Limit(20, 30, penalty=20, growth=2),
    "100 in 60 s, then 60 s, doubled": lambda: Limit(100, 60, penalty=60, growth=2),
}


#: What it might do with files, lists of dialogs, and all that describes channels, members included.
OTHERS: Final[dict[str, dict[str, Callable[[], Limit]]]] = {
    kind: {
        "30 in 30 s": lambda: Limit(30, 30),
        "60 in 60 s": lambda: Limit(60, 60),
        **limits,
    }
    for kind, limits in {
        "media": {
            "300 in 60 s": lambda: Limit(300, 60),
            "300 in 60 s, then 60 s, doubled": lambda: Limit(300, 60, penalty=60, growth=2),
        },
        "dialogs": {},
        "other": {"10 in 60 s": lambda: Limit(10, 60)},
    }.items()
}
#: What is limited by the day: whoever goes beyond is refused for hours, so ours stays below.
DAILY: Final[dict[str, Callable[[], Limit]]] = {
    "resolve": lambda: Limit(50, DAY, penalty=DAY),
    "join": lambda: Limit(10, DAY, penalty=DAY),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How some hours went: requests that were answered, and when others were refused."""

    answered: int
    waits: list[float]
    #: Of the requests that the limit allows in that time.
    ratio: float

    @property
    def most_in_an_hour(self) -> int:
        """The worst hour, wherever it begins."""
        return max(
            (sum(begin <= at < begin + HOUR for at in self.waits) for begin in self.waits),
            default=0,
        )


def simulate(limit: Limit, within: Bounds, *, hours: float = HOURS) -> Outcome:
    """Somebody who always has another request to send, with our budget."""
    now = began = 1_000_000.0
    end = began + hours * HOUR
    rate = Rate.load({}, within)
    answered, waits = 0, []
    while now < end:
        # What was learned survives that another process takes over.
        rate = Rate.load(rate.dump(), within)
        now += rate.delay(now)
        rate.sent(now, within)
        now += LATENCY
        if wait := limit.ask("", now):
            rate.refuse(now, wait)
            waits.append(now - began)
            now += wait
        else:
            answered += 1
    return Outcome(answered, waits, answered / (limit.rate * hours * HOUR))


def simulate_capped(limit: Limit, kind: str, *, days: int = 3) -> Outcome:
    """The same for what has a cap of its own in any 24 hours (`ingestion.budget.store.spend`)."""
    within, most = bounds(kind, Pace.NORMAL, least=LEAST), cap(kind, Pace.NORMAL)
    assert most is not None  # noqa: S101, it is one of those
    now = began = 1_000_000.0
    rate = Rate.load({}, within)
    spent: deque[float] = deque(maxlen=most)
    answered, waits = 0, []
    while now < began + days * DAY:
        if len(spent) == most:
            now = max(now, spent[0] + DAY)
        now += rate.delay(now)
        rate.sent(now, within)
        spent.append(now)
        now += LATENCY
        if wait := limit.ask("", now):
            rate.refuse(now, wait)
            waits.append(now - began)
            now += wait
        else:
            answered += 1
    return Outcome(answered, waits, answered / (limit.requests * days))


def naive(limit: Limit, *, hours: float = HOURS) -> Outcome:
    """The same with no budget at all."""
    now = began = 1_000_000.0
    answered, waits = 0, []
    while now < began + hours * HOUR:
        now += LATENCY
        if wait := limit.ask("", now):
            waits.append(now - began)
            now += wait
        else:
            answered += 1
    return Outcome(answered, waits, answered / (limit.rate * hours * HOUR))


def measure() -> list[Row]:
    """budget_waits_per_hour and budget_rate_ratio: the worst of all limits of histories, and the
    same of what else is asked. budget_daily_waits: resolving and joining all day long. The naive
    client's waits are those of the first limit.
    """
    normal = bounds("history", Pace.NORMAL, least=LEAST)
    ours = [simulate(make(), normal) for make in LIMITS.values()]
    others = [
        simulate(make(), bounds(kind, Pace.NORMAL, least=LEAST))
        for kind, limits in OTHERS.items()
        for make in limits.values()
    ]
    daily = {kind: simulate_capped(make(), kind) for kind, make in DAILY.items()}
    theirs = naive(next(iter(LIMITS.values()))())
    return [
        Row(
            "budget_waits_per_hour",
            max(outcome.most_in_an_hour for outcome in ours),
            "waits",
            target=2,
            at_most=True,
        ),
        Row("budget_rate_ratio", min(outcome.ratio for outcome in ours), "of allowed", target=0.9),
        Row(
            "budget_others_waits_per_hour",
            max(outcome.most_in_an_hour for outcome in others),
            "waits",
            target=2,
            at_most=True,
        ),
        Row("budget_others_ratio", min(one.ratio for one in others), "of allowed", target=0.9),
        Row(
            "budget_daily_waits",
            sum(len(outcome.waits) for outcome in daily.values()),
            "waits",
            target=0,
            at_most=True,
            more={f"{kind}_ratio": outcome.ratio for kind, outcome in daily.items()},
        ),
        Row("budget_naive_waits_per_hour", len(theirs.waits) / HOURS, "waits", target=0),
    ]

"""How fast requests of one kind may follow each other, learned from what Telegram says.

Telegram publishes no limits (https://core.telegram.org/api/errors#420-flood): it refuses a request
and names the seconds to wait. So the rate is searched for: a step up after each step that went
well, and after a refusal back to the highest rate that went well. What was refused is remembered,
and not tried again for hours: a search that never ends would be refused again and again.

Nothing here sleeps, reads a clock or knows a database: the time comes with each call, in seconds
since the epoch, so that what is learned can be kept and read by another process, and simulated.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final, Self

#: Seconds of steady requests at one rate after which that rate counts as allowed. Limits are known
#: to count a minute or less; what counts longer is found by its own refusal.
STEP: Final = 120.0
#: How much faster each step is: while nothing was refused yet, and later, towards what was.
GROWTH: Final = 1.25
APPROACH: Final = 1.1
#: The search is over when what is allowed and what is refused are as near as this.
NEAR: Final = 1.05
#: Seconds after a refusal in which nothing faster is tried, and until the search begins anew once
#: it was over; each search that finds the same limit doubles it, up to the last.
AFTER_REFUSAL: Final = 600.0
REST: Final = 6 * 3600.0
LONGEST_REST: Final = 48 * 3600.0
#: A try that comes close to what was refused may cost its wait again, or twice of it: it has to be
#: worth that, so this many times the wait goes by before.
CLOSE: Final = 1.3
DEAR: Final = 20.0
#: More refusals than this in an hour are never risked by trying.
RISKED: Final = 1
HOUR: Final = 3600.0
#: A share of what is known to be allowed: requests arrive less evenly than they are sent.
SAFETY: Final = 0.98
#: The share after a second refusal within the hour: whatever was believed was wrong.
AGAIN: Final = 0.8
#: The same where that rate went well for a whole step, and only the next was refused.
DOUBTED: Final = 0.9
#: Seconds without a request after which what came before is no longer part of the same burst.
IDLE: Final = 30.0
#: Seconds that one who came late may catch up: sleeping and sending take longer than they should.
LATE: Final = 0.25
#: Longer waits than this (seconds) are punishments: they tell nothing of the limit.
PUNISHMENT: Final = 3600.0
#: So few requests before a refusal tell nothing of the limit; where there was no rate at all, this
#: is begun with.
FEW: Final = 5
FIRST: Final = 3.0
#: So many requests may stand in line for their turn.
QUEUE: Final = 16
#: The slowest that is ever learned, in requests a second.
SLOWEST: Final = 1 / 60


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is asked of a rate: requests a second to begin with, and at most. None: no bound."""

    start: float | None
    most: float | None


@dataclass(slots=True)
class Rate:
    """What was learned of one kind of request. All of it is kept."""

    #: Requests a second; None: as fast as they come.
    rate: float | None = None
    #: The highest rate that went well for a whole step, and the lowest that was refused since.
    allowed: float = 0.0
    refused: float | None = None
    #: When Telegram refused, in the last hour.
    refusals: list[float] = field(default_factory=list)
    #: Until when nothing faster is tried.
    hold_until: float = 0.0
    #: Until when nothing close to what was refused is tried.
    dear_until: float = 0.0
    #: How long the next rest is, and whether it has begun.
    rest: float = REST
    resting: bool = False
    #: Seconds of this step that went well, and its requests.
    steady: float = 0.0
    steps: int = 0
    #: The burst under way: when it began, and how many requests it has.
    began: float = 0.0
    count: int = 0
    sent_at: float = 0.0
    #: Before this nothing is sent.
    next_at: float = 0.0

    @classmethod
    def load(cls, kept: Mapping[str, Any], bounds: Bounds) -> Self:
        """What `dump` gave, within bounds that may have changed since."""
        names = {one.name for one in fields(cls)}
        made = cls(**{name: value for name, value in kept.items() if name in names})
        if not kept:
            made.rate = bounds.start
        return made.within(bounds)

    def dump(self) -> dict[str, Any]:
        """All of it as plain JSON."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def within(self, bounds: Bounds) -> Self:
        """The same at no more than `bounds.most`."""
        if bounds.most is None or (self.rate is not None and self.rate <= bounds.most):
            return self
        return replace(self, rate=bounds.most)

    @property
    def interval(self) -> float:
        """Seconds between two requests."""
        return 1 / self.rate if self.rate else 0.0

    def delay(self, now: float) -> float:
        """Seconds to wait before the next request. A clock that was set back cannot stop it."""
        return min(max(self.next_at - now, 0.0), QUEUE * self.interval)

    def sent(self, now: float, bounds: Bounds) -> None:
        """A request goes out; it counts whatever becomes of it."""
        gap = now - self.sent_at
        steadily = 0 <= gap <= max(2 * self.interval, 1.0)
        if not 0 <= gap <= max(IDLE, 4 * self.interval):
            self.began, self.count, self.steady, self.steps = now, 0, 0.0, 0
            self.next_at = max(self.next_at, now)
        elif steadily:
            self.steady += gap
            self.steps += 1
        self.count += 1
        self.sent_at = now
        self.next_at = max(self.next_at, now - min(self.interval / 2, LATE)) + self.interval
        if self.rate is not None and self.steady >= STEP:
            self._went_well(now, bounds)

    def _went_well(self, now: float, bounds: Bounds) -> None:
        assert self.rate is not None  # noqa: S101, without a rate there are no steps
        asked, self.steady, self.steps = self.steps / self.steady, 0.0, 0
        # The network may be slower than the rate, and prove nothing.
        if asked >= 0.8 * self.rate:
            self.allowed = max(self.allowed, self.rate)
            if self._may_try(now):
                self.rate = self._faster(now)
        if bounds.most is not None:
            self.rate = min(self.rate, bounds.most)

    def _may_try(self, now: float) -> bool:
        self._forget(now)
        if (
            self.rate
            and self.refused
            and self.refused / self.rate < CLOSE
            and now < self.dear_until
        ):
            return False
        return now >= self.hold_until and len(self.refusals) <= RISKED

    def _faster(self, now: float) -> float:
        """The next rate to try; the same one when the search is over."""
        assert self.rate is not None  # noqa: S101
        if self.refused is None:
            return self.rate * GROWTH
        if self.refused / self.rate > NEAR:
            return self.rate * min(
                GROWTH if self.refused / self.rate > 2 else APPROACH,
                math.sqrt(self.refused / self.rate),
            )
        if not self.resting:
            self.resting = True
            self.hold_until = now + self.rest
            return self.rate
        self.resting = False
        self.rest = min(self.rest * 2, LONGEST_REST)
        self.refused = max(self.refused, self.rate * NEAR**2)
        return self.rate * NEAR

    def refuse(self, now: float, seconds: float) -> None:
        """Telegram refused a request that was sent, and wants `seconds` of pause."""
        self._forget(now)
        took = max(now - self.began, 0.001)
        current = self.rate or self.count / took
        trying = 0 < self.allowed < current
        again = len(self.refusals)
        if self.count <= 1 and again:
            slower = current * AGAIN**again  # the wait itself was too short
        elif seconds > PUNISHMENT:
            slower = current / 2
        elif trying:
            slower = self.allowed * (DOUBTED**again if again else SAFETY)
        else:
            # What the burst would have been, spread over its time and the wait: exact where a
            # sliding window was empty when it began.
            spread = max(self.count - 1, 1) / (took + seconds) if self.count > FEW else FIRST
            slower = min(spread * SAFETY, current * (AGAIN**again if again else SAFETY))
        self.rate = max(slower, SLOWEST)
        self.allowed = min(self.allowed, self.rate)
        self.refused = min(self.refused or current, current)
        self.refusals.append(now)
        self.resting = False
        self.hold_until = now + seconds + AFTER_REFUSAL * len(self.refusals)
        self.dear_until = now + seconds * DEAR
        self.steady, self.steps, self.began, self.count = 0.0, 0, now + seconds, 0
        self.next_at = max(self.next_at, now + min(seconds, self.interval))

    def _forget(self, now: float) -> None:
        self.refusals = [at for at in self.refusals if now - HOUR < at <= now]

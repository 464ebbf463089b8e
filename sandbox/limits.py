"""How many requests an account may send, as Telegram might count them.

Telegram tells neither what it counts nor for how long; a request too many is refused with
FLOOD_WAIT_X (https://core.telegram.org/api/errors#420-flood). A `Limit` counts in a sliding window.
Without a `penalty`, X is when the window has room again; with one, it is that many seconds, times
`growth` for each refusal within an hour of the one before, and for whoever asks before they are over.
The time comes with each question, so that a day can be tried in a moment.
"""

from collections import deque
from dataclasses import dataclass, field

HOUR = 3600.0


@dataclass(slots=True)
class _Account:
    times: deque[float] = field(default_factory=deque)
    #: Of a penalty: until when, how many in a row, and when the last one came.
    until: float = 0.0
    streak: int = 0
    refused_at: float = float("-inf")


@dataclass(slots=True)
class Limit:
    """At most `requests` in any `seconds` an account."""

    requests: int
    seconds: float
    penalty: float = 0.0
    growth: float = 1.0
    accounts: dict[str | None, _Account] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Requests a second that somebody who knows the limit could send."""
        return self.requests / self.seconds

    def ask(self, who: str | None, now: float) -> float:
        """Count a request; 0 when it is allowed, else the seconds to wait."""
        account = self.accounts.setdefault(who, _Account())
        if now < account.until:
            return self._punish(account, now)
        while account.times and account.times[0] <= now - self.seconds:
            account.times.popleft()
        if len(account.times) < self.requests:
            account.times.append(now)
            return 0.0
        if self.penalty:
            return self._punish(account, now)
        return account.times[0] + self.seconds - now

    def _punish(self, account: _Account, now: float) -> float:
        account.streak = account.streak + 1 if now - account.refused_at < HOUR else 0
        account.refused_at = now
        account.until = now + self.penalty * self.growth**account.streak
        return account.until - now

"""The order of a channel's events.

"If local_pts + pts_count = pts, the update can be applied; if it is greater, it was applied
already; if it is less, there is a gap", which is waited for half a second, and then asked about
(https://core.telegram.org/api/updates#pts-checking-and-applying,
https://core.telegram.org/api/updates#recovering-gaps).
"""

from dataclasses import dataclass, field
from typing import Final

from ingestion.sources.live import EventKind, LiveEvent

#: Seconds that a gap is waited for: what is missing may only be late.
GAP_WAIT: Final = 0.5
#: Events that are kept while a gap is waited for; of more it is asked at once.
MOST_KEPT: Final = 200


@dataclass(slots=True)
class Sequence:
    """Where one channel stands; `pts` None: not known, nothing can be put in order."""

    pts: int | None
    early: dict[int, LiveEvent] = field(default_factory=dict)
    gap_since: float | None = None
    #: Something is known to have happened that was not told.
    behind: bool = False

    def take(self, event: LiveEvent, now: float) -> list[LiveEvent]:
        """The events whose turn it is, in order: this one, those that waited for it, or none."""
        if event.kind is EventKind.BEHIND:
            self.behind = True
            return []
        if event.pts is None:
            return [event]
        if self.pts is None:
            self.behind = True
            return []
        if event.pts - event.pts_count > self.pts:
            self.early[event.pts] = event
            if self.gap_since is None:
                self.gap_since = now
            self.behind = self.behind or len(self.early) > MOST_KEPT
            return []
        ready = [event] if self._follows(event) else []
        if ready:
            self.pts = event.pts
        return ready + self._released()

    def jump(self, pts: int) -> list[LiveEvent]:
        """A difference led to `pts`: the events that follow it, and that had come early."""
        self.pts = pts
        self.behind = False
        self.early = {number: event for number, event in self.early.items() if number > pts}
        return self._released()

    def must_ask(self, now: float) -> bool:
        """Whether it is time to ask for the difference."""
        late = self.gap_since is not None and now - self.gap_since >= GAP_WAIT
        return self.behind or late

    def _follows(self, event: LiveEvent) -> bool:
        return event.pts is not None and event.pts - event.pts_count == self.pts

    def _released(self) -> list[LiveEvent]:
        """Those that had come early, as far as they follow by now."""
        ready: list[LiveEvent] = []
        for number in sorted(self.early):
            event = self.early[number]
            if self._follows(event):
                ready.append(event)
                self.pts = number
            elif self.pts is not None and number - event.pts_count > self.pts:
                break
            del self.early[number]
        if not self.early:
            self.gap_since = None
        return ready

"""How far the downloads of a channel are, in words and figures."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from dashboard.states import Badge
from ingestion.models import MediaLine

State = MediaLine.State

#: State → tone and icon of its badge.
_LOOKS = {
    State.IDLE: ("", "check"),
    State.QUEUED: ("info", "clock"),
    State.RUNNING: ("info", "download"),
    State.WAITING: ("warn", "timer"),
    State.PAUSED: ("warn", "circle-pause"),
}


@dataclass(frozen=True, slots=True)
class Progress:
    """A channel's line as a page shows it."""

    line: MediaLine

    @property
    def moves(self) -> bool:
        return self.line.state in (State.QUEUED, State.RUNNING, State.WAITING)

    @property
    def planning(self) -> bool:
        """Which files are wanted is being decided."""
        return self.line.planned_down_to != 0

    @property
    def left(self) -> int:
        return max(self.line.wanted_files - self.line.done_files, 0)

    @property
    def share(self) -> float:
        """What is done, from 0 to 1: by bytes where they are known."""
        line = self.line
        if line.wanted_bytes:
            return min(line.done_bytes / line.wanted_bytes, 1.0)
        return min(line.done_files / line.wanted_files, 1.0) if line.wanted_files else 0.0

    @property
    def seconds_left(self) -> float | None:
        """None where nothing moves, and so nobody knows."""
        left = self.line.wanted_bytes - self.line.done_bytes
        return left / self.line.rate if self.line.rate > 0 and left > 0 else None

    @property
    def until(self) -> datetime | None:
        return self.line.not_before if self.line.state == State.WAITING else None

    @property
    def badge(self) -> Badge:
        tone, icon = _LOOKS[State(self.line.state)]
        if self.line.state == State.IDLE and self.line.done_files:
            return Badge(_("Everything wanted is here"), "check", "ok")
        return Badge(str(State(self.line.state).label), icon, tone)

"""How runs stand, for a person who watches: percent, rate, time left, what is waited for."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, Subquery, When
from django.utils import timezone

from ingestion.models import Channel, RunEvent, SyncRun

State = SyncRun.State


@dataclass(frozen=True, slots=True)
class RunProgress:
    """One run. `total` and `done` are ids; `rate` is ids a second; times are in seconds."""

    run: SyncRun
    total: int
    done: int

    @property
    def percent(self) -> float:
        if self.run.state == State.DONE:
            return 100.0
        return min(100 * self.done / self.total, 99.9) if self.total else 0.0

    @property
    def rate(self) -> float:
        return self.run.rate if self.run.state == State.RUNNING else 0.0

    @property
    def eta_seconds(self) -> float | None:
        return (self.total - self.done) / self.rate if self.rate else None

    @property
    def wait_seconds(self) -> int:
        """Until the run may go on; 0 when it waits for no time."""
        if self.run.state != State.WAITING or self.run.not_before is None:
            return 0
        return max(round((self.run.not_before - timezone.now()).total_seconds()), 0)


@dataclass(frozen=True, slots=True)
class PressProgress:
    """The runs of one press on Sync now, as one."""

    runs: list[RunProgress]

    @property
    def active(self) -> bool:
        return any(item.run.state in SyncRun.ACTIVE for item in self.runs)

    @property
    def total(self) -> int:
        return sum(item.total for item in self.runs)

    @property
    def done(self) -> int:
        return sum(item.done for item in self.runs)

    @property
    def percent(self) -> float:
        """100 only when every run is done; runs that have no plan yet keep it below."""
        if all(item.run.state == State.DONE for item in self.runs):
            return 100.0
        return min(100 * self.done / self.total, 99.9) if self.total else 0.0

    @property
    def rate(self) -> float:
        return sum(item.rate for item in self.runs)

    @property
    def eta_seconds(self) -> float | None:
        return (self.total - self.done) / self.rate if self.rate else None


def of_run(run: SyncRun) -> RunProgress:
    """One run's progress, counted in ids of its plan."""
    if run.planned is None:
        return RunProgress(run, 0, 0)
    return RunProgress(run, len(run.planned), len(run.planned & run.done))


def pace(run: SyncRun, events: Iterable[RunEvent]) -> float | None:
    """Ids a second over the time in which the run was worked on; None before its first slice
    ended.
    """
    worked = sum((e.at - e.began_at).total_seconds() for e in events if e.began_at)
    return len(run.done) / worked if worked >= 1 and run.done else None


def of_channel(channel: Channel) -> PressProgress | None:
    """The press that is active, else the last one; None when there never was one."""
    runs = SyncRun.objects.filter(channel=channel)
    rests = Case(When(state__in=SyncRun.ACTIVE, then=0), default=1)
    leading = runs.order_by(rests, "-pk").values("press")[:1]
    found = list(runs.filter(press=Subquery(leading)).select_related("account"))
    if not found:
        return None
    for run in found:
        run.channel = channel
    order: dict[str, int] = {kind: place for place, kind in enumerate(SyncRun.PRIORITY)}
    of_press = sorted(found, key=lambda run: order[run.kind])
    latest = {run.kind: run for run in sorted(of_press, key=lambda run: run.pk)}
    return PressProgress([of_run(run) for run in of_press if latest[run.kind] is run])

"""What goes on now: the runs of a channel or of a whole workspace with their progress."""

from dataclasses import dataclass

from django.db.models import Case, IntegerField, QuerySet, Value, When

from ingestion.models import Channel, SyncRun
from ingestion.services import progress
from ingestion.services.progress import PressProgress, RunProgress
from workspaces.access import within
from workspaces.models import Workspace

#: Beside a full dashboard more lines would not be read.
MOST_RUNS = 8


@dataclass(frozen=True)
class Live:
    """The press that is shown on a channel's page."""

    press: PressProgress

    @property
    def can_pause(self) -> bool:
        return any(run.run.state in PAUSABLE and not run.run.stop_wish for run in self.press.runs)

    @property
    def can_resume(self) -> bool:
        return any(run.run.state == SyncRun.State.PAUSED for run in self.press.runs)

    @property
    def can_cancel(self) -> bool:
        return any(
            run.run.state in SyncRun.ACTIVE and run.run.stop_wish != SyncRun.StopWish.CANCEL
            for run in self.press.runs
        )

    @property
    def lines(self) -> list[RunProgress]:
        """One a run while any moves; afterwards those that failed, with their reasons."""
        if self.press.active:
            return self.press.runs
        return [item for item in self.press.runs if item.run.state == SyncRun.State.FAILED]

    @property
    def waiting(self) -> RunProgress | None:
        """The run that everything waits for, when nothing else moves."""
        if any(run.run.state == SyncRun.State.RUNNING for run in self.press.runs):
            return None
        return next((run for run in self.press.runs if run.wait_seconds), None)

    @property
    def new(self) -> int:
        return sum(run.run.new for run in self.press.runs)

    @property
    def changed(self) -> int:
        return sum(run.run.changed for run in self.press.runs)

    @property
    def absent(self) -> int:
        return sum(run.run.absent for run in self.press.runs)

    @property
    def deleted(self) -> int:
        return sum(run.run.deleted for run in self.press.runs)


PAUSABLE = (SyncRun.State.QUEUED, SyncRun.State.RUNNING, SyncRun.State.WAITING)


def of_channel(channel: Channel) -> Live | None:
    """The active press of a channel, else its last one."""
    press = progress.of_channel(channel)
    return Live(press) if press else None


def runs_of(workspace: Workspace) -> QuerySet[SyncRun]:
    """The active runs of a workspace, those that move first."""
    return (
        within(workspace, SyncRun.objects.filter(state__in=SyncRun.ACTIVE))
        .select_related("channel", "account")
        .annotate(
            rank=Case(
                When(state=SyncRun.State.RUNNING, then=Value(0)),
                When(state=SyncRun.State.WAITING, then=Value(1)),
                default=Value(2),
                output_field=IntegerField(),
            )
        )
        .order_by("rank", "pk")
    )

"""The channels of a workspace as the list shows them: a constant number of queries a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, QuerySet, TextField, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from archive import stats
from dashboard import active, attention, states, wording
from dashboard.channels.filters import STATE_WORDS, Filters
from dashboard.channels.order import DAYS
from dashboard.shell import Shell
from dashboard.tape import Tape, draw
from ingestion import coverage
from ingestion.models import Channel, SyncRun
from ingestion.services import listening
from tgadmin.lib import cache
from workspaces.access import within

#: Which run speaks for its channel: one that moves before one that waits, and paused ones last.
_RANK = {SyncRun.State.RUNNING: 0, SyncRun.State.WAITING: 1, SyncRun.State.PAUSED: 3}


@dataclass(frozen=True)
class Row:
    """A channel as the list shows it."""

    channel: Channel
    badge: states.Badge
    tape: Tape
    messages: int
    #: Messages of the last 30 days, one value a day.
    days: list[int]
    running: bool
    #: What comes next while a run is active.
    next: str
    #: How it is followed; None where it is not.
    followed: states.Badge | None

    @property
    def posted(self) -> int:
        """How many messages those days had."""
        return sum(self.days)


@dataclass(frozen=True)
class Listing:
    """The channels of a workspace with what goes on in them."""

    shell: Shell

    @cached_property
    def leading(self) -> dict[int, SyncRun]:
        """By channel, the active run that speaks for it."""
        runs: dict[int, SyncRun] = {}
        for run in active.runs_of(self.shell.workspace).defer("planned", "done"):
            there = runs.get(run.channel_id)
            if there is None or _rank(run) < _rank(there):
                runs[run.channel_id] = run
        return runs

    @cached_property
    def failed(self) -> dict[int, SyncRun]:
        """By channel, its last run where that failed."""
        return {run.channel_id: run for run in attention.failed_runs(self.shell)}

    def fitting(self, filters: Filters) -> QuerySet[Channel]:
        """The channels that fit all filters."""
        rows = self._conditioned(filters)
        if filters.state:
            rows = rows.filter(condition=filters.state)
        return cast("QuerySet[Channel]", rows)

    def counts(self, filters: Filters) -> dict[str, int]:
        """How many channels there are of each state that fit the other filters."""
        rows = self._conditioned(filters).order_by().values("condition").annotate(n=Count("pk"))
        found = {row["condition"]: row["n"] for row in rows}
        return {state: found[state] for state in STATE_WORDS if state in found}

    def _conditioned(self, filters: Filters) -> Any:
        rows = filters.narrow(within(self.shell.workspace, Channel.objects.all()))
        by_state: dict[str, list[int]] = {"running": [], "attention": [], "paused": []}
        for key, run in self.leading.items():
            by_state[_condition(run)].append(key)
        return rows.annotate(
            condition=Case(
                When(pk__in=by_state["running"], then=Value("running")),
                When(pk__in=by_state["attention"], then=Value("attention")),
                When(pk__in=by_state["paused"], then=Value("paused")),
                When(enabled=False, then=Value("paused")),
                When(pk__in=list(self.failed), then=Value("attention")),
                When(last_synced_at=None, then=Value("new")),
                When(sync_every_minutes=None, then=Value("idle")),
                default=Value("scheduled"),
                output_field=TextField(),
            )
        )

    def rows(self, channels: Sequence[Channel]) -> list[Row]:
        reports = coverage.reports(list(channels))
        posted = cache.remember(
            self.shell.workspace.pk,
            "sparklines",
            stats.sparklines,
            channels=[channel.pk for channel in channels],
            days=DAYS,
            until=timezone.localdate(),
            zone=ZoneInfo(timezone.get_current_timezone_name()),
        )
        live = listening.of(channels)
        return [
            self._row(channel, reports[channel.pk], posted.get(channel.pk, []), live[channel.pk])
            for channel in channels
        ]

    def _row(
        self,
        channel: Channel,
        report: coverage.CoverageReport,
        posted: list[int],
        live: listening.Live,
    ) -> Row:
        run = self.leading.get(channel.pk)
        return Row(
            channel=channel,
            badge=states.of_channel(channel, run, self.failed.get(channel.pk)),
            tape=draw(report),
            messages=report.messages,
            days=posted,
            running=run is not None,
            next=_next(run),
            followed=states.of_live(live),
        )


def tags_of(shell: Shell) -> list[str]:
    """Every tag of the workspace's channels, in alphabetical order."""
    rows: Any = within(shell.workspace, Channel.objects.filter(removed_at=None))
    lists = rows.exclude(tags=[]).values_list("tags", flat=True)
    return sorted({tag for tags in lists for tag in tags}, key=str.casefold)


def _rank(run: SyncRun) -> int:
    return _RANK.get(SyncRun.State(run.state), 2)


def _condition(run: SyncRun) -> str:
    if run.state == SyncRun.State.WAITING:
        return "attention"
    return "paused" if run.state == SyncRun.State.PAUSED else "running"


def _next(run: SyncRun | None) -> str:
    if run is None:
        return ""
    if run.state == SyncRun.State.PAUSED:
        return _("paused")
    if states.seconds_until(run) and run.not_before:
        return wording.ago(run.not_before)
    return _("now")

"""The dashboard's figures: what there is, what changed against the period before, what to draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from archive import stats
from archive.stats import Stacked, Step
from dashboard import charts, ranges, wording
from dashboard.ranges import Range
from dashboard.shell import Shell
from dashboard.tape import Tape, draw
from ingestion import coverage
from ingestion.coverage import CoverageCounts, percent_of
from ingestion.models import Channel
from ingestion.records import ChannelKind
from tgadmin.lib import cache
from workspaces.access import within

#: Rows of the coverage card; the channels page has the rest.
MOST_CHANNELS = 12


@dataclass(frozen=True, slots=True)
class Change:
    """Against the period before. `tone` is ok, bad or nothing."""

    icon: str
    words: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the totals: a number, what it did in the range, and its line."""

    label: str
    value: str
    unit: str
    note: str
    address: str = ""
    change: Change | None = None
    line: Sequence[float] = ()
    flat: bool = False
    #: Drawn instead of a line: percent that is here.
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Covered:
    """One row of the coverage card."""

    channel: int
    title: str
    tape: Tape


@dataclass(frozen=True)
class Overview:
    """A workspace in a range of time. Its parts are asked for when a template shows them."""

    shell: Shell
    range: Range
    titles: dict[int, str]
    #: Those of which nobody can tell how complete they are (`Channel.has_claim`).
    unclaimed: frozenset[int] = frozenset()

    @property
    def channels(self) -> list[int]:
        return list(self.titles)

    @cached_property
    def counts(self) -> dict[int, CoverageCounts]:
        return coverage.counts(self.channels)

    @property
    def claimed(self) -> dict[int, CoverageCounts]:
        """The counts of those whose completeness can be told."""
        return {key: row for key, row in self.counts.items() if key not in self.unclaimed}

    @property
    def complete(self) -> int:
        """Channels of which nothing is missing."""
        return sum(not row.gaps and row.covered > 0 for row in self.claimed.values())

    @cached_property
    def stacked(self) -> Stacked:
        return bars(self.shell.workspace.pk, self.channels, self.range)

    @cached_property
    def posted(self) -> list[int]:
        """Messages of each bar."""
        columns = [values for _channel, values in self.stacked.series]
        return [sum(values) for values in zip(*columns, strict=True)] if columns else []

    @property
    def chart(self) -> charts.Chart:
        return charts.stacked(
            self.stacked,
            self.titles,
            name=self.heading,
            until=self.range.until,
            messages=f"{reverse('messages')}?",
            zoom=f"{reverse('home')}?range=custom&",
        )

    @property
    def heading(self) -> str:
        return {
            Step.HOUR: _("Messages per hour"),
            Step.DAY: _("Messages per day"),
            Step.WEEK: _("Messages per week"),
            Step.MONTH: _("Messages per month"),
        }[self.range.step]

    @property
    def covered(self) -> list[Covered]:
        """The least complete first."""
        order = sorted(self.claimed, key=lambda key: (self.counts[key].percent, self.titles[key]))
        shown = {key: self.counts[key] for key in order[:MOST_CHANNELS]}
        reports = coverage.reports_of(shown)
        return [Covered(key, self.titles[key], draw(reports[key])) for key in shown]

    @cached_property
    def runs(self) -> stats.RunActivity:
        return stats.run_activity(
            channels=self.channels, start=self.range.start, end=self.range.end
        )

    @property
    def figures(self) -> list[Figure]:
        return [
            self._messages(),
            self._completeness(),
            self._deleted(),
            self._edits(),
            self._failed(),
        ]

    def _messages(self) -> Figure:
        posted = sum(self.posted)
        return Figure(
            label=_("Messages archived"),
            value=wording.number(sum(row.messages for row in self.counts.values())),
            unit="",
            note=_("%(count)s posted %(when)s")
            % {"count": wording.number(posted), "when": self.range.words},
            address=reverse("messages"),
            change=None if self.range.name == "all" else _share(posted, self.stacked.before),
            line=self.posted,
        )

    def _completeness(self) -> Figure:
        rows = self.claimed.values()
        if self.unclaimed and not rows:
            return Figure(
                label=_("Completeness"),
                value="–",
                unit="",
                note=_("no claim"),
                address=reverse("channels"),
            )
        gaps = sum(row.gaps for row in rows)
        percent = percent_of(sum(row.covered for row in rows), gaps)
        unsynced = sum(not row.covered for row in rows)
        # Of a channel whose highest id is not known there is nothing to take a share of.
        unknown = sum(not row.covered and not row.gaps for row in rows)
        of = len(rows) - unknown
        if unsynced:
            note = ngettext(
                "%(count)s channel was not synced yet",
                "%(count)s channels were not synced yet",
                unsynced,
            ) % {"count": wording.number(unsynced)}
        elif gaps:
            note = ngettext(
                "%(count)s id never asked for", "%(count)s ids never asked for", gaps
            ) % {"count": wording.number(gaps)}
        else:
            note = _("nothing is missing")
        if unknown and of:
            known = ngettext("of %(count)s channel", "of %(count)s channels", of)
            note = _("%(one)s; %(other)s") % {
                "one": known % {"count": wording.number(of)},
                "other": note,
            }
        return Figure(
            label=_("Completeness"),
            value=wording.percent(percent),
            unit="",
            note=note,
            address=reverse("channels"),
            share=percent,
        )

    def _deleted(self) -> Figure:
        return self._kept(
            label=_("Kept after deletion"),
            value=sum(row.deleted for row in self.counts.values()),
            found=self.runs.now.deleted,
            line=[part.deleted for part in self.runs.slices],
        )

    def _edits(self) -> Figure:
        return self._kept(
            label=_("Earlier versions"),
            value=sum(row.revisions for row in self.counts.values()),
            found=self.runs.now.changed,
            line=[part.changed for part in self.runs.slices],
        )

    def _kept(self, *, label: str, value: int, found: int, line: Sequence[int]) -> Figure:
        return Figure(
            label=label,
            value=wording.number(value),
            unit="",
            note=_("%(count)s found %(when)s")
            % {"count": wording.number(found), "when": self.range.words},
            line=line,
        )

    def _failed(self) -> Figure:
        now, before = self.runs.now, self.runs.before
        return Figure(
            label=_("Failed runs"),
            value=wording.number(now.failed),
            unit=_("of %(count)s") % {"count": wording.number(now.runs)},
            note=self.range.words
            if self.range.name == "all" or not before.runs
            else _("before: %(count)s") % {"count": wording.number(before.failed)},
            address=f"{reverse('runs')}?state=failed",
            change=_fewer(now.failed, before.failed) if before.runs else None,
            line=[part.failed for part in self.runs.slices],
            flat=True,
        )


def of(shell: Shell, query: QueryDict) -> Overview:
    """The overview of the workspace's channels that are not removed, in the range of an address."""
    rows = within(shell.workspace, Channel.objects.filter(removed_at=None))
    found = list(rows.order_by("pk").values_list("pk", "title", "kind"))
    titles = {pk: title for pk, title, _kind in found}
    unclaimed = frozenset(pk for pk, _title, kind in found if kind == ChannelKind.BASIC_GROUP)
    shell.knows(channels=len(titles))
    first = stats.first_day(channels=list(titles)) if query.get("range") == "all" else None
    range_ = ranges.parse(query, first=first)
    return Overview(shell, range_, titles, unclaimed)


def bars(workspace_id: int, channels: Sequence[int], shown: Range) -> Stacked:
    """Messages of the workspace's channels, bar by bar of a range."""
    if shown.step is Step.HOUR:
        return cache.remember(
            workspace_id,
            "bars",
            stats.stacked_hours,
            channels=channels,
            since=shown.start,
            until=shown.end,
        )
    return cache.remember(
        workspace_id,
        "bars",
        stats.stacked_days,
        channels=channels,
        since=shown.since,
        until=shown.until,
        zone=shown.zone,
        step=shown.step,
    )


def _share(now: int, before: int) -> Change | None:
    """By how many percent; nothing to compare with says nothing."""
    if not before:
        return None
    percent = 100 * (now - before) / before
    words = _("%(number)s%%") % {"number": wording.number(abs(percent), int(abs(percent) < 100))}
    return Change("arrow-up-right" if now >= before else "arrow-down-right", words)


def _fewer(now: int, before: int) -> Change | None:
    if now == before:
        return None
    count = {"count": wording.number(abs(now - before))}
    if now < before:
        words = ngettext("%(count)s fewer", "%(count)s fewer", before - now) % count
        return Change("arrow-down-right", words, "ok")
    return Change(
        "arrow-up-right", ngettext("%(count)s more", "%(count)s more", now - before) % count, "bad"
    )

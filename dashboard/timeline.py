"""A run's history as a person reads it: a list of lines, and one bar of working and waiting."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard import states, wording
from dashboard.strip import Piece, Strip
from ingestion.models import RunEvent, SyncRun

Kind = RunEvent.Kind

#: Lines on the page before the whole history is asked for; the run's bar shows all of it.
SHOWN: Final = 30

#: What a slice did, in the order in which it is told. Unchanged ones are not worth a word.
_TOLD: Final = (
    ("new", gettext_lazy("%(count)s new")),
    ("changed", gettext_lazy("%(count)s changed")),
    ("deleted", gettext_lazy("%(count)s deleted")),
    ("absent", gettext_lazy("%(count)s absent")),
    ("quarantined", gettext_lazy("%(count)s could not be read")),
    ("counters", gettext_lazy("%(count)s with new counters")),
    ("unchanged", gettext_lazy("%(count)s unchanged")),
)


@dataclass(frozen=True)
class Line:
    """One line. `worked` is in seconds; None where no slice ended."""

    event: RunEvent
    badge: states.Badge
    worked: float | None
    waits: float | None
    #: `["120 new", "3 changed"]`
    did: list[str]
    requests: int
    #: Of a line that stands for many: `["1,240 slices", "3 flood waits"]`.
    folded: list[str]


def lines(run: SyncRun, events: Iterable[RunEvent]) -> list[Line]:
    """Newest first, as they come."""
    return [_line(run, event) for event in events]


def _line(run: SyncRun, event: RunEvent) -> Line:
    worked = (event.at - event.began_at).total_seconds() if event.began_at else None
    waits = (event.until - event.at).total_seconds() if event.until else None
    return Line(
        event=event,
        badge=states.of_event(event, run),
        worked=worked,
        waits=waits,
        did=[
            str(words) % {"count": wording.number(event.counts[name])}
            for name, words in _TOLD
            if event.counts.get(name)
        ],
        requests=event.counts.get("requests", 0),
        folded=_folded(event.counts),
    )


def _folded(counts: dict[str, int]) -> list[str]:
    number = counts.get("folded", 0)
    if not number:
        return []
    told = [ngettext("%(n)s line in one", "%(n)s lines in one", number)]
    values = [number]
    if waits := counts.get("waits", 0):
        told.append(ngettext("%(n)s flood wait", "%(n)s flood waits", waits))
        values.append(waits)
    if retries := counts.get("retries", 0):
        told.append(ngettext("%(n)s attempt again", "%(n)s attempts again", retries))
        values.append(retries)
    if gone := counts.get("interruptions", 0):
        told.append(ngettext("%(n)s worker gone", "%(n)s workers gone", gone))
        values.append(gone)
    return [text % {"n": wording.number(n)} for text, n in zip(told, values, strict=True)]


def bar(run: SyncRun, events: Sequence[RunEvent], now: datetime | None = None) -> Strip | None:
    """From the press to the end, or to now; None where nothing was done yet. `events` are in
    the order in which they happened.
    """
    end = run.ended_at or now or timezone.now()
    if run.started_at is None or end <= run.created_at:
        return None
    strip = Strip(run.created_at, end)
    pieces: list[Piece] = []
    for event in events:
        if event.began_at:
            pieces += strip.piece("work", event.began_at, event.at)
        if event.until:
            pieces += strip.piece("wait", event.at, event.until)
        elif event.kind == Kind.PAUSED:
            pieces += strip.piece("rest", event.at, _resumed(events, event) or end)
    if run.state == SyncRun.State.RUNNING and run.slice_began_at:
        pieces += strip.piece("work", run.slice_began_at, end)
    return strip.with_pieces(pieces, _label(pieces))


def _resumed(events: Sequence[RunEvent], paused: RunEvent) -> datetime | None:
    """When what was paused went on, or was cancelled."""
    return next((event.at for event in events if event.pk > paused.pk), None)


def _label(pieces: Iterable[Piece]) -> str:
    spent = {"work": 0.0, "wait": 0.0, "rest": 0.0}
    for piece in pieces:
        spent[piece.kind] += piece.seconds
    return _("Worked %(work)s, waited %(wait)s, paused %(rest)s.") % {
        name: wording.duration(seconds) for name, seconds in spent.items()
    }

"""The history of a run: one line for each slice that ended, and for each press on a run that
rested. A line is written in the transaction that changes the run, and only if that found a row:
who comes second writes nothing.
"""

from datetime import datetime
from typing import Any, Final

from django.db.models.functions import Now

from ingestion.models import RunEvent, SyncRun
from tgadmin.lib.told import NOTHING, Told

Kind = RunEvent.Kind

#: What is counted on a run's row, and so in its lines.
COUNTED: Final = (
    "new",
    "changed",
    "unchanged",
    "counters",
    "absent",
    "deleted",
    "quarantined",
    "requests",
)
#: A run of thousands of slices keeps at most so many lines: …
MOST_LINES: Final = 400
#: … its first ones, its last ones, and one that stands for all between them.
FIRST_LINES: Final = 10
LAST_LINES: Final = 200

#: What a line that stands for many says of their kinds.
_AMONG: Final = {
    Kind.FLOOD_WAIT: "waits",
    Kind.RETRY: "retries",
    Kind.INTERRUPTED: "interruptions",
}


def slice_ended(
    run_id: int,
    kind: RunEvent.Kind,
    *,
    until: datetime | None = None,
    error_code: str = "",
    text: Told = NOTHING,
    user_id: int | None = None,
) -> None:
    """Write down that a slice ended, how, and what it did: what the run counted since the line
    before. Call it in the transaction that moved the run on to its next slice.
    """
    run = SyncRun.objects.values(*COUNTED, "slice", "slice_began_at").get(pk=run_id)
    before = _sum(RunEvent.objects.filter(run=run_id).values_list("counts", flat=True))
    counts = {name: run[name] - before.get(name, 0) for name in COUNTED}
    RunEvent.objects.create(
        run_id=run_id,
        kind=kind,
        slice=max(run["slice"] - 1, 0),
        at=Now(),
        began_at=run["slice_began_at"],
        until=until,
        counts={name: count for name, count in counts.items() if count},
        error_code=error_code,
        text=text,
        user_id=user_id,
    )
    _fold(run_id)


def pressed(
    run_id: int,
    kind: RunEvent.Kind,
    *,
    user_id: int | None = None,
    error_code: str = "",
    text: Told = NOTHING,
) -> None:
    """Write down what happened to a run that rested: nothing was done in between."""
    RunEvent.objects.create(
        run_id=run_id, kind=kind, at=Now(), user_id=user_id, error_code=error_code, text=text
    )


def _sum(rows: Any) -> dict[str, int]:
    total: dict[str, int] = {}
    for counts in rows:
        for name, count in counts.items():
            total[name] = total.get(name, 0) + count
    return total


def _fold(run_id: int) -> None:
    """Put the middle of a long history into one line, so that it stays short and its sum right."""
    lines = RunEvent.objects.filter(run=run_id).order_by("pk")
    if lines.count() <= MOST_LINES:
        return
    middle = list(lines)[FIRST_LINES:-LAST_LINES]
    counts = _sum(line.counts for line in middle)
    counts["folded"] = counts.get("folded", 0) + sum("folded" not in line.counts for line in middle)
    for line in middle:
        if (name := _AMONG.get(Kind(line.kind))) and "folded" not in line.counts:
            counts[name] = counts.get(name, 0) + 1
    first, last = middle[0], middle[-1]
    first.kind, first.until, first.error_code, first.text = Kind.SLICE, None, "", NOTHING
    first.began_at = first.began_at or first.at
    first.at, first.slice, first.counts, first.user = last.at, last.slice, counts, None
    first.save()
    RunEvent.objects.filter(pk__in=[line.pk for line in middle[1:]]).delete()

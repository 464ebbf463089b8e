"""The table below the tape: the longest stretches of ids that are not in the archive, when they were
posted, why they are missing, and which of them can be asked for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard import wording
from ingestion.coverage import CoverageReport
from ingestion.models import Quarantine, SyncRun
from tgadmin.lib.ranges import IdRanges
from tgadmin.lib.told import NOTHING, Told

MOST: Final = 8
#: Of those, records that could not be read.
MOST_BROKEN: Final = 3

#: `(before, after)`: when the nearest archived messages on both sides were posted.
Posted = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Ids from `low` to `high`, both inclusive; `kind` is never, broken, absent or hid. `filled` is
    how much of it an active backfill has asked for, in percent; None when none is going to.
    """

    kind: str
    low: int
    high: int
    error: Told = NOTHING
    filled: float | None = None
    posted: Posted = (None, None)

    @property
    def ids(self) -> int:
        return self.high - self.low + 1

    @property
    def state(self) -> str:
        return str(_STATES[self.kind])

    @property
    def why(self) -> str:
        return str(_WHY[self.kind])

    @property
    def can_be_asked(self) -> bool:
        return self.kind in {"never", "broken"} and self.filled is None

    @property
    def when(self) -> str:
        """`Nov 2018`, `Nov 2022 – Jan 2023`; ids grow with time."""
        before, after = self.posted
        if before is None:
            return _("before %(month)s") % {"month": wording.month(after)} if after else ""
        if after is None:
            return _("since %(month)s") % {"month": wording.month(before)}
        if (first := wording.month(before)) == (last := wording.month(after)):
            return first
        return _("%(first)s – %(last)s") % {"first": first, "last": last}


_STATES: Final = {
    "never": gettext_lazy("Never asked"),
    "broken": gettext_lazy("Could not be read"),
    "absent": gettext_lazy("Absent"),
    "hid": gettext_lazy("Hidden"),
}
_WHY: Final = {
    "never": gettext_lazy("Not asked for yet."),
    "broken": gettext_lazy("This version cannot read it. The bytes are kept."),
    "absent": gettext_lazy("Telegram has no message there: deleted before it was archived."),
    "hid": gettext_lazy("Telegram shows newcomers nothing from before they joined."),
}


@dataclass(frozen=True, slots=True)
class Stretches:
    """`rows` are shown; `gaps` is how many stretches were never asked for in all."""

    rows: list[Stretch]
    gaps: int

    @property
    def ends(self) -> list[tuple[int, int]]:
        return [(row.low, row.high) for row in self.rows]

    def dated(self, posted: Sequence[Posted]) -> "Stretches":
        """The same with the time of each row, in the order of `ends`."""
        rows = [replace(row, posted=when) for row, when in zip(self.rows, posted, strict=True)]
        return Stretches(rows, self.gaps)


def stretches(
    report: CoverageReport,
    absent: Iterable[tuple[int, int]],
    broken: Sequence[Quarantine] = (),
    backfill: SyncRun | None = None,
) -> Stretches:
    """Never asked first, because those can be mended; then the longest. `backfill` is the active
    one; one without a plan will ask for every gap.
    """
    unread = IdRanges.single(row.message_id for row in broken)
    gaps = (report.gaps - unread).pairs
    never = [_never(low, high, backfill) for low, high in gaps]
    hidden = [Stretch("hid", low, high) for low, high in report.hidden.pairs]
    gone = [Stretch("absent", low, high) for low, high in absent]
    kept = [
        Stretch("broken", row.message_id, row.message_id, error=row.error)
        for row in broken[:MOST_BROKEN]
        if row.message_id
    ]
    never.sort(key=lambda stretch: -stretch.ids)
    rest = sorted([*hidden, *gone], key=lambda stretch: -stretch.ids)
    room = MOST - len(kept)
    shown = never[: room if not rest else max(room - 3, 1)]
    return Stretches([*shown, *kept, *rest[: room - len(shown)]], len(never))


def _never(low: int, high: int, backfill: SyncRun | None) -> Stretch:
    filled = None
    if backfill is not None:
        span = IdRanges.span(low, high)
        planned = span if backfill.planned is None else span & backfill.planned
        if planned:
            filled = 100 * len(backfill.done & planned) / len(planned)
    return Stretch("never", low, high, filled=filled)

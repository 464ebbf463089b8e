"""How the last 24 hours of an account went: its requests by hour and kind, its flood waits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard import wording
from dashboard.strip import Strip
from ingestion.models import Account, AccountRequests, FloodWait
from ingestion.services import budgets

DAY: Final = timedelta(hours=24)
HOURS: Final = 24
#: Of the chart's height, in percent: an hour with a request is never drawn flatter.
_VISIBLE: Final = 3.0

KINDS: Final = {
    AccountRequests.Kind.HISTORY: gettext_lazy("History"),
    AccountRequests.Kind.RESOLVE: gettext_lazy("Looking up names"),
    AccountRequests.Kind.JOIN: gettext_lazy("Joining channels"),
    AccountRequests.Kind.DIALOGS: gettext_lazy("List of channels"),
    AccountRequests.Kind.MEDIA: gettext_lazy("Photos and files"),
    AccountRequests.Kind.LOGIN: gettext_lazy("Login"),
    AccountRequests.Kind.OTHER: gettext_lazy("Other"),
}


@dataclass(frozen=True, slots=True)
class Hour:
    """A bar; `x`, `y`, `width` and `height` in percent of the chart."""

    begin: datetime
    requests: int
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Requests:
    """`today` begins at midnight where the person lives; `hours` are the last 24."""

    today: int
    kinds: list[tuple[str, int]]
    hours: list[Hour]
    most: int
    label: str


def requests_of(account: Account, now: datetime | None = None) -> Requests:
    """One query, of at most two days of rows."""
    now = now or timezone.now()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    full_hour = now.replace(minute=0, second=0, microsecond=0)
    first = full_hour - timedelta(hours=HOURS - 1)
    rows = AccountRequests.objects.filter(account=account, hour__gte=min(midnight, first))
    today: dict[str, int] = {}
    by_hour: dict[datetime, int] = {}
    for row in rows:
        if row.hour >= midnight:
            today[row.kind] = today.get(row.kind, 0) + row.requests
        by_hour[row.hour] = by_hour.get(row.hour, 0) + row.requests
    counts = [(first + timedelta(hours=n), 0) for n in range(HOURS)]
    counts = [(hour, by_hour.get(hour, 0)) for hour, _none in counts]
    most = max((count for _hour, count in counts), default=0)
    total = sum(count for _hour, count in counts)
    return Requests(
        today=sum(today.values()),
        kinds=[(str(KINDS[kind]), today[kind]) for kind in KINDS if today.get(kind)],
        hours=[_hour(n, hour, count, most) for n, (hour, count) in enumerate(counts)],
        most=most,
        label=ngettext(
            "%(n)s request in the last 24 hours, at most %(most)s in one of them.",
            "%(n)s requests in the last 24 hours, at most %(most)s in one of them.",
            total,
        )
        % {"n": wording.number(total), "most": wording.number(most)},
    )


def _hour(number: int, begin: datetime, count: int, most: int) -> Hour:
    slot = 100 / HOURS
    height = max(100 * count / most, _VISIBLE) if count else 0.0
    return Hour(
        begin,
        count,
        f"{number * slot + slot * 0.1:.2f}%",
        f"{100 - height:.2f}%",
        f"{slot * 0.8:.2f}%",
        f"{height:.2f}%",
    )


@dataclass(frozen=True, slots=True)
class Learned:
    """A line of the budget, with its words."""

    words: str
    rate: float | None
    refused: float | None
    used: int
    most: int | None
    until: datetime | None


def budget_of(account: Account) -> list[Learned]:
    """What was learned of each kind of request, and what is left of the day."""
    return [
        Learned(
            words=str(KINDS[AccountRequests.Kind(row.kind)]),
            rate=row.rate,
            refused=row.refused,
            used=row.used,
            most=row.most,
            until=row.until,
        )
        for row in budgets.overview(account)
    ]


def floods_of(waits: Iterable[FloodWait], now: datetime | None = None) -> Strip:
    """The waits of the last 24 hours, where they lie in them; those that go on end at the edge."""
    now = now or timezone.now()
    strip = Strip(now - DAY, now)
    waits = [wait for wait in waits if wait.until > strip.begin]
    pieces = [p for wait in waits for p in strip.piece("wait", wait.started_at, wait.until)]
    if not waits:
        return strip.with_pieces([], _("No flood wait in the last 24 hours."))
    label = ngettext(
        "%(n)s flood wait in the last 24 hours, %(time)s in all.",
        "%(n)s flood waits in the last 24 hours, %(time)s in all.",
        len(waits),
    ) % {
        "n": wording.number(len(waits)),
        "time": wording.duration(sum(piece.seconds for piece in pieces)),
    }
    return strip.with_pieces(pieces, label)

"""An account's request budget as a person sees and chooses it, and who reads a channel."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Sum
from django.utils import timezone

from ingestion import budget, readers
from ingestion.budget import Pace
from ingestion.errors import InputError
from ingestion.models import (
    Account,
    AccountBudget,
    AccountRequests,
    Channel,
    ChannelAccess,
    FloodWait,
)
from workspaces.models import User
from workspaces.services import audit

#: In the order in which they are shown.
KINDS = ("history", "media", "dialogs", "other", "resolve", "join")


@dataclass(frozen=True, slots=True)
class Learned:
    """One kind of request. `rate` and `refused` are in requests a second, None: nothing was learned
    or refused; `used` of `most` in the last 24 hours, where there is a cap.
    """

    kind: str
    rate: float | None
    refused: float | None
    used: int = 0
    most: int | None = None
    until: datetime | None = None


def overview(account: Account) -> list[Learned]:
    """What was learned of each kind that was used, and of those with a cap what is left."""
    rows = {row.kind: row for row in AccountBudget.objects.filter(account=account)}
    since = timezone.now() - timedelta(hours=24)
    used = dict(
        AccountRequests.objects.filter(account=account, hour__gt=since, kind__in=budget.CAPS)
        .values_list("kind")
        .annotate(Sum("requests"))
    )
    found = []
    for kind in KINDS:
        row, most = rows.get(kind), budget.cap(kind, Pace(account.pace))
        if row is None and most is None:
            continue
        found.append(
            Learned(
                kind=kind,
                rate=row.rate if row else None,
                refused=row.refused if row else None,
                used=used.get(kind, 0),
                most=most,
                until=budget.spent_until(account, kind, most) if most else None,
            )
        )
    return found


def change(
    *,
    account: Account,
    pace: str,
    quiet_from: time | None,
    quiet_to: time | None,
    takeout: bool,
    user: User | None = None,
) -> None:
    """How the account is used from its next connection on. Raises `InputError`."""
    if (quiet_from is None) != (quiet_to is None):
        raise InputError(
            "QUIET_HOURS_HALF",
            "Quiet hours need a beginning and an end.",
            "Give both times, or none.",
        )
    if quiet_from is not None and quiet_from == quiet_to:
        raise InputError(
            "QUIET_HOURS_EMPTY",
            "Quiet hours that end when they begin are none.",
            "Give two times that differ, or none.",
        )
    account.pace = Pace(pace).value
    account.quiet_from, account.quiet_to, account.takeout = quiet_from, quiet_to, takeout
    account.save(update_fields=["pace", "quiet_from", "quiet_to", "takeout"])
    audit(workspace=account.workspace, user=user, action="account.budget", target=account.phone)


def quiet_until(account: Account) -> datetime | None:
    """When the quiet hours end that it is in now."""
    return budget.quiet_until(account)


@dataclass(frozen=True, slots=True)
class Reader:
    """How an account stands to a channel; `access` is None for one that has not opened it yet.
    `wait` is what Telegram wants of its history requests.
    """

    account: Account
    access: ChannelAccess | None
    wait: FloodWait | None
    quiet_until: datetime | None
    #: It would read the channel now.
    first: bool


def readers_of(channel: Channel) -> list[Reader]:
    """Who reads a channel, or could, the next one first."""
    found = readers.candidates(channel)
    waits = {
        wait.account_id: wait
        for wait in FloodWait.objects.filter(
            account__in=[one.account for one in found],
            method__in=readers.HISTORY_METHODS,
            until__gt=timezone.now(),
        ).order_by("until")
    }
    return [
        Reader(
            account=one.account,
            access=one.access,
            wait=waits.get(one.account.pk),
            quiet_until=budget.quiet_until(one.account),
            first=place == 0 and one.can_begin,
        )
        for place, one in enumerate(found)
    ]

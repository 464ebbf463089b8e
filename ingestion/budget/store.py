"""The budget of an account in PostgreSQL: what was learned, and what was sent of what is capped."""

import math
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ingestion import usage
from ingestion.budget import pace
from ingestion.budget.pace import Pace
from ingestion.budget.rate import Bounds, Rate
from ingestion.errors import OwnPause
from ingestion.models import Account, AccountBudget, AccountRequests

#: Requests are counted by hour; one of an hour ago may have been sent at its end.
_WINDOW: Final = timedelta(hours=25)


def load(account: Account) -> dict[str, Rate]:
    """What was learned of each kind.

    Whoever wrote it last may have been killed: what they sent since is not known, so the first
    request waits for its turn as if they had just sent one.
    """
    rates = {}
    now = timezone.now().timestamp()
    for row in AccountBudget.objects.filter(account=account):
        rate = Rate.load(row.learned, bounds_of(account, row.kind))
        if row.is_open:
            rate.next_at = max(rate.next_at, now + rate.interval)
        rates[row.kind] = rate
    return rates


def save(account_id: int, rates: dict[str, Rate], *, is_open: bool) -> None:
    """Write down what was learned. `is_open`: the holder goes on, and may be killed."""
    rows = [
        AccountBudget(
            account_id=account_id,
            kind=kind,
            rate=rate.rate,
            refused=rate.refused,
            learned=rate.dump(),
            is_open=is_open,
            saved_at=timezone.now(),
        )
        for kind, rate in sorted(rates.items())
    ]
    AccountBudget.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["account", "kind"],
        update_fields=["rate", "refused", "learned", "is_open", "saved_at"],
    )


def bounds_of(account: Account, kind: str) -> Bounds:
    return pace.bounds(kind, Pace(account.pace), least=settings.TELEGRAM_MIN_INTERVAL)


def spend(account: Account, kind: str) -> bool:
    """Count one request of a kind that is capped, before it is sent; `OwnPause` when the day's are
    used up. False for a kind without a cap: nothing was counted.
    """
    most = pace.cap(kind, Pace(account.pace))
    if most is None:
        return False
    with transaction.atomic():
        # Only the account's holder spends; the lock is for one that was held up and comes late.
        Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        until = spent_until(account, kind, most)
        if until is not None:
            raise _spent(account, kind, most, until)
        usage.count(account.pk, {kind: 1})
    return True


def spent_until(account: Account, kind: str, most: int) -> datetime | None:
    """When the next request of this kind may be sent; None: now."""
    now = timezone.now()
    rows = AccountRequests.objects.filter(account=account, kind=kind, hour__gt=now - _WINDOW)
    hours = list(rows.order_by("hour").values_list("hour", "requests"))
    left = sum(count for _hour, count in hours)
    until = None
    for hour, count in hours:
        if left < most:
            break
        left -= count
        until = hour + _WINDOW
    return until


def may_resolve(account: Account) -> bool:
    """Whether the account may look up one more name today."""
    most = pace.cap("resolve", Pace(account.pace))
    waits = usage.waits(account.pk)
    return "contacts.resolveUsername" not in waits and (
        most is None or spent_until(account, "resolve", most) is None
    )


def _spent(account: Account, kind: str, most: int, until: datetime) -> OwnPause:
    if kind == "join":
        told = OwnPause(
            "JOINS_SPENT",
            "The account %(account)s has joined %(most)s channels within a day, as many as are safe.",
            "Another can be joined from %(until)s on, or with another account.",
            account=account,
            most=most,
            until=until,
        )
    else:
        told = OwnPause(
            "RESOLVES_SPENT",
            "The account %(account)s has looked up %(most)s names within a day, as many as are "
            "safe.",
            "Another can be looked up from %(until)s on, or with another account; channels of the "
            "account's own list need no looking up.",
            account=account,
            most=most,
            until=until,
        )
    return _lasting(told, until)


def _lasting(pause: OwnPause, until: datetime) -> OwnPause:
    pause.seconds = max(math.ceil((until - timezone.now()).total_seconds()), 1)
    return pause


def quiet_until(account: Account) -> datetime | None:
    """When the account's quiet hours end; None: it may be used now."""
    return pace.quiet_until(timezone.now(), account.quiet_from, account.quiet_to, zone_of(account))


def check_quiet_hours(account: Account) -> None:
    """For work that nobody waits for in front of a page: `OwnPause` during quiet hours."""
    until = quiet_until(account)
    if until is not None:
        told = OwnPause(
            "QUIET_HOURS",
            "The account %(account)s keeps still during its quiet hours.",
            "Nothing to do: it goes on at %(until)s.",
            account=account,
            until=until,
        )
        raise _lasting(told, until)


def zone_of(account: Account) -> ZoneInfo:
    """The workspace's time zone; UTC for one that this machine does not know."""
    try:
        return ZoneInfo(account.workspace.time_zone)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")

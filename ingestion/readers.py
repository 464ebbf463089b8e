"""Who reads a channel: which accounts can, which of them should, and who goes on when one cannot.

An account that has opened a channel has a `ChannelAccess`. Another one of the workspace gets its own
when it is first wanted: from the list of what it is in, or by resolving a public name once.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from ingestion import budget, events, runs
from ingestion.errors import AccessError, AccountError, FloodWait, IngestionError, OwnPause
from ingestion.models import (
    Account,
    AccountBudget,
    Channel,
    ChannelAccess,
    Dialog,
    KnownChannel,
    RunEvent,
    SyncRun,
)
from ingestion.models import FloodWait as FloodWaitRow

logger = logging.getLogger(__name__)

State = ChannelAccess.State

#: What a run cannot do without: while Telegram wants a pause from one of them, its account waits.
HISTORY_METHODS: Final = ("messages.getHistory", "channels.getMessages", "messages.getMessages")
#: Seconds of a flood wait from which on another account goes on.
LONG_WAIT: Final = 60
#: How long an account that was refused by a channel is not tried again by itself.
REFUSED_FOR: Final = timedelta(days=1)
#: Kinds of channels that only the account which is in them can read, under a number of its own.
BOUND: Final = frozenset({"basic_group"})

#: Errors that say that this account cannot read the channel, whatever others can.
REFUSALS: Final = {
    "CHANNEL_PRIVATE": State.KICKED,
    "USER_BANNED_IN_CHANNEL": State.KICKED,
    "CHANNEL_PUBLIC_GROUP_NA": State.KICKED,
    "CHANNEL_INVALID": State.GONE,
    "PEER_ID_INVALID": State.GONE,
    "PEER_ID_NOT_SUPPORTED": State.GONE,
    "USERNAME_NOT_OCCUPIED": State.GONE,
    "USERNAME_INVALID": State.GONE,
    "NO_WAY": State.GONE,
}

#: Account errors that leave the login as it is.
LIMITED: Final = frozenset({"PEER_FLOOD"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account that could read a channel. `load` is what it has to do for what it may do."""

    account: Account
    access: ChannelAccess | None
    #: Telegram has not refused it the channel of late.
    welcome: bool
    #: It has to wait for Telegram, or for its own quiet hours.
    waits: bool
    load: float

    @property
    def can_begin(self) -> bool:
        """Whether it could read the channel now."""
        return self.account.state == Account.State.READY and self.welcome and not self.waits


def candidates(channel: Channel) -> list[Candidate]:
    """Who could read a channel, the best first: connected before lost, welcome before refused, at
    once before later; of those who has the most room in its budget, of those the oldest. A handful
    of queries, whatever the number of accounts.
    """
    accounts = list(
        Account.objects.filter(workspace=channel.workspace_id)
        .select_related("workspace")
        .annotate(busy=Count("runs", filter=Q(runs__state__in=SyncRun.ACTIVE), distinct=True))
    )
    accesses = {row.account_id: row for row in ChannelAccess.objects.filter(channel=channel)}
    rates = dict(
        AccountBudget.objects.filter(account__in=accounts, kind="history").values_list(
            "account", "rate"
        )
    )
    waiting = _waiting(accounts)
    others = [one for one in accounts if one.pk not in accesses]
    reachable = _can_find(channel, others)
    found = [
        Candidate(
            account=account,
            access=(access := accesses.get(account.pk)),
            welcome=access is None or access.state == State.OK,
            waits=account.pk in waiting or budget.quiet_until(account) is not None,
            # An account that has not opened it yet is asked for two runs less.
            load=(account.busy + (0 if access else 2)) / (rates.get(account.pk) or 1.0),
        )
        for account in accounts
        if account.pk in accesses or account.pk in reachable
    ]
    return sorted(found, key=_rank)


def _rank(one: Candidate) -> tuple[bool, bool, bool, float, bool, int]:
    ready = one.account.state == Account.State.READY
    return (not ready, not one.welcome, one.waits, one.load, one.access is None, one.account.pk)


def _waiting(accounts: Iterable[Account]) -> set[int]:
    """Those that Telegram wants no history requests from for a while."""
    rows = FloodWaitRow.objects.filter(
        account__in=accounts,
        method__in=HISTORY_METHODS,
        until__gt=timezone.now() + timedelta(seconds=LONG_WAIT / 2),
    )
    return set(rows.values_list("account", flat=True))


def _can_find(channel: Channel, accounts: Sequence[Account]) -> set[int]:
    """Those of these accounts that would find a channel that they have not opened yet."""
    ready = [one for one in accounts if one.state == Account.State.READY]
    if not ready or channel.kind in BOUND:
        return set()
    found: set[int] = set()
    for model in (Dialog, KnownChannel):
        rows = model.objects.filter(account__in=ready, peer_id=channel.peer_id)
        found |= set(rows.values_list("account", flat=True))
    if channel.username and not channel.is_private:
        found |= {one.pk for one in ready if budget.may_resolve(one)}
    return found


def account_for(channel: Channel) -> Account | None:
    """The account that reads this channel; one that cannot at the moment rather than none."""
    found = candidates(channel)
    return found[0].account if found else None


def another(channel: Channel, account_id: int) -> Account | None:
    """Who could go on at once in this account's place."""
    for one in candidates(channel):
        if one.account.pk != account_id and one.can_begin:
            return one.account
    return None


def settle(run: SyncRun, account: Account, token: UUID, error: IngestionError) -> None:
    """A slice ended with an error: another account goes on where one can, with plan and all; else
    the run waits or fails, as the error's class says.
    """
    if isinstance(error, AccountError):
        lose(account, error, but=run.pk)
    elif isinstance(error, AccessError) and error.code in REFUSALS:
        refused(run.channel_id, account.pk, error)
    if _could_be_done_by_others(error):
        other = another(run.channel, account.pk)
        if other and runs.move(run.pk, token, other.pk, error):
            logger.info("Run %s goes on with account %s", run.pk, other.pk)
            if isinstance(error, AccessError):
                _resting(account).filter(channel=run.channel_id).update(account=other)
            return
    runs.end_with(run, token, error)


def _could_be_done_by_others(error: IngestionError) -> bool:
    if isinstance(error, FloodWait):
        return error.seconds > LONG_WAIT
    if isinstance(error, AccessError):
        return error.code in REFUSALS
    return isinstance(error, AccountError | OwnPause)


def lose(account: Account, error: IngestionError, *, but: int | None = None) -> None:
    """Telegram ended or froze a login. Every run that rests with it goes to another account, or
    ends and says why; those that are paused stay so. `but` is the run that is settled by itself.
    """
    if error.code in LIMITED or not runs.note_account_error(account.pk, error):
        return
    rows = _resting(account).exclude(pk=but or 0)
    for run in rows.select_related("channel"):
        other = another(run.channel, account.pk)
        if other is None:
            runs.fail_resting(run.pk, error)
        elif rows.filter(pk=run.pk).update(
            account=other, state=SyncRun.State.QUEUED, not_before=None
        ):
            events.pressed(run.pk, RunEvent.Kind.MOVED, error_code=error.code, text=error.told)


def _resting(account: Account) -> QuerySet[SyncRun]:
    """Its runs that wait for their next slice."""
    waiting = [SyncRun.State.QUEUED, SyncRun.State.WAITING, SyncRun.State.INTERRUPTED]
    return SyncRun.objects.filter(account=account, state__in=waiting)


def refused(channel_id: int, account_id: int, error: IngestionError) -> None:
    """Keep that this account cannot read the channel, and why."""
    ChannelAccess.objects.update_or_create(
        channel_id=channel_id,
        account_id=account_id,
        defaults={
            "state": REFUSALS.get(error.code, State.KICKED),
            "error_code": error.code,
            "error": error.told,
            "checked_at": Now(),
        },
        create_defaults={
            "access_hash": 0,
            "state": REFUSALS.get(error.code, State.KICKED),
            "error_code": error.code,
            "error": error.told,
            "checked_at": Now(),
        },
    )


def worked(channel_id: int, account_id: int) -> None:
    """The account reads the channel."""
    ChannelAccess.objects.filter(channel_id=channel_id, account_id=account_id).update(
        state=State.OK, error_code="", error="", checked_at=Now()
    )


def forget_refusals() -> None:
    """For the tick: after a day an account may be tried again that a channel refused."""
    ChannelAccess.objects.exclude(state=State.OK).exclude(access_hash=0).filter(
        checked_at__lt=timezone.now() - REFUSED_FOR
    ).update(state=State.OK)
    ChannelAccess.objects.filter(
        access_hash=0, checked_at__lt=timezone.now() - REFUSED_FOR
    ).delete()

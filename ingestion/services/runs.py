"""Starting, pausing, resuming and cancelling runs. Nothing here enqueues: the caller does."""

from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from ingestion.errors import AccessError, InputError
from ingestion.models import Account, Channel, SyncRun
from tgadmin.lib.ranges import IdRanges
from workspaces.models import User

State = SyncRun.State
Kind = SyncRun.Kind


def account_for(channel: Channel) -> Account | None:
    """The account that reads this channel: a connected one before one that is lost."""
    accounts = list(Account.objects.filter(accesses__channel=channel).order_by("pk"))
    ready = [account for account in accounts if account.state == Account.State.READY]
    return next(iter(ready or accounts), None)


def no_account(channel: Channel) -> AccessError:
    """What to say when nobody reads this channel."""
    return AccessError(
        "NO_ACCOUNT",
        f"No account can read “{channel.title}”.",
        "Connect a Telegram account and add the channel again.",
    )


def request_sync(*, channel: Channel, user: User | None = None) -> UUID:
    """Update, backfill and refresh in one press; returns the press.

    A press while runs are active adds what is missing and returns the press of those that are:
    one channel has at most one active run of a kind.
    """
    if channel.removed_at or not channel.enabled:
        raise InputError(
            "CHANNEL_OFF",
            f"“{channel.title}” is switched off.",
            "Switch it on in its settings, then press Sync now.",
        )
    account = account_for(channel)
    if account is None:
        raise no_account(channel)
    active = SyncRun.objects.filter(channel=channel, state__in=SyncRun.ACTIVE)
    press = active.values_list("press", flat=True).first() or uuid4()
    for kind in SyncRun.PRIORITY:
        try:
            with transaction.atomic():
                SyncRun.objects.create(
                    channel=channel,
                    account=account,
                    kind=kind,
                    press=press,
                    done=IdRanges(),
                    requested_by=user,
                )
        except IntegrityError:
            # The unique constraint decides between two presses at once.
            continue
    return press


def pause(*, run: SyncRun) -> bool:
    """Stop soon, and keep what is left for later; False when the run has ended or is about to."""
    rows = SyncRun.objects.exclude(stop_wish=SyncRun.StopWish.CANCEL)
    resting = [State.QUEUED, State.WAITING]
    return _wish(rows, run, SyncRun.StopWish.PAUSE, State.PAUSED, resting)


def cancel(*, run: SyncRun) -> bool:
    """Stop soon, for good; what was archived stays. False when the run has ended."""
    resting = [State.QUEUED, State.WAITING, State.PAUSED, State.INTERRUPTED]
    return _wish(SyncRun.objects.all(), run, SyncRun.StopWish.CANCEL, State.CANCELLED, resting)


def _wish(
    rows: QuerySet[SyncRun], run: SyncRun, wish: str, state: str, resting: list[State]
) -> bool:
    """A run that rests changes at once; one that runs is told, and its worker sees it within a
    second. It may go from one to the other in between, so both are tried twice.
    """
    rows = rows.filter(pk=run.pk)
    ended = {"ended_at": Now()} if state == State.CANCELLED else {}
    for _ in range(2):
        if rows.filter(state__in=resting).update(state=state, stop_wish="", **ended):
            return True
        if rows.filter(state=State.RUNNING).update(stop_wish=wish):
            return True
    return False


def resume(*, run: SyncRun) -> bool:
    """Go on where it was; False when the run is neither paused, nor about to be, nor interrupted."""
    rows = SyncRun.objects.filter(pk=run.pk)
    for _ in range(2):  # it may go from one to the other in between
        if rows.filter(state__in=[State.PAUSED, State.INTERRUPTED]).update(
            state=State.QUEUED, stop_wish="", not_before=None, attempts=0
        ):
            return True
        if rows.filter(state=State.RUNNING, stop_wish=SyncRun.StopWish.PAUSE).update(stop_wish=""):
            return True
    return False

"""Starting, pausing, resuming and cancelling runs. Nothing here enqueues: the caller does."""

from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from ingestion import coverage, events, readers
from ingestion.errors import AccessError, InputError, TakeoutDelay
from ingestion.models import Account, Channel, Coverage, RunEvent, SyncRun
from tgadmin.lib.ranges import IdRanges
from workspaces.models import User
from workspaces.services import audit

State = SyncRun.State
Source = Coverage.Source
Kind = SyncRun.Kind


def account_for(channel: Channel) -> Account | None:
    """The account that reads this channel (`readers.candidates` says which is the best)."""
    return readers.account_for(channel)


def no_account(channel: Channel) -> AccessError:
    """What to say when nobody reads this channel."""
    return AccessError(
        "NO_ACCOUNT",
        "No account can read “%(title)s”.",
        "Connect a Telegram account and add the channel again.",
        title=channel.title,
    )


def request_sync(
    *, channel: Channel, user: User | None = None, kinds: Sequence[Kind] = SyncRun.PRESSED
) -> UUID:
    """Update, backfill and refresh in one press, or some of them; returns the press.

    A press while runs are active adds what is missing and returns the press of those that are:
    one channel has at most one active run of a kind.
    """
    account = _reader_or_web(channel)
    if account is None:
        kinds = [kind for kind in kinds if kind in SyncRun.PREVIEWED]
    active = SyncRun.objects.filter(channel=channel, state__in=SyncRun.ACTIVE)
    press = active.values_list("press", flat=True).first() or uuid4()
    for kind in kinds:
        _create(channel=channel, account=account, kind=kind, press=press, requested_by=user)
    return press


def retry(*, run: SyncRun, user: User | None = None) -> SyncRun:
    """The same kind of run again, for one that has ended; the active one where there is one."""
    account = _reader_or_web(run.channel)
    of_kind = SyncRun.objects.filter(channel=run.channel, kind=run.kind)
    for _ in range(2):  # the active one may end in between
        made = _create(
            channel=run.channel, account=account, kind=run.kind, press=uuid4(), requested_by=user
        )
        if made or (made := of_kind.filter(state__in=SyncRun.ACTIVE).first()):
            return made
    return of_kind.latest("pk")


def ask_for(*, channel: Channel, low: int, high: int, user: User | None = None) -> SyncRun | None:
    """A backfill of the ids from `low` to `high` that were never asked for; the active backfill
    where there is one, which asks for them in its turn. None when nothing of them is missing.
    """
    account = _reader(channel)
    missing = coverage.report(channel).gaps & IdRanges.span(low, high)
    if not missing:
        return None
    made = _create(
        channel=channel,
        account=account,
        kind=Kind.BACKFILL,
        press=uuid4(),
        requested_by=user,
        planned=missing,
    )
    backfills = SyncRun.objects.filter(channel=channel, kind=Kind.BACKFILL)
    return made or backfills.filter(state__in=SyncRun.ACTIVE).first()


def repair(*, channel: Channel, low: int, high: int, user: User | None = None) -> SyncRun:
    """Ask again for the ids from `low` to `high`, whatever is known of them: an edit that was
    missed is found, and so is what was deleted. The ids count as of now, in one run.
    """
    account = _reader(channel)
    planned = IdRanges.span(max(low, 1), min(high, channel.top_id))
    if not planned:
        raise InputError(
            "NO_SUCH_IDS",
            "There are no ids from %(low)s to %(high)s in “%(title)s”.",
            "Choose ids between 1 and %(top)s.",
            low=low,
            high=high,
            title=channel.title,
            top=channel.top_id,
        )
    made = _create(
        channel=channel,
        account=account,
        kind=Kind.REPAIR,
        press=uuid4(),
        requested_by=user,
        planned=planned,
    )
    if made is None:
        raise InputError(
            "REPAIR_ACTIVE",
            "A repair of “%(title)s” is under way.",
            "Wait until it has ended, or cancel it, then ask again.",
            title=channel.title,
        )
    audit(
        workspace=channel.workspace,
        user=user,
        action="channel.repair",
        target=channel.title,
        low=low,
        high=high,
    )
    return made


def refresh_emptied(*, channel: Channel, user: User | None = None) -> SyncRun:
    """Read everything again that is archived, told by a person that the channel was emptied.

    Each archived id that does not come is asked for by itself, as always, and marked deleted only
    when Telegram says that it is empty; only the rule that so many cannot be gone at once is
    lifted, for this run. A refresh that waits to try again is cancelled for it.
    """
    account = _reader(channel)
    resting = [State.QUEUED, State.WAITING, State.PAUSED, State.INTERRUPTED]
    with transaction.atomic():
        refreshes = SyncRun.objects.filter(channel=channel, kind=Kind.REFRESH)
        for run in refreshes.filter(state__in=resting):
            cancel(run=run, user=user)
        made = _create(
            channel=channel,
            account=account,
            kind=Kind.REFRESH,
            press=uuid4(),
            requested_by=user,
            accepts_empty=True,
        )
        if made is None:
            raise InputError(
                "REFRESH_ACTIVE",
                "A refresh of “%(title)s” is under way.",
                "Wait until it has ended, or cancel it, then confirm again.",
                title=channel.title,
            )
        audit(
            workspace=channel.workspace, user=user, action="channel.emptied", target=channel.title
        )
    return made


def _reader(channel: Channel) -> Account:
    """Who reads this channel; `InputError` where it is switched off, `AccessError` for nobody."""
    if channel.removed_at or not channel.enabled:
        raise InputError(
            "CHANNEL_OFF",
            "“%(title)s” is switched off.",
            "Switch it on in its settings, then press Sync now.",
            title=channel.title,
        )
    account = account_for(channel)
    if account is None:
        raise no_account(channel)
    return account


def _reader_or_web(channel: Channel) -> Account | None:
    """Who reads this channel; None where nobody does and what the web shows is to be read."""
    if channel.web_preview and channel.enabled and not channel.removed_at:
        return account_for(channel)
    return _reader(channel)


def _create(**fields: Any) -> SyncRun | None:
    """A new run; None when one of its kind is active: the unique constraint decides between two
    presses at once.
    """
    try:
        with transaction.atomic():
            source = Source.MTPROTO if fields["account"] else Source.WEB_PREVIEW
            return SyncRun.objects.create(done=IdRanges(), source=source, **fields)
    except IntegrityError:
        return None


class Press(Protocol):
    """What a person does to a run; False when it is too late for it."""

    def __call__(self, *, run: SyncRun, user: User | None = None) -> bool: ...


def pause(*, run: SyncRun, user: User | None = None) -> bool:
    """Stop soon, and keep what is left for later; False when the run has ended or is about to."""
    rows = SyncRun.objects.exclude(stop_wish=SyncRun.StopWish.CANCEL)
    resting = [State.QUEUED, State.WAITING, State.INTERRUPTED]
    return _wish(rows, run, SyncRun.StopWish.PAUSE, State.PAUSED, resting, user)


def cancel(*, run: SyncRun, user: User | None = None) -> bool:
    """Stop soon, for good; what was archived stays. False when the run has ended."""
    resting = [State.QUEUED, State.WAITING, State.PAUSED, State.INTERRUPTED]
    rows = SyncRun.objects.all()
    return _wish(rows, run, SyncRun.StopWish.CANCEL, State.CANCELLED, resting, user)


def _wish(
    rows: QuerySet[SyncRun],
    run: SyncRun,
    wish: str,
    state: str,
    resting: list[State],
    user: User | None,
) -> bool:
    """A run that rests changes at once; one that runs is told, and its worker sees it within a
    second. It may go from one to the other in between, so both are tried twice.
    """
    rows = rows.filter(pk=run.pk)
    ended = {"ended_at": Now()} if state == State.CANCELLED else {}
    line = RunEvent.Kind.ENDED if state == State.CANCELLED else RunEvent.Kind.PAUSED
    for _ in range(2):
        with transaction.atomic():
            if rows.filter(state__in=resting).update(state=state, stop_wish="", **ended):
                events.pressed(run.pk, line, user_id=user.pk if user else None)
                return True
        if rows.filter(state=State.RUNNING).update(stop_wish=wish, wished_by=user):
            return True
    return False


def end_at_once(*, channel: Channel, user: User | None = None) -> None:
    """Cancel what runs now, not soon: a batch that is under way finds that its run has ended, and
    is not written. For a channel whose messages are about to be deleted, in that transaction.
    """
    running = SyncRun.objects.filter(channel=channel, state=State.RUNNING)
    for run_id in list(running.values_list("pk", flat=True)):
        if running.filter(pk=run_id).update(
            state=State.CANCELLED,
            lease_token=None,
            stop_wish="",
            rate=0,
            slice=F("slice") + 1,
            slice_ended_at=Now(),
            ended_at=Now(),
        ):
            events.slice_ended(run_id, RunEvent.Kind.ENDED, user_id=user.pk if user else None)


def resume(*, run: SyncRun, user: User | None = None) -> bool:
    """Go on where it was; False when the run is neither paused, nor about to be, nor interrupted."""
    rows = SyncRun.objects.filter(pk=run.pk)
    for _ in range(2):  # it may go from one to the other in between
        with transaction.atomic():
            if rows.filter(state__in=[State.PAUSED, State.INTERRUPTED]).update(
                state=State.QUEUED, stop_wish="", not_before=None, attempts=0
            ):
                events.pressed(run.pk, RunEvent.Kind.RESUMED, user_id=user.pk if user else None)
                return True
        if rows.filter(state=State.RUNNING, stop_wish=SyncRun.StopWish.PAUSE).update(stop_wish=""):
            return True
    return False


def try_takeout(*, run: SyncRun, user: User | None = None) -> bool:
    """Somebody says that the account's owner has allowed the takeout: ask Telegram at once, for
    every backfill of that account which waits for it. False when this one does not wait for it.
    """
    asking = SyncRun.objects.filter(
        account=run.account_id, state=State.WAITING, error_code=TakeoutDelay.CODE
    )
    with transaction.atomic():
        waiting = list(asking.select_for_update().order_by("pk").values_list("pk", flat=True))
        if run.pk not in waiting:
            return False
        SyncRun.objects.filter(pk__in=waiting).update(state=State.QUEUED, not_before=None)
        for key in waiting:
            events.pressed(key, RunEvent.Kind.RESUMED, user_id=user.pk if user else None)
    return True

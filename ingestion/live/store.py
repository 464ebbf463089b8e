"""What is kept of listening: who listens to what, and how it stands."""

from datetime import timedelta
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from ingestion import coverage
from ingestion.errors import IngestionError
from ingestion.live.hearing import Listened
from ingestion.live.sequence import Sequence
from ingestion.models import Account, AccountListener, Channel, ChannelAccess, ChannelLive
from ingestion.sources.base import ChannelAddress
from ingestion.sources.live import AccountState
from tgadmin.lib.told import NOTHING

State = AccountListener.State

#: How long a channel that refused this account is left alone.
REFUSED_FOR: Final = timedelta(minutes=10)

#: Each channel that is live, and who listens to it: whoever did before, else the oldest account
#: that is connected and has opened it.
CHOSEN: Final = """
SELECT DISTINCT ON (channel.id) channel.id, access.account_id, access.access_hash
FROM ingestion_channel channel
JOIN ingestion_channelaccess access ON access.channel_id = channel.id AND access.state = 'ok'
JOIN ingestion_account account ON account.id = access.account_id AND account.state = 'ready'
LEFT JOIN ingestion_channellive listening ON listening.channel_id = channel.id
WHERE channel.live AND channel.enabled AND channel.removed_at IS NULL
  AND (listening.not_before IS NULL OR listening.not_before <= now())
ORDER BY channel.id, coalesce(access.account_id = listening.account_id, false) DESC,
         access.account_id
"""


def chosen() -> dict[int, dict[int, int]]:
    """Which channels each account listens to: `{account: {channel: access hash}}`."""
    found: dict[int, dict[int, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(CHOSEN)
        for channel_id, account_id, access_hash in cursor.fetchall():
            found.setdefault(account_id, {})[channel_id] = access_hash
    return found


def chosen_by(account_id: int) -> dict[int, int]:
    """The channels that this account listens to, with their access hashes."""
    return chosen().get(account_id, {})


def take_up(account_id: int, hashes: dict[int, int]) -> None:
    """This account listens to these channels; rows of those that never were listened to are made."""
    now = timezone.now()
    ChannelLive.objects.bulk_create(
        [ChannelLive(channel_id=key, account_id=account_id, since=now) for key in hashes],
        ignore_conflicts=True,
    )
    ChannelLive.objects.filter(channel_id__in=hashes).exclude(account_id=account_id).update(
        account_id=account_id
    )


def load(account_id: int, hashes: dict[int, int]) -> list[Listened]:
    """These channels as they stand."""
    take_up(account_id, hashes)
    rows = ChannelLive.objects.filter(channel_id__in=hashes).select_related("channel")
    reports = coverage.reports([row.channel for row in rows])
    return [
        Listened(
            channel=row.channel,
            address=ChannelAddress(row.channel.peer_id, hashes[row.channel_id]),
            written=row.pts,
            top=row.top,
            covered_top=reports[row.channel_id].covered.top,
            state=row.state,
            sequence=Sequence(row.pts),
        )
        for row in rows
    ]


def account_state(account_id: int) -> AccountState | None:
    """Where the account's own sequence stood when it last listened."""
    row = AccountListener.objects.filter(account_id=account_id, pts__isnull=False).first()
    if row is None or row.pts is None or row.date is None:
        return None
    return AccountState(row.pts, row.qts or 0, row.date)


def listening(account_id: int, state: AccountState) -> None:
    """It is connected and hears."""
    _note(account_id, State.LISTENING, pts=state.pts, qts=state.qts, date=state.date)


def standing_by(account_id: int) -> None:
    """Somebody else has the account."""
    _note(account_id, State.WAITING)


def silent(account_id: int) -> None:
    """It ends: whoever follows is not listening before it says so."""
    AccountListener.objects.filter(account_id=account_id, state=State.LISTENING).update(
        state=State.WAITING, since=timezone.now()
    )


def failing(account_id: int, error: IngestionError, seconds: float) -> None:
    """It could not listen, and tries again after so many seconds."""
    _note(
        account_id,
        State.FAILING,
        not_before=timezone.now() + timedelta(seconds=seconds),
        error_code=error.code,
        error=error.told,
    )


def alive(account_id: int) -> None:
    """A sign of life in whatever state."""
    AccountListener.objects.filter(account_id=account_id).update(seen_at=timezone.now())


def _note(account_id: int, state: AccountListener.State, **changes: Any) -> None:
    now = timezone.now()
    quiet = {"not_before": None, "error_code": "", "error": NOTHING}
    changes = {**quiet, "state": state, "seen_at": now, **changes}
    rows = AccountListener.objects.filter(account_id=account_id)
    if rows.filter(state=state).update(**changes):
        return
    AccountListener.objects.update_or_create(
        account_id=account_id, defaults={**changes, "since": now}
    )


def set_state(channel_id: int, state: ChannelLive.State) -> None:
    """The channel is heard, polled, or caught up with, since now."""
    ChannelLive.objects.filter(channel_id=channel_id).exclude(state=state).update(
        state=state, since=timezone.now()
    )
    ChannelLive.objects.filter(channel_id=channel_id).exclude(error_code="").update(
        error_code="", error=NOTHING, not_before=None
    )


def refuse(channel_id: int, account_id: int, error: IngestionError) -> None:
    """This account may not read the channel: another one tries, where there is one; else it is
    asked again later.
    """
    others = ChannelAccess.objects.filter(
        channel_id=channel_id,
        account__state=Account.State.READY,
        state=ChannelAccess.State.OK,
    ).exclude(account_id=account_id)
    following = (
        others.filter(account_id__gt=account_id).order_by("account_id").first()
        or others.order_by("account_id").first()
    )
    rows = ChannelLive.objects.filter(channel_id=channel_id)
    # The next one tries at once; when that is refused, too, they all take their time.
    at_once = following is not None and rows.filter(error_code="").exists()
    rows.update(
        account_id=following.account_id if following else account_id,
        state=ChannelLive.State.CATCHING_UP,
        since=timezone.now(),
        not_before=None if at_once else timezone.now() + REFUSED_FOR,
        error_code=error.code,
        error=error.told,
    )


def ready_account(account_id: int) -> Account | None:
    """The account, while it is connected."""
    return Account.objects.filter(pk=account_id, state=Account.State.READY).first()


def renewed(channel_id: int) -> Channel:
    """The channel as it is now."""
    return Channel.objects.get(pk=channel_id)

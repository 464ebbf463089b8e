"""Switching channels live, how that goes, and the runs that fetch what went by unseen.

Nothing here enqueues: the tick finds the runs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from ingestion import coverage
from ingestion.models import Account, AccountListener, Channel, ChannelLive, SyncRun
from ingestion.services import runs
from tgadmin.lib.ranges import IdRanges
from tgadmin.lib.told import NOTHING, Told, tell
from workspaces.models import User, Workspace
from workspaces.services import audit

#: A listener that was silent for longer is gone.
SILENCE: Final = timedelta(seconds=20)
#: After a run for what was missed failed, the next one comes so much later.
AFTER_FAILURE: Final = timedelta(minutes=10)


class Standing(StrEnum):
    """How a channel is followed, as a person reads it."""

    OFF = "off"
    LIVE = "live"
    POLLING = "polling"
    CATCHING_UP = "catching_up"
    #: It ought to be followed, and is not: no process listens, or Telegram refuses.
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Live:
    """How a channel is followed now, and since when; `error` says what is in the way."""

    standing: Standing
    since: datetime | None = None
    last_event_at: datetime | None = None
    error: Told = NOTHING
    account: Account | None = None


OFF: Final = Live(Standing.OFF)


def of(channels: Iterable[Channel]) -> dict[int, Live]:
    """How each of these channels is followed, by its key. One query."""
    wanted = {one.pk: one for one in channels}
    live = [key for key, one in wanted.items() if is_on(one)]
    found = dict.fromkeys(wanted, OFF)
    if not live:
        return found
    rows = ChannelLive.objects.filter(channel_id__in=live).select_related(
        "account", "account__listener"
    )
    by_channel = {row.channel_id: row for row in rows}
    now = timezone.now()
    return found | {key: _standing(by_channel.get(key), now) for key in live}


def is_on(channel: Channel) -> bool:
    """Whether it ought to be followed."""
    return channel.live and channel.enabled and channel.removed_at is None


def _standing(row: ChannelLive | None, now: datetime) -> Live:
    if row is None:
        return Live(
            Standing.STOPPED,
            error=tell(
                "No connected account that can read it listens yet.",
                "Where this does not change in a moment, look at the page of its account.",
            ),
        )
    listener: AccountListener | None = getattr(row.account, "listener", None)
    common = {"last_event_at": row.last_event_at, "account": row.account}
    if row.error:
        return Live(Standing.STOPPED, row.since, error=row.error, **common)  # type: ignore[arg-type]
    if listener is None or listener.seen_at < now - SILENCE:
        since = listener.seen_at if listener else None
        silent = tell(
            "Nobody listens with this account.",
            "Connect it, or start the listener (python3 manage.py listener).",
        )
        return Live(Standing.STOPPED, since, error=silent, **common)  # type: ignore[arg-type]
    if listener.state == AccountListener.State.FAILING:
        return Live(Standing.STOPPED, listener.since, error=listener.error, **common)  # type: ignore[arg-type]
    if listener.state != AccountListener.State.LISTENING:
        return Live(Standing.CATCHING_UP, listener.since, **common)  # type: ignore[arg-type]
    since = max(row.since, listener.since)
    return Live(Standing(row.state), since, **common)  # type: ignore[arg-type]


def wanted() -> bool:
    """Whether any channel ought to be followed."""
    return Channel.objects.filter(live=True, enabled=True, removed_at__isnull=True).exists()


def counts(workspace: Workspace | None = None) -> dict[Standing, int]:
    """How many channels stand how, in a workspace or in all of them."""
    channels = Channel.objects.filter(removed_at__isnull=True, enabled=True, live=True)
    if workspace:
        channels = channels.filter(workspace=workspace)
    found: dict[Standing, int] = {}
    for live in of(channels.only("pk", "live", "enabled", "removed_at")).values():
        found[live.standing] = found.get(live.standing, 0) + 1
    return found


def set_live(*, channel: Channel, live: bool, user: User | None = None) -> bool:
    """Follow a channel, or do so no longer; False when it is as it was."""
    changed = Channel.objects.filter(pk=channel.pk).exclude(live=live).update(live=live)
    channel.live = live
    if changed:
        audit(
            workspace=channel.workspace,
            user=user,
            action="channel.live" if live else "channel.not_live",
            target=channel.title,
        )
    return bool(changed)


def forget(channel: Channel) -> None:
    """All that was archived of the channel is deleted: listen as if for the first time."""
    ChannelLive.objects.filter(channel=channel).update(
        pts=None, top=None, missing=IdRanges(), refresh=False
    )


def request_missing(channel_id: int | None = None) -> int:
    """Have runs fetch what went by unseen: an update of ids, a refresh for edits and deletions.
    Returns how many runs were made. What is covered by now is forgotten.
    """
    rows = ChannelLive.objects.filter(channel__removed_at__isnull=True, channel__enabled=True)
    if channel_id is not None:
        rows = rows.filter(channel_id=channel_id)
    waiting = rows.exclude(missing=IdRanges()) | rows.filter(refresh=True)
    return sum(_request(row) for row in waiting.select_related("channel", "account"))


def _request(row: ChannelLive) -> int:
    made = 0
    missing = row.missing - coverage.covered(row.channel)
    if missing != row.missing:
        # More may have been added since it was read: the row decides.
        ChannelLive.objects.filter(pk=row.pk, missing=row.missing).update(missing=missing)
    account = row.account or runs.account_for(row.channel)
    if account is None:
        return 0
    if missing:
        made += _create(row, account, SyncRun.Kind.UPDATE, planned=missing)
    if row.refresh and _create(row, account, SyncRun.Kind.REFRESH):
        ChannelLive.objects.filter(pk=row.pk).update(refresh=False)
        made += 1
    return made


def _create(
    row: ChannelLive, account: Account, kind: SyncRun.Kind, planned: IdRanges | None = None
) -> int:
    """A run of the kind, unless one is active or has just failed."""
    of_kind = SyncRun.objects.filter(channel_id=row.channel_id, kind=kind)
    lately = timezone.now() - AFTER_FAILURE
    if of_kind.filter(state__in=[*SyncRun.ACTIVE]).exists():
        return 0
    if of_kind.filter(state=SyncRun.State.FAILED, ended_at__gt=lately).exists():
        return 0
    try:
        with transaction.atomic():
            SyncRun.objects.create(
                channel_id=row.channel_id,
                account=account,
                kind=kind,
                press=uuid4(),
                planned=planned,
                done=IdRanges(),
            )
    except IntegrityError:  # somebody made one meanwhile
        return 0
    return 1

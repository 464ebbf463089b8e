"""What is kept for how long, and holds, which stop that. Nothing here enqueues."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from archive.models import RetentionHold, RetentionPolicy
from ingestion import sql
from ingestion.errors import InputError
from ingestion.models import Channel
from workspaces.models import User, Workspace
from workspaces.services import audit

#: Days: a hundred years.
MOST_DAYS: Final = 36_500


@dataclass(frozen=True, slots=True)
class Kept:
    """For how long a channel's messages are kept; `days` None: for ever. `own`: by a policy of its
    own.
    """

    days: int | None = None
    action: str = RetentionPolicy.Action.MOVE
    own: bool = False


def limit(days: int, now: datetime | None = None) -> datetime:
    """What was posted before goes: the beginning of a day (UTC), so that whole days go."""
    today = (now or timezone.now()).astimezone(UTC)
    return today.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)


def kept(channel: Channel) -> Kept:
    """By the channel's own policy, else by the workspace's."""
    own = RetentionPolicy.objects.filter(channel=channel).first()
    if own:
        return Kept(own.days, own.action, own=True)
    general = RetentionPolicy.objects.filter(
        workspace=channel.workspace_id, channel__isnull=True
    ).first()
    return Kept(general.days, general.action) if general else Kept()


@transaction.atomic
def keep(
    *,
    workspace: Workspace,
    channel: Channel | None = None,
    days: int | None,
    action: str = RetentionPolicy.Action.MOVE,
    like_workspace: bool = False,
    user: User | None = None,
) -> None:
    """Keep messages for so many days, or for ever (None); of one channel, or of all that have no
    policy of their own. `like_workspace`: the channel has none any more.
    """
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise InputError(
            "RETENTION_DAYS",
            "Messages cannot be kept for %(days)s days.",
            "Choose from 1 to %(most)s days, or leave it empty to keep them for ever.",
            days=days,
            most=MOST_DAYS,
        )
    if action not in RetentionPolicy.Action.values:
        raise InputError(
            "RETENTION_ACTION",
            "“%(action)s” is nothing that can be done with old messages.",
            "Choose one of: %(actions)s.",
            action=action,
            actions=", ".join(RetentionPolicy.Action.values),
        )
    where: dict[str, Any] = {"workspace": workspace, "channel": channel}
    if like_workspace and channel:
        RetentionPolicy.objects.filter(**where).delete()
    else:
        RetentionPolicy.objects.update_or_create(
            **where, defaults={"days": days, "action": action, "changed_by": user}
        )
    audit(
        workspace=workspace,
        user=user,
        action="retention.policy",
        target=channel.title if channel else workspace.name,
        days=days,
        how=action,
        like_workspace=like_workspace,
    )


def hold_on(channel: Channel) -> RetentionHold | None:
    """The hold that stops this channel's retention now."""
    return RetentionHold.objects.filter(channel=channel, lifted_at__isnull=True).first()


def refuse_held(*, channel_id: int, **_: Any) -> None:
    """Receive `messages_leaving`: what a hold keeps is let go by nobody. Raises `InputError`."""
    hold = (
        RetentionHold.objects.filter(channel=channel_id, lifted_at__isnull=True)
        .select_related("channel")
        .first()
    )
    if hold:
        raise held(hold)


def held(hold: RetentionHold) -> InputError:
    """Why nothing of a channel goes."""
    return InputError(
        "RETENTION_HELD",
        "A hold on “%(title)s” stops this. Its reason is “%(reason)s”.",
        "Lift the hold first.",
        title=hold.channel.title,
        reason=hold.reason,
    )


@transaction.atomic
def place_hold(*, channel: Channel, reason: str, user: User | None = None) -> RetentionHold:
    """From the end of this transaction on nothing of the channel is let go. Waits for the batch that
    is under way.
    """
    reason = reason.replace("\0", "").strip()
    if not reason:
        raise InputError(
            "HOLD_REASON",
            "A hold needs a reason.",
            "Say why the messages must stay, such as the name of a case.",
        )
    with connection.cursor() as cursor:
        cursor.execute(sql.LOCK_CHANNEL, {"channel": channel.pk})
    there = hold_on(channel)
    if there:
        return there
    made = RetentionHold.objects.create(channel=channel, reason=reason[:2000], placed_by=user)
    audit(
        workspace=channel.workspace,
        user=user,
        action="retention.hold",
        target=channel.title,
        reason=made.reason,
    )
    return made


@transaction.atomic
def lift_hold(*, channel: Channel, user: User | None = None) -> None:
    """Retention goes on with its next run."""
    now = timezone.now()
    rows = RetentionHold.objects.filter(channel=channel, lifted_at__isnull=True)
    if rows.update(lifted_at=now, lifted_by=user):
        audit(workspace=channel.workspace, user=user, action="retention.lift", target=channel.title)

"""What people decide about files: policies, single downloads, pauses. And which slices may start.

Nothing here enqueues: the caller does.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from ingestion.errors import InputError
from ingestion.media import lines, planning
from ingestion.media.estimate import Estimate, estimate
from ingestion.media.wanting import Wish, described, wish_of
from ingestion.models import (
    Account,
    Channel,
    ChannelAccess,
    MediaLine,
    MediaPolicy,
    Medium,
    Message,
)
from ingestion.services import runs
from tgadmin.lib.told import NOTHING
from workspaces.models import User, Workspace
from workspaces.services import audit

State = MediaLine.State

__all__ = [
    "ask_for",
    "cancel",
    "claim_due",
    "forget_policy",
    "pause",
    "plans_due",
    "preview",
    "resume",
    "retry_failed",
    "save_policy",
    "wish_of",
]


def governed(workspace: Workspace, channel: Channel | None) -> "QuerySet[Channel]":
    """The channels that a policy is for: the one, or all without a policy of their own."""
    rows = Channel.objects.filter(workspace=workspace, removed_at=None)
    if channel is not None:
        return rows.filter(pk=channel.pk)
    return rows.filter(own_media_policy=None)


def preview(*, workspace: Workspace, channel: Channel | None, wish: Wish) -> Estimate:
    """What the policy would download, were it saved."""
    return estimate(governed(workspace, channel), wish)


def save_policy(
    *, workspace: Workspace, channel: Channel | None, wish: Wish, user: User | None
) -> MediaPolicy:
    """Make it the policy of a channel, or of the workspace; every file is decided upon anew."""
    values = {**asdict(wish), "kinds": sorted(wish.kinds), "mimes": list(wish.mimes)}
    with transaction.atomic():
        made, _ = MediaPolicy.objects.update_or_create(
            workspace=workspace, channel=channel, defaults=values
        )
        planning.begin(list(governed(workspace, channel).values_list("pk", flat=True)))
        audit(
            workspace=workspace,
            user=user,
            action="media.policy",
            target=channel.title if channel else "",
            mode=wish.mode,
        )
    return made


def forget_policy(*, channel: Channel, user: User | None) -> None:
    """Let the channel follow its workspace again."""
    with transaction.atomic():
        if MediaPolicy.objects.filter(channel=channel).delete()[0]:
            planning.begin([channel.pk])
            audit(
                workspace=channel.workspace,
                user=user,
                action="media.policy",
                target=channel.title,
                mode="",
            )


def ask_for(*, channel: Channel, message_id: int, slot: int = 0) -> Medium:
    """Download one file before all others, whatever the policy says of it."""
    medium = Medium.objects.filter(pk=(channel.pk, message_id, slot)).first()
    with transaction.atomic():
        if medium is None:
            medium = _listed(channel, message_id)
        if medium.file_id is not None:
            return medium
        now = timezone.now()
        rows = Medium.objects.filter(pk=(channel.pk, message_id, medium.slot))
        asked = {"want": Medium.Want.FILE, "asked_at": now}
        anew = {"attempts": 0, "not_before": None, "error_code": "", "error": NOTHING}
        rows.filter(state=Medium.State.FETCHING).update(**asked)
        rows.exclude(state=Medium.State.FETCHING).update(
            state=Medium.State.PENDING, **asked, **anew
        )
        lines.wake(channel.pk)
        line = MediaLine.objects.filter(pk=channel.pk)
        line.update(asked_at=now)
        # Who asks for a file wants it now, also of downloads that rest.
        line.filter(state__in=[State.PAUSED, State.WAITING]).exclude(
            error_code="FLOOD_WAIT"
        ).update(state=State.QUEUED, not_before=None, attempts=0)
    return Medium.objects.get(pk=(channel.pk, message_id, medium.slot))


def _listed(channel: Channel, message_id: int) -> Medium:
    """The row of a file of a channel that keeps no list of them."""
    message = Message.objects.filter(channel=channel, message_id=message_id).first()
    found = described(message.kind, message.media_meta) if message else None
    if message is None or found is None:
        raise InputError(
            "NO_FILE",
            "The message carries no file that can be downloaded.",
            "Look at what it carries on its page.",
        )
    made, _ = Medium.objects.get_or_create(
        channel=channel,
        message_id=message_id,
        slot=0,
        defaults={**asdict(found), "date": message.date},
    )
    return made


def pause(*, channel: Channel, user: User | None) -> bool:
    """Rest until somebody resumes; whether there was anything to pause."""
    return _wish(channel, MediaLine.StopWish.PAUSE, user)


def cancel(*, channel: Channel, user: User | None) -> bool:
    """Nothing of what is in the queue is to be downloaded; what is stored stays."""
    return _wish(channel, MediaLine.StopWish.CANCEL, user)


def _wish(channel: Channel, wish: MediaLine.StopWish, user: User | None) -> bool:
    rows = MediaLine.objects.filter(pk=channel.pk)
    rows = rows.exclude(state__in=[State.IDLE] if wish == "cancel" else [State.IDLE, State.PAUSED])
    wished = rows.update(stop_wish=wish, wished_by=user)
    if wished:
        lines.rest(channel.pk, wish)
    return bool(wished)


def resume(*, channel: Channel) -> bool:
    """Go on, also before a wait is over."""
    rows = MediaLine.objects.filter(pk=channel.pk)
    rows.update(stop_wish="")
    waiting = Q(state=State.PAUSED) | Q(state=State.WAITING) & ~Q(error_code="FLOOD_WAIT")
    return bool(
        rows.filter(waiting).update(
            state=State.QUEUED,
            not_before=None,
            attempts=0,
            error=NOTHING,
            error_code="",
            error_class="",
        )
    )


def retry_failed(*, channel: Channel) -> int:
    """Try every file again that failed; how many."""
    rows = Medium.objects.filter(channel=channel, state=Medium.State.FAILED)
    count = rows.update(
        state=Medium.State.PENDING, attempts=0, not_before=None, error=NOTHING, error_code=""
    )
    if count:
        lines.wake(channel.pk)
        lines.count(channel.pk)
    return count


def claim_due() -> list[tuple[int, int]]:
    """Bring every line up to date; channel and slice number of those that may start now."""
    lines.revive()
    _assign_accounts()
    return lines.pick()


def plans_due() -> Sequence[int]:
    """Channels whose files are to be decided upon anew."""
    return planning.due()


def _assign_accounts() -> None:
    """Lines without an account that can work for them get one, or rest and say why. One that was
    refused the channel is better than none: it is tried.
    """
    rows = MediaLine.objects.filter(state=State.QUEUED, planned_down_to=0)
    refused = ChannelAccess.objects.filter(
        channel=OuterRef("channel"), account=OuterRef("account")
    ).exclude(state=ChannelAccess.State.OK)
    helpless = rows.filter(~Q(account__state=Account.State.READY) | Exists(refused))
    for line in helpless.select_related("channel")[:20]:
        account = runs.account_for(line.channel)
        changes: dict[str, Any] = {"account": account}
        if account is None or account.state != Account.State.READY:
            error = runs.no_account(line.channel)
            changes |= {
                "state": State.PAUSED,
                "error_class": error.error_class,
                "error_code": error.code,
                "error": error.told,
            }
        rows.filter(pk=line.pk).update(**changes)

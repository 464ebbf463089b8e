"""Channels of a workspace: adding, scheduling, switching off, removing."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from ingestion import signals, sql
from ingestion.errors import InputError
from ingestion.models import (
    Channel,
    ChannelReading,
    ChannelTotals,
    CounterSnapshot,
    Coverage,
    Message,
    MessageRaw,
    MessageRevision,
    MessageStats,
    Quarantine,
    SyncRun,
)
from ingestion.services import listening, runs
from ingestion.sources.refs import ChannelRef, Line, PeerId, Username, parse_many, parse_ref
from tgadmin.lib.ranges import IdRanges
from workspaces.models import User, Workspace
from workspaces.services import audit

#: The shortest schedule, in minutes.
SHORTEST_SCHEDULE = 1


def check_new(*, workspace: Workspace, text: str) -> ChannelRef:
    """What to ask Telegram for: post `{"ref": str(…)}` with the calls `preview`, `add_channel` and,
    for an `Invite`, `join`. Raises `InputError` for nonsense and for duplicates, before a request
    is spent on them.
    """
    ref = parse_ref(text)
    there = _archived(workspace, [ref]).get(_key(ref))
    if there:
        raise _duplicate(there, ref)
    return ref


def check_many(*, workspace: Workspace, text: str) -> list[Line]:
    """What several lines lead to, each with a `ref` to ask Telegram for or with its `error`:
    nonsense, a line that repeats another, a channel that is in the workspace already.
    """
    lines = parse_many(text)
    archived = _archived(workspace, [line.ref for line in lines if line.ref])
    return [
        Line(line.text, error=_duplicate(there, line.ref))
        if line.ref and (there := archived.get(_key(line.ref)))
        else line
        for line in lines
    ]


def _key(ref: ChannelRef) -> str | int | None:
    """What tells channels apart; None for an invite, which tells nothing before it is asked for."""
    if isinstance(ref, Username):
        return ref.name.lower()
    return ref.marked if isinstance(ref, PeerId) else None


def _archived(workspace: Workspace, refs: Sequence[ChannelRef]) -> dict[str | int | None, Channel]:
    """Those that are in the workspace, by name in lower case and by number. One query."""
    rows = (
        Channel.objects.filter(
            workspace=workspace,
            removed_at__isnull=True,
            accesses__isnull=False,  # else its account was forgotten, and it needs another
        )
        .annotate(name=Lower("username"))
        .filter(
            Q(name__in=[ref.name.lower() for ref in refs if isinstance(ref, Username)])
            | Q(peer_id__in=[ref.marked for ref in refs if isinstance(ref, PeerId)])
        )
    )
    found: dict[str | int | None, Channel] = {}
    for channel in rows:
        found[channel.peer_id] = channel
        if channel.username:
            found[channel.username.lower()] = channel
    return found


def _duplicate(channel: Channel, ref: ChannelRef) -> InputError:
    return InputError(
        "DUPLICATE",
        "“%(title)s” (%(ref)s) is already in this workspace.",
        title=channel.title,
        ref=ref,
    )


def set_schedule(*, channel: Channel, minutes: int | None, user: User | None = None) -> None:
    """Sync every so many minutes from now on; None switches the schedule off."""
    if minutes is not None and minutes < SHORTEST_SCHEDULE:
        raise InputError(
            "TOO_OFTEN",
            "A schedule of %(minutes)s minutes is too short.",
            "Choose 1 or more.",
            minutes=minutes,
        )
    channel.sync_every_minutes = minutes
    channel.next_run_at = timezone.now() + timedelta(minutes=minutes) if minutes else None
    channel.save(update_fields=["sync_every_minutes", "next_run_at"])
    audit(
        workspace=channel.workspace,
        user=user,
        action="channel.schedule",
        target=channel.title,
        minutes=minutes,
    )


def set_enabled(*, channel: Channel, enabled: bool, user: User | None = None) -> None:
    """A channel that is switched off starts no run; what is archived stays readable."""
    channel.enabled = enabled
    channel.save(update_fields=["enabled"])
    if not enabled:
        cancel_runs(channel, user)
    audit(
        workspace=channel.workspace,
        user=user,
        action="channel.enable" if enabled else "channel.disable",
        target=channel.title,
    )


def cancel_runs(channel: Channel, user: User | None = None) -> None:
    """End what is going on for this channel."""
    for run in SyncRun.objects.filter(channel=channel, state__in=SyncRun.ACTIVE):
        runs.cancel(run=run, user=user)


def remove(*, channel: Channel, delete_messages: bool = False, user: User | None = None) -> int:
    """Take the channel off the list. Its messages stay, and come back with it, unless they are
    to be deleted; returns how many were. Raises `InputError` where something above keeps them.
    """
    with transaction.atomic():
        # In the writer's order: coverage, channel, run.
        if delete_messages:
            with connection.cursor() as cursor:
                cursor.execute(sql.LOCK_CHANNEL, {"channel": channel.pk})
            signals.messages_leaving.send(Channel, channel_id=channel.pk)
            list(Coverage.objects.select_for_update().filter(channel=channel))
        channel.removed_at = timezone.now()
        channel.next_run_at = None  # how often it synced is kept: it may come back
        channel.save(update_fields=["removed_at", "next_run_at"])
        if delete_messages:
            runs.end_at_once(channel=channel, user=user)
        cancel_runs(channel, user)
        deleted = _delete_messages(channel) if delete_messages else 0
        audit(
            workspace=channel.workspace,
            user=user,
            action="channel.remove",
            target=channel.title,
            deleted=deleted,
        )
    return deleted


def _delete_messages(channel: Channel) -> int:
    for table in (MessageRaw, MessageStats, MessageRevision, CounterSnapshot, Quarantine):
        table.objects.filter(channel=channel)._raw_delete(using="default")  # noqa: SLF001, no signals, nothing loaded
    deleted: int = Message.objects.filter(channel=channel)._raw_delete(using="default")  # noqa: SLF001, no signals, nothing loaded
    Coverage.objects.filter(channel=channel).update(ranges=IdRanges())
    ChannelTotals.objects.filter(channel=channel).delete()
    ChannelReading.objects.filter(channel=channel).update(bound_user_id=None)
    Channel.objects.filter(pk=channel.pk).update(top_id=0, last_synced_at=None)
    listening.forget(channel)
    signals.messages_deleted.send(Channel, channel_id=channel.pk)
    return deleted

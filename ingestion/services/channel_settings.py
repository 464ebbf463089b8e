"""What people set on channels, on one or on many at once. Nothing here enqueues."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from ingestion.errors import IngestionError, InputError
from ingestion.models import Channel, SyncRun
from ingestion.services import channels as single
from ingestion.services import listening, runs
from workspaces.models import User
from workspaces.services import audit

#: As long as the column takes.
LONGEST_TAG = 40
#: More would not be read in a row of the list.
MOST_TAGS = 20
LONGEST_NOTES = 10_000


@dataclass(frozen=True)
class Outcome:
    """What became of a press on many channels: one that refuses does not stop the others."""

    done: list[Channel] = field(default_factory=list)
    #: With the sentence that tells why.
    refused: list[tuple[Channel, str]] = field(default_factory=list)


def parse_tags(text: str) -> list[str]:
    """Tags from `news, #port`: between commas or line ends, in their order, each once in any case.

    Raises `InputError` for one that is too long, and for too many.
    """
    tags: dict[str, str] = {}
    for part in text.replace("\n", ",").split(","):
        tag = " ".join(part.replace("\0", "").split()).lstrip("#").strip()
        if len(tag) > LONGEST_TAG:
            raise InputError(
                "TAG_TOO_LONG",
                "The tag “%(tag)s…” is too long.",
                "Tags have at most %(most)s characters.",
                tag=tag[:20],
                most=LONGEST_TAG,
            )
        if tag:
            tags.setdefault(tag.casefold(), tag)
    if len(tags) > MOST_TAGS:
        raise InputError(
            "TOO_MANY_TAGS",
            "These are %(count)s tags.",
            "A channel has at most %(most)s.",
            count=len(tags),
            most=MOST_TAGS,
        )
    return list(tags.values())


def set_tags(*, channel: Channel, tags: Sequence[str], user: User | None = None) -> None:
    """Have these tags and no others."""
    if channel.tags == list(tags):
        return
    channel.tags = list(tags)
    channel.save(update_fields=["tags"])
    _audit(channel, user, "channel.tags", tags=channel.tags)


def set_notes(*, channel: Channel, notes: str, user: User | None = None) -> None:
    """Keep these words about the channel. Raises `InputError` when they are too many."""
    notes = notes.replace("\0", "").replace("\r\n", "\n").strip()
    if len(notes) > LONGEST_NOTES:
        raise InputError(
            "NOTES_TOO_LONG",
            "The notes are too long.",
            "Keep them below %(most)s characters.",
            most=LONGEST_NOTES,
        )
    if channel.notes == notes:
        return
    channel.notes = notes
    channel.save(update_fields=["notes"])
    _audit(channel, user, "channel.notes")


def restore(*, channels: Iterable[Channel], user: User | None = None) -> list[Channel]:
    """Put channels back on the list that were removed, with the schedules they had; returns those
    that were removed indeed.
    """
    restored = []
    for channel in channels:
        minutes = channel.sync_every_minutes
        next_run_at = timezone.now() + timedelta(minutes=minutes) if minutes else None
        # Two people may press at once: the row count tells whose press it was.
        if Channel.objects.filter(pk=channel.pk, removed_at__isnull=False).update(
            removed_at=None, next_run_at=next_run_at
        ):
            channel.removed_at, channel.next_run_at = None, next_run_at
            _audit(channel, user, "channel.restore")
            restored.append(channel)
    return restored


def sync(*, channels: Iterable[Channel], user: User | None = None) -> Outcome:
    """Press Sync now on each."""

    def press(channel: Channel) -> bool:
        runs.request_sync(channel=channel, user=user)
        return True

    return _each(channels, press)


def pause(*, channels: Iterable[Channel], user: User | None = None) -> Outcome:
    """Pause what goes on; `done` are the channels where something did."""
    return _on_runs(channels, lambda run: runs.pause(run=run, user=user))


def resume(*, channels: Iterable[Channel], user: User | None = None) -> Outcome:
    """Go on where it was paused; `done` are the channels where something was."""
    return _on_runs(channels, lambda run: runs.resume(run=run, user=user))


def schedule(
    *, channels: Iterable[Channel], minutes: int | None, user: User | None = None
) -> Outcome:
    """Sync each every so many minutes; None switches their schedules off."""

    def change(channel: Channel) -> bool:
        single.set_schedule(channel=channel, minutes=minutes, user=user)
        return True

    return _each(channels, change)


def follow(*, channels: Iterable[Channel], live: bool, user: User | None = None) -> Outcome:
    """Archive each as it happens, or do so no longer; `done` are those that changed."""
    return _each(
        channels, lambda channel: listening.set_live(channel=channel, live=live, user=user)
    )


def add_tag(*, channels: Iterable[Channel], tag: str, user: User | None = None) -> Outcome:
    """Give each the tag; `done` are those that did not have it."""
    wanted = parse_tags(tag)

    def change(channel: Channel) -> bool:
        before = _tags_now(channel)
        set_tags(channel=channel, tags=parse_tags(",".join([*before, *wanted])), user=user)
        return bool(channel.tags != before)

    return _each(channels, change)


def remove_tag(*, channels: Iterable[Channel], tag: str, user: User | None = None) -> Outcome:
    """Take the tag away, in any case of its letters; `done` are those that had it."""
    unwanted = {name.casefold() for name in parse_tags(tag)}

    def change(channel: Channel) -> bool:
        before = _tags_now(channel)
        left = [name for name in before if name.casefold() not in unwanted]
        set_tags(channel=channel, tags=left, user=user)
        return bool(left != before)

    return _each(channels, change)


def _tags_now(channel: Channel) -> list[str]:
    """Those that it has, also when somebody changed them since it was read; nobody else changes
    them before this transaction ends.
    """
    rows = Channel.objects.select_for_update(no_key=True)
    channel.tags = rows.values_list("tags", flat=True).get(pk=channel.pk)
    return channel.tags


def remove(*, channels: Iterable[Channel], user: User | None = None) -> Outcome:
    """Take each off the list; their messages are kept."""

    def take(channel: Channel) -> bool:
        if channel.removed_at:
            return False
        single.remove(channel=channel, user=user)
        return True

    return _each(channels, take)


def _each(channels: Iterable[Channel], act: Callable[[Channel], bool]) -> Outcome:
    outcome = Outcome()
    for channel in channels:
        try:
            with transaction.atomic():
                if act(channel):
                    outcome.done.append(channel)
        except IngestionError as error:
            outcome.refused.append((channel, str(error)))
    return outcome


def _on_runs(channels: Iterable[Channel], act: Callable[[SyncRun], bool]) -> Outcome:
    found = {channel.pk: channel for channel in channels}
    changed = [
        run.channel_id
        for run in SyncRun.objects.filter(channel__in=found, state__in=SyncRun.ACTIVE).order_by(
            "pk"
        )  # two presses at once take the runs in the same order
        if act(run)
    ]
    return Outcome([channel for key, channel in found.items() if key in changed])


def _audit(channel: Channel, user: User | None, action: str, **details: object) -> None:
    audit(workspace=channel.workspace, user=user, action=action, target=channel.title, **details)

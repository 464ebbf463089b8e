"""Public channels that are read from the web, without an account."""

from dataclasses import dataclass

from django.db import transaction

from ingestion.errors import InputError
from ingestion.models import Channel
from ingestion.provisional import provisional_id
from ingestion.records import ChannelKind
from ingestion.services import runs
from ingestion.sources.refs import Username, parse_ref
from workspaces.models import User, Workspace
from workspaces.services import audit


@transaction.atomic
def add(*, workspace: Workspace, text: str, sync: bool = True, user: User | None = None) -> Channel:
    """Read the public channel of this name from the web from now on; its first run finds out
    what it is. Raises `InputError` for what has no public name, and for one that is there.
    """
    ref = parse_ref(text)
    if not isinstance(ref, Username):
        raise InputError(
            "PREVIEW_NEEDS_NAME",
            "Only public channels can be read from the web, by their names.",
            "Write its @name, or connect an account to add this one.",
        )
    channels = Channel.objects.filter(workspace=workspace, username__iexact=ref.name)
    channel = channels.first()
    if channel is not None and channel.removed_at is None and _is_read(channel):
        raise InputError(
            "DUPLICATE",
            "“%(title)s” (%(ref)s) is already in this workspace.",
            title=channel.title,
            ref=str(ref),
        )
    if channel is None:
        channel = Channel.objects.create(
            workspace=workspace,
            peer_id=provisional_id(f"@{ref.name.lower()}"),
            kind=ChannelKind.BROADCAST,
            title=f"@{ref.name}",
            username=ref.name,
        )
    channel.web_preview, channel.removed_at = True, None
    channel.save(update_fields=["web_preview", "removed_at"])
    audit(workspace=workspace, user=user, action="channel.web_preview", target=channel.title)
    if sync:
        runs.request_sync(channel=channel, user=user)
    return channel


def _is_read(channel: Channel) -> bool:
    """By an account or from the web; one that was only imported can still be."""
    return channel.web_preview or channel.accesses.exists()


@dataclass(frozen=True)
class WebLine:
    """A line, and what became of it: a channel, or an error that says what to do."""

    text: str
    channel: Channel | None = None
    error: InputError | None = None


def add_many(*, workspace: Workspace, text: str, user: User | None = None) -> list[WebLine]:
    """One a line (or parted by commas), in their order; one that is refused holds up no other."""
    lines: list[WebLine] = []
    for line in filter(None, map(str.strip, text.replace(",", "\n").split("\n"))):
        try:
            lines.append(WebLine(line, add(workspace=workspace, text=line, user=user)))
        except InputError as error:
            lines.append(WebLine(line, error=error))
    if not lines:
        raise InputError("CHANNEL_EMPTY", "No channel was named.", "Write one on each line.")
    return lines

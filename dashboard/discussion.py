"""What was said below a post: the copy of it in its channel's group, and the comments there
(https://core.telegram.org/api/discussion).
"""

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import F, QuerySet, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from archive.search import Piece, excerpt
from ingestion.models import Channel, ChannelReading, Message
from workspaces.access import within
from workspaces.models import Workspace

#: Comments that stand on a message's page; the list of messages has all.
SHOWN: Final = 8
_EXCERPT: Final = 220


@dataclass(frozen=True, slots=True)
class Discussion:
    """`root` is the message that the comments answer: in a group itself, of a post its copy."""

    group: Channel
    root: int
    comments: list[tuple[Message, list[Piece]]]
    #: There are more of them than shown.
    more: bool


def of_message(workspace: Workspace, message: Message) -> Discussion | None:
    """Three queries at most, along indexes; None where nothing was said, or is archived."""
    if message.channel.kind == "broadcast":
        group = _group_of(workspace, message.channel)
        root = _copy_of(workspace, group, message) if group else None
    else:
        group, root = message.channel, message.message_id
    if group is None or root is None:
        return None
    rows = _thread(within(workspace, Message.objects.filter(channel=group)), root)
    found = list(rows.defer("tsv").order_by("message_id")[: SHOWN + 1])
    if not found and group == message.channel:
        return None
    lines = [(row, excerpt(" ".join(row.text.split()), "", _EXCERPT)) for row in found[:SHOWN]]
    return Discussion(group, root, lines, len(found) > SHOWN)


def _group_of(workspace: Workspace, channel: Channel) -> Channel | None:
    reading: QuerySet[Any] = within(workspace, ChannelReading.objects.filter(channel=channel))
    linked = reading.values("linked_peer_id")[:1]
    return within(workspace, Channel.objects.filter(peer_id__in=linked)).first()


def _copy_of(workspace: Workspace, group: Channel, message: Message) -> int | None:
    copies = (
        within(workspace, Message.objects.filter(channel=group))
        .annotate(saved=KeyTextTransform("saved_from_msg_id", "forward"))
        .filter(saved=str(message.message_id))
    )
    peer = str(message.channel.peer_id)
    for number, forward in copies.values_list("message_id", "forward")[:8]:
        if str((forward or {}).get("saved_from_peer", "")) == peer:
            return int(number)
    return None


def _thread(rows: QuerySet[Message], root: int) -> QuerySet[Message]:
    """As the index of threads has it."""
    top = Coalesce(
        KeyTextTransform("top_id", F("reply_to")),
        KeyTextTransform("message_id", F("reply_to")),
        output_field=TextField(),
    )
    return rows.filter(reply_to__isnull=False).annotate(thread=top).filter(thread=str(root))

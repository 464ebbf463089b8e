"""What stands around a message in its channel."""

from ingestion.models import Channel, Message
from workspaces.access import within
from workspaces.models import Workspace


def around(
    *, workspace: Workspace, channel: Channel, message_id: int, before: int = 5, after: int = 5
) -> list[Message]:
    """Messages beside one, and itself where it is archived, oldest first: two reads along the key."""
    here = within(workspace, Message.objects.filter(channel=channel)).defer("tsv")
    earlier = here.filter(message_id__lt=message_id).order_by("-message_id")[:before]
    later = here.filter(message_id__gte=message_id).order_by("message_id")[: after + 1]
    found = list(later)
    if not found or found[0].message_id != message_id:
        found = found[:after]
    return [*reversed(earlier), *found]

"""A message that the text of the search box names, by its link or by its number."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ingestion.models import Channel, Message
from ingestion.sources.refs import Username, parse_message
from workspaces.access import within
from workspaces.models import Workspace

_NUMBER: Final = re.compile(r"#?(\d{1,10})", re.ASCII)
#: Channels that are named, where several have a message with the number.
MOST: Final = 5


@dataclass(frozen=True, slots=True)
class Pointed:
    channel: Channel
    message_id: int


def pointed(workspace: Workspace, text: str, channels: Sequence[Channel]) -> list[Pointed]:
    """By a link of a channel here, whether the message is archived or not: the page that it leads
    to says so. By a number, messages of these channels that are.
    """
    if number := _NUMBER.fullmatch(text.strip()):
        return _numbered(int(number[1]), channels)
    link = parse_message(text)
    if link is None:
        return []
    channel, message_id = link
    rows = within(workspace, Channel.objects.filter(removed_at=None))
    if isinstance(channel, Username):
        rows = rows.filter(username__iexact=channel.name)
    else:
        rows = rows.filter(peer_id=channel.marked)
    return [Pointed(found, message_id) for found in rows.order_by("pk")[:1]]


def _numbered(message_id: int, channels: Sequence[Channel]) -> list[Pointed]:
    by_key = {channel.pk: channel for channel in channels if channel.removed_at is None}
    rows = Message.objects.filter(channel__in=list(by_key), message_id=message_id)
    found = rows.order_by("channel_id").values_list("channel_id", flat=True)[:MOST]
    return [Pointed(by_key[key], message_id) for key in found]

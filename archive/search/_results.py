"""A page of messages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from archive.search._cursor import Key
from ingestion.models import Channel, Message, MessageStats


@dataclass(frozen=True, slots=True)
class Results:
    """Messages, newest first. Each has its `channel` and, as `message.stats`, its counters
    (`None` when there are none) at hand, without a query.

    A cursor is None where nothing more lies. `looked_back_to`: a search without the help of an
    index stopped there; `next_cursor` goes on.
    """

    messages: list[Message]
    next_cursor: str | None = None
    previous_cursor: str | None = None
    looked_back_to: datetime | None = None
    #: How they are ordered: by relevance only where that was asked for and words can be ranked.
    order: str = "date"
    #: By relevance: among so many of the newest matches, where there are more than these.
    ranked_of: int | None = None
    #: By (channel's pk, message id).
    stats: dict[tuple[int, int], MessageStats] = field(default_factory=dict)


def load(
    keys: Sequence[Key], known: Iterable[Channel] = ()
) -> tuple[list[Message], dict[tuple[int, int], MessageStats]]:
    """The rows behind the keys, in their order: three queries, however many; two where their
    channels are `known`.
    """
    pairs = [(key.channel_id, key.message_id) for key in keys]
    messages = {
        (message.channel_id, message.message_id): message
        for message in Message.objects.filter(pk__in=pairs).defer("tsv")
    }
    # One object a channel: a join would bring its forty columns with each message.
    channels = {channel.pk: channel for channel in known}
    channels |= Channel.objects.in_bulk({channel for channel, _ in messages} - channels.keys())
    stats = {
        (row.channel_id, row.message_id): row for row in MessageStats.objects.filter(pk__in=pairs)
    }
    found = [messages[pair] for pair in pairs if pair in messages]
    for message in found:
        pair = (message.channel_id, message.message_id)
        message.channel = channels[message.channel_id]
        setattr(message, "stats", stats.get(pair))  # noqa: B010, for templates
    return found, stats

"""A page of messages."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from archive.search._cursor import Key
from ingestion.models import Message, MessageStats


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


def load(keys: Sequence[Key]) -> tuple[list[Message], dict[tuple[int, int], MessageStats]]:
    """The rows behind the keys, in their order: two queries, however many."""
    pairs = [(key.channel_id, key.message_id) for key in keys]
    messages = {
        (message.channel_id, message.message_id): message
        for message in Message.objects.filter(pk__in=pairs).select_related("channel").defer("tsv")
    }
    stats = {
        (row.channel_id, row.message_id): row for row in MessageStats.objects.filter(pk__in=pairs)
    }
    found = [messages[pair] for pair in pairs if pair in messages]
    for message in found:
        pair = (message.channel_id, message.message_id)
        setattr(message, "stats", stats.get(pair))  # noqa: B010, for templates
    return found, stats

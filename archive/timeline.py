"""A channel read as a conversation: stretches of messages in the order of their ids, which is the
order in which Telegram shows them. Each is one walk along the primary key, at any depth; those of a
topic along the topic's own index.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from ingestion.models import Channel, Message, MessageStats
from workspaces.access import within

#: Messages of a stretch: some two screens.
LIMIT: Final = 40
#: What a forum calls "General": messages of it carry no topic.
GENERAL: Final = 1


@dataclass(frozen=True, slots=True)
class Stretch:
    """Oldest first, each message with its channel at hand. `older`, `newer`: more lies there."""

    messages: list[Message]
    older: bool
    newer: bool
    #: By (channel's pk, message id).
    stats: dict[tuple[int, int], MessageStats] = field(default_factory=dict)

    @property
    def low(self) -> int:
        """The lowest id; 0 where there is no message."""
        return self.messages[0].message_id if self.messages else 0

    @property
    def high(self) -> int:
        return self.messages[-1].message_id if self.messages else 0


def newest(*, channel: Channel, topic: int | None = None, limit: int = LIMIT) -> Stretch:
    """Where the conversation ends."""
    found = _beside(channel, topic, None, limit + 1, newer=False)
    return _stretch(channel, found[:limit][::-1], older=len(found) > limit, newer=False)


def first(*, channel: Channel, topic: int | None = None, limit: int = LIMIT) -> Stretch:
    """Where it begins."""
    found = _beside(channel, topic, None, limit + 1, newer=True)
    return _stretch(channel, found[:limit], older=False, newer=len(found) > limit)


def before(
    *, channel: Channel, message_id: int, topic: int | None = None, limit: int = LIMIT
) -> Stretch:
    """What was posted before a message, the nearest."""
    found = _beside(channel, topic, message_id, limit + 1, newer=False)
    return _stretch(channel, found[:limit][::-1], older=len(found) > limit, newer=True)


def after(
    *, channel: Channel, message_id: int, topic: int | None = None, limit: int = LIMIT
) -> Stretch:
    """What was posted after a message, the nearest."""
    found = _beside(channel, topic, message_id, limit + 1, newer=True)
    return _stretch(channel, found[:limit], older=True, newer=len(found) > limit)


def around(
    *, channel: Channel, message_id: int, topic: int | None = None, limit: int = LIMIT
) -> Stretch:
    """An id in the midst of its neighbours, whether it is archived or not."""
    half = limit // 2
    below = _beside(channel, topic, message_id + 1, half + 2, newer=False)
    above = _beside(channel, topic, message_id, half + 1, newer=True)
    messages = below[: half + 1][::-1] + above[:half]
    return _stretch(channel, messages, older=len(below) > half + 1, newer=len(above) > half)


def first_since(*, channel: Channel, moment: datetime, topic: int | None = None) -> int | None:
    """The id of the first message posted at a moment or later; None where there is none."""
    rows = _rows(channel, topic).filter(date__gte=moment).order_by("date", "message_id")
    return rows.values_list("message_id", flat=True).first()


def _rows(channel: Channel, topic: int | None) -> QuerySet[Message]:
    rows = within(channel.workspace, Message.objects.filter(channel_id=channel.pk))
    if topic is None:
        return rows
    if topic == GENERAL:
        return rows.filter(Q(topic_id=GENERAL) | Q(topic_id=None))
    return rows.filter(topic_id=topic)


def _beside(
    channel: Channel, topic: int | None, message_id: int | None, limit: int, *, newer: bool
) -> list[Message]:
    """Those before or after a message, nearest first; from an end of the channel without one."""
    rows = _rows(channel, topic).defer("tsv")
    beyond, sign = ("gt", "") if newer else ("lt", "-")
    if not _by_date(topic):
        if message_id is not None:
            rows = rows.filter(**{f"message_id__{beyond}": message_id})
        return list(rows.order_by(f"{sign}message_id")[:limit])
    place = _place(channel, message_id)
    if place is not None:
        date, number = place
        rows = rows.filter(
            Q(**{f"date__{beyond}": date}) | Q(**{f"message_id__{beyond}": number}),
            **{f"date__{beyond}e": date},
        )
    return list(rows.order_by(f"{sign}date", f"{sign}message_id")[:limit])


def _by_date(topic: int | None) -> bool:
    """A topic's index has its dates, not its ids; "General" is most of a forum, read by id."""
    return topic is not None and topic != GENERAL


def _place(channel: Channel, message_id: int | None) -> tuple[datetime, int] | None:
    """When the message was posted, or would have been: as the nearest before it."""
    if message_id is None:
        return None
    rows = within(channel.workspace, Message.objects.filter(channel_id=channel.pk))
    near = rows.filter(message_id__lte=message_id).order_by("-message_id")
    date = near.values_list("date", flat=True).first()
    if date is None:
        later = rows.filter(message_id__gt=message_id).order_by("message_id")
        date = later.values_list("date", flat=True).first()
    return (date, message_id) if date is not None else None


def _stretch(channel: Channel, messages: list[Message], *, older: bool, newer: bool) -> Stretch:
    for message in messages:
        message.channel = channel
    return Stretch(messages, older, newer, _stats(channel, messages))


def _stats(channel: Channel, messages: Iterable[Message]) -> dict[tuple[int, int], MessageStats]:
    ids = [message.message_id for message in messages]
    rows = within(
        channel.workspace,
        MessageStats.objects.filter(channel_id=channel.pk, message_id__in=ids),
    )
    return {(row.channel_id, row.message_id): row for row in rows} if ids else {}

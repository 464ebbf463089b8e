"""What stands around a channel's history, read once a day: topics, pinned messages, who runs it."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from ingestion import people
from ingestion.errors import AccountError, FloodWait, IngestionError, Wait
from ingestion.models import (
    Channel,
    ChannelAdmin,
    ChannelReading,
    ChannelTotals,
    ForumTopic,
    Message,
    PinnedMessage,
)
from ingestion.records import AdminRecord, ChannelKind, ChannelRecord, TopicRecord
from ingestion.sources.base import ChannelAddress
from ingestion.sources.mtproto.session import TelegramSession
from tgadmin.lib.threads import DatabaseThread

logger = logging.getLogger(__name__)

#: As long as a description is good for.
GOOD_FOR: Final = timedelta(hours=20)
#: The topic that every forum has (https://core.telegram.org/api/forum).
_GENERAL: Final = 1


def is_due(channel: Channel) -> bool:
    """Whether it was not read today."""
    row = ChannelReading.objects.filter(channel=channel).values_list("around_at", flat=True)
    at = row.first()
    return at is None or at < timezone.now() - GOOD_FOR


async def read(
    session: TelegramSession,
    database: DatabaseThread,
    channel: Channel,
    address: ChannelAddress,
    ask: Callable[[Awaitable[Any]], Awaitable[Any]],
) -> None:
    """Two or three requests: what is pinned, a forum's topics, a group's administrators.

    No history waits for it: where Telegram wants a pause or says what cannot be read, it is left
    for another day. Only what the history would meet as well is raised.
    """
    steps: list[tuple[Callable[[ChannelAddress], Awaitable[Any]], Callable[..., None]]] = [
        (session.pinned, keep_pinned)
    ]
    if channel.kind == ChannelKind.FORUM:
        steps.append((session.topics, keep_topics))
    if channel.kind not in (ChannelKind.BROADCAST, ChannelKind.BASIC_GROUP):
        steps.append((session.admins, keep_admins))
    for fetch, keep in steps:
        try:
            found = await ask(fetch(address))
        except AccountError:
            raise
        except (FloodWait, Wait):
            return
        except IngestionError as error:
            logger.warning("Beside channel %s: %s", address.peer_id, error)
            continue
        await database(keep, channel, found)
    await database(were_read, channel)


def were_read(channel: Channel) -> None:
    """It is good for a day."""
    ChannelReading.objects.update_or_create(channel=channel, defaults={"around_at": timezone.now()})


def keep_links(channel: Channel, record: ChannelRecord) -> None:
    """The groups that belong to a channel, from its full description."""
    if record.is_full:
        ChannelReading.objects.update_or_create(
            channel=channel,
            defaults={
                "linked_peer_id": record.linked_peer_id,
                "migrated_from": record.migrated_from,
                "migrated_to": record.migrated_to,
            },
        )


@transaction.atomic
def keep_topics(channel: Channel, topics: Sequence[TopicRecord]) -> None:
    """As they are now; one that is not listed any more stays, and says since when."""
    now = timezone.now()
    counts = _counts(channel)
    fields = (
        "title",
        "icon_color",
        "icon_emoji_id",
        "closed",
        "pinned",
        "hidden",
        "gone_at",
        "messages",
    )
    ForumTopic.objects.bulk_create(
        [
            ForumTopic(
                channel=channel,
                topic_id=one.topic_id,
                title=one.title,
                created_at=one.date,
                icon_color=one.icon_color,
                icon_emoji_id=one.icon_emoji_id,
                closed=one.closed,
                pinned=one.pinned,
                hidden=one.hidden,
                messages=counts.get(one.topic_id, 0),
            )
            for one in topics
        ],
        update_conflicts=True,
        unique_fields=["channel", "topic_id"],
        update_fields=fields,
    )
    listed = [one.topic_id for one in topics]
    lost = ForumTopic.objects.filter(channel=channel, gone_at=None).exclude(topic_id__in=listed)
    lost.update(gone_at=now)


def _counts(channel: Channel) -> dict[int, int]:
    inside = Message.objects.filter(channel=channel, topic_id__isnull=False)
    rows = inside.values("topic_id").annotate(number=Count("*")).order_by()
    pairs = rows.values_list("topic_id", "number")
    found = {topic_id: number for topic_id, number in pairs if topic_id is not None}
    # What is in "General" carries no topic; all messages are in the totals.
    totals = ChannelTotals.objects.filter(channel=channel).values_list("messages", flat=True)
    others = sum(number for topic_id, number in found.items() if topic_id != _GENERAL)
    return found | {_GENERAL: max((totals.first() or 0) - others, 0)}


def count_topics(channel: Channel) -> None:
    """Count their messages anew: after a backfill there are many more."""
    if channel.kind == ChannelKind.FORUM:
        for topic_id, number in _counts(channel).items():
            ForumTopic.objects.filter(channel=channel, topic_id=topic_id).update(messages=number)


@transaction.atomic
def keep_pinned(channel: Channel, ids: Sequence[int]) -> None:
    """What is pinned now; what is not any more stays, and says until when."""
    now = timezone.now()
    rows = PinnedMessage.objects.filter(channel=channel)
    rows.filter(unpinned_at=None).exclude(message_id__in=ids).update(unpinned_at=now)
    rows.filter(message_id__in=ids).exclude(unpinned_at=None).update(unpinned_at=None, seen_at=now)
    PinnedMessage.objects.bulk_create(
        [PinnedMessage(channel=channel, message_id=number, seen_at=now) for number in ids],
        ignore_conflicts=True,
    )


@transaction.atomic
def keep_admins(channel: Channel, admins: Sequence[AdminRecord] | None) -> None:
    """Who runs it now, where that can be seen, and nobody where people are hidden."""
    ChannelReading.objects.update_or_create(
        channel=channel, defaults={"admins_visible": admins is not None}
    )
    if admins is None:
        return
    if people.are_hidden(channel.workspace_id):
        admins = [one for one in admins if not one.peer.is_person]
    admins = [one for one in admins if not people.is_forgotten(channel, one.peer.peer_id)]
    now = timezone.now()
    ChannelAdmin.objects.bulk_create(
        [_admin(channel, one, now) for one in admins],
        update_conflicts=True,
        unique_fields=["channel", "peer_id"],
        update_fields=["name", "rank", "creator", "gone_at"],
    )
    here = [one.peer.peer_id for one in admins]
    left = ChannelAdmin.objects.filter(channel=channel, gone_at=None).exclude(peer_id__in=here)
    left.update(gone_at=now)


def _admin(channel: Channel, one: AdminRecord, now: datetime) -> ChannelAdmin:
    return ChannelAdmin(
        channel=channel,
        peer_id=one.peer.peer_id,
        name=one.peer.name,
        rank=one.rank,
        creator=one.creator,
        seen_at=now,
    )

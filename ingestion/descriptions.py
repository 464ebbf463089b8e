"""What Telegram says of a channel: kept as it is now, and as it was before."""

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from ingestion import surroundings, usage
from ingestion.errors import AccountError, DataError, FloodWait, IngestionError
from ingestion.models import Channel, ChannelChange, ChannelPhoto, MemberCount
from ingestion.records import ChannelRecord, PhotoRecord
from ingestion.sources.base import ChannelAddress
from ingestion.sources.mtproto.session import TelegramSession
from tgadmin.lib.threads import DatabaseThread

logger = logging.getLogger(__name__)

#: A description that is older is read again by the next update: less than a day, so that every
#: day has its number of members.
GOOD_FOR: Final = timedelta(hours=20)

_FIELDS: Final = ("title", "username", "about", "members", "kind", "available_min_id", "is_private")
_HISTORY: Final = ("title", "username", "about")


def is_due(channel: Channel) -> bool:
    """Whether the channel has to be described again."""
    return channel.described_at is None or channel.described_at < timezone.now() - GOOD_FOR


def describe(channel: Channel, record: ChannelRecord) -> None:
    """Keep what Telegram says of the channel now, and note what it said before.

    A channel without a key is made. The first description is no change.
    """
    now = timezone.now()
    with transaction.atomic():
        before = Channel.objects.select_for_update().filter(pk=channel.pk).first()
        for name in _FIELDS:
            setattr(channel, name, getattr(record, name))
        channel.photo_id = record.photo.photo_id if record.photo else None
        channel.described_at = now
        # Nothing else of one that is there: the writer raises top_id at the same time.
        channel.save(update_fields=[*_FIELDS, "photo_id", "described_at"] if before else None)
        surroundings.keep_links(channel, record)
        if before and before.described_at:
            ChannelChange.objects.bulk_create(_changes(before, channel, now))
        if record.members is not None:
            MemberCount.objects.bulk_create(
                [
                    MemberCount(
                        channel=channel, day=now.astimezone(UTC).date(), members=record.members
                    )
                ],
                update_conflicts=True,
                unique_fields=["channel", "day"],
                update_fields=["members"],
            )


def _changes(before: Channel, after: Channel, now: datetime) -> list[ChannelChange]:
    values = [(name, getattr(before, name), getattr(after, name)) for name in _HISTORY]
    values.append(("photo", str(before.photo_id or ""), str(after.photo_id or "")))
    return [
        ChannelChange(channel=after, field=field, before=old, after=new, at=now)
        for field, old, new in values
        if old != new
    ]


def lacks_photo(channel: Channel, record: ChannelRecord) -> bool:
    """Whether the photo that it shows now has to be fetched."""
    if record.photo is None:
        return False
    return not channel.photos.filter(photo_id=record.photo.photo_id).exists()


def keep_photo(channel: Channel, photo_id: int, image: bytes) -> None:
    """Add a photo to those that the channel showed."""
    ChannelPhoto.objects.bulk_create(
        [ChannelPhoto(channel=channel, photo_id=photo_id, image=image, seen_at=timezone.now())],
        ignore_conflicts=True,
    )


async def renew(
    account_id: int,
    session: TelegramSession,
    database: DatabaseThread,
    channel: Channel,
    address: ChannelAddress,
    ask: Callable[[Awaitable[Any]], Awaitable[Any]],
) -> bool:
    """Describe a channel again: one request, and one for a photo that is new; `ask` is how they
    are awaited. False when Telegram wants a pause first, or says what cannot be read: no history
    waits for a description. What would be in the way of the history as well is raised.
    """
    if await database(usage.wait_for, account_id, "channels.getFullChannel"):
        return False
    try:
        record: ChannelRecord = await ask(session.describe(address))
    except FloodWait:
        return False
    except DataError as error:
        logger.warning("Channel %s could not be described: %s", address.peer_id, error)
        return False
    await database(describe, channel, record)
    photo = record.photo
    lacking: bool = await database(lacks_photo, channel, record)
    if photo and lacking:
        image = await ask(fetch_photo(account_id, session, database, address, photo))
        if image:
            await database(keep_photo, channel, photo.photo_id, image)
    return True


async def fetch_photo(
    account_id: int,
    session: TelegramSession,
    database: DatabaseThread,
    address: ChannelAddress,
    photo: PhotoRecord,
) -> bytes | None:
    """A channel's photo, a JPEG of 160 px; None when it cannot be had now.

    Nothing fails because of a photo but what fails everything: a login that is lost.
    """
    if await database(usage.wait_for, account_id, "upload.getFile"):
        return None
    try:
        return await session.photo(address, photo)
    except AccountError:
        raise
    except IngestionError as error:
        logger.warning("The photo of channel %s could not be fetched: %s", address.peer_id, error)
    return None

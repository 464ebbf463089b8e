"""The small photos of channels: fetched once by an account, whether in a preview or for good."""

from django.utils import timezone

from ingestion import descriptions
from ingestion.calls.base import Line
from ingestion.models import Account, Channel, ChannelPhoto, KnownChannel
from ingestion.records import ChannelRecord, PhotoRecord
from ingestion.sources.base import ChannelAddress
from ingestion.sources.mtproto.photos import thumb_jpeg


async def of_channel(line: Line, record: ChannelRecord) -> bytes | None:
    """What the channel shows now, of 160 px; where that cannot be had, the 40 px that came with
    the channel; None when it has no photo.
    """
    if record.photo is None:
        return None
    kept = await line.database(_kept, line.account, record.peer_id, record.photo)
    if kept is not None:
        return kept
    address = ChannelAddress(record.peer_id, record.access_hash)
    image = await descriptions.fetch_photo(
        line.account.pk, line.session, line.database, address, record.photo
    )
    if image is None:
        return thumb_jpeg(record.photo) or None
    await line.database(_remember, line.account, record, image)
    return image


def keep(account: Account, channel: Channel) -> None:
    """Give a channel that was added the photo that the account fetched of it."""
    known = KnownChannel.objects.filter(account=account, peer_id=channel.peer_id).first()
    if known and known.image and known.photo_id and known.photo_id == channel.photo_id:
        descriptions.keep_photo(channel, known.photo_id, bytes(known.image))


def _kept(account: Account, peer_id: int, photo: PhotoRecord) -> bytes | None:
    known = KnownChannel.objects.filter(
        account=account, peer_id=peer_id, photo_id=photo.photo_id, image__isnull=False
    )
    archived = ChannelPhoto.objects.filter(
        channel__workspace_id=account.workspace_id,
        channel__peer_id=peer_id,
        photo_id=photo.photo_id,
    )
    for rows in (known, archived):
        image = rows.values_list("image", flat=True).first()
        if image is not None:
            return bytes(image)
    return None


def _remember(account: Account, record: ChannelRecord, image: bytes) -> None:
    fetched = {"photo_id": record.photo.photo_id if record.photo else None, "image": image}
    KnownChannel.objects.update_or_create(
        account=account,
        peer_id=record.peer_id,
        defaults=fetched,
        create_defaults={
            **fetched,
            "access_hash": record.access_hash,
            "username": record.username.lower(),
            "seen_at": timezone.now(),
        },
    )

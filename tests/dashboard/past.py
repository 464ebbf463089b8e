"""What a channel that is archived for a while has besides messages."""

from datetime import timedelta

from django.utils import timezone

from archive.stats.rollup import rebuild
from ingestion.models import ChannelChange, ChannelPhoto, Quarantine
from tests.dashboard.world import JPEG, PHOTO, World


def give_past(world: World) -> None:
    """Give the first channel a photo, tags, what it was before, a record that could not be read; and
    all channels their days.
    """
    channel, now = world.channel, timezone.now()
    for each in world.channels:
        rebuild(each.pk)
    channel.photo_id = PHOTO
    channel.tags = ["city", "транспорт"]
    channel.save(update_fields=["photo_id", "tags"])
    ChannelPhoto.objects.create(channel=channel, photo_id=PHOTO - 1, image=JPEG, seen_at=now)
    changes = (
        ("title", "Городские заметки", channel.title),
        ("about", "Заметки о городе.", channel.about),
        ("photo", str(PHOTO - 1), str(PHOTO)),
    )
    for days, (field, before, after) in enumerate(changes):
        at = now - timedelta(days=40 + 30 * days)
        ChannelChange.objects.create(
            channel=channel, field=field, before=before, after=after, at=at
        )
    Quarantine.objects.create(
        channel=channel,
        source="mtproto",
        message_id=46_200,
        error="TypeNotFoundError: 0x5f1c2d3e",
        raw=b"\x3e\x2d\x1c\x5f",
        first_seen_at=now,
    )

"""A file of the tests' world: on the disk, named by a message."""

from pathlib import Path

from django.conf import settings
from django.utils import timezone

from ingestion.media import adding
from ingestion.models import Channel, MediaLine, Medium, Message, StoredFile
from sandbox.tl.images import jpeg


def store_bytes(data: bytes, name: str = "one") -> StoredFile:
    """Bring bytes into the store."""
    folder = Path(settings.MEDIA_DIR) / adding.PARTS
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.part"
    path.write_bytes(data)
    return adding.store_file(path)


def make_medium(message: Message, data: bytes, **fields: object) -> Medium:
    """What the message carries, downloaded."""
    file = store_bytes(data)
    values = {
        "kind": message.kind,
        "remote_id": 5_000 + message.message_id,
        "date": message.date,
        "size": len(data),
        "want": Medium.Want.FILE,
        "state": Medium.State.DONE,
        "done_at": timezone.now(),
        "file": file,
    }
    return Medium.objects.create(
        channel=message.channel, message_id=message.message_id, **{**values, **fields}
    )


def make_files(channel: Channel) -> Medium:
    """A photo that is here, and downloads that go on."""
    photo = Message.objects.filter(channel=channel, kind="photo").order_by("-message_id")[0]
    MediaLine.objects.create(
        channel=channel, state="paused", wanted_files=9, done_files=4, wanted_bytes=90_000,
        done_bytes=41_000, failed_files=1,
    )  # fmt: skip
    return make_medium(photo, jpeg(11, 640, 480))

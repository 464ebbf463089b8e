"""What the channel of files has, and how tests drive its downloads without queues."""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from ingestion import downloads
from ingestion.media import planning
from ingestion.media.wanting import Wish
from ingestion.models import Channel, MediaLine, MediaPolicy, Medium
from ingestion.services import media
from tests.ingestion.world import World

START = 1_750_000_000

#: Message id → what it carries.
CARRIED: dict[int, dict[str, Any]] = {
    1: {"kind": "photo", "width": 800, "height": 600},
    2: {"kind": "video", "size": 3_300_000, "mime": "video/mp4", "width": 1280, "height": 720,
        "duration": 12, "file_name": "long.mp4", "dc": 4},
    3: {"kind": "document", "size": 900, "mime": "text/html", "file_name": "page.html"},
    4: {"kind": "document", "size": 700, "mime": "image/svg+xml", "file_name": "drawing.svg"},
    5: {"kind": "document", "size": 30_000, "mime": "image/jpeg", "file_name": "place.jpg"},
    6: {"kind": "document", "size": 5_000, "mime": "image/png", "file_name": "chart.png"},
    7: {"kind": "animation", "size": 20_000, "mime": "image/gif", "width": 320, "height": 240,
        "duration": 3},
    8: {"kind": "voice", "size": 9_000, "mime": "audio/ogg", "duration": 4},
    9: {"kind": "document", "size": 1_500_000, "mime": "application/pdf",
        "file_name": "report.pdf"},
    10: {"kind": "poll", "title": "Tea?", "options": ["yes", "no"], "votes": [1, 2]},
}  # fmt: skip


def messages() -> list[dict[str, Any]]:
    return [
        {
            "id": n,
            "date": START + n * 86_400,
            "text": f"File {n}",
            "media": {**carried, "id": 500 + n},
        }
        for n, carried in CARRIED.items()
    ] + [{"id": 11, "date": START + 11 * 86_400, "text": "No file"}]


@dataclass
class Library:
    """A workspace with channels of files."""

    world: World

    @property
    def sandbox(self) -> Any:
        return self.world.sandbox

    def archived(self, username: str) -> Channel:
        channel = self.world.add(username)
        self.world.sync(channel)
        return channel

    def want(self, channel: Channel | None, **wish: Any) -> MediaPolicy:
        """Save a policy, and have it decided upon."""
        made = media.save_policy(
            workspace=self.world.workspace,
            channel=channel,
            wish=Wish(**{"mode": "all", **wish}),
            user=None,
        )
        self.plan()
        return made

    def plan(self) -> None:
        for channel_id in media.plans_due():
            assert planning.plan(MediaLine.objects.select_related("channel").get(pk=channel_id))

    def download(self, *, slices: int = 40) -> int:
        """Do every slice that is due; how many there were."""
        for done in range(slices):
            due = media.claim_due()
            if not due:
                return done
            for channel_id, number in due:
                downloads.work_slice(channel_id=channel_id, slice_number=number)
        raise AssertionError(f"Files were left after {slices} slices")

    def download_and_close(self) -> None:
        """The same in a thread of its own."""
        try:
            self.download()
        finally:
            connection.close()

    def fetch(self, channel: Channel, message_id: int) -> Medium:
        """Press “download this one now” and wait for it."""
        media.ask_for(channel=channel, message_id=message_id)
        self.download()
        return self.medium(channel, message_id)

    def medium(self, channel: Channel, message_id: int) -> Medium:
        return Medium.objects.select_related("file", "thumb").get(pk=(channel.pk, message_id, 0))

    def line(self, channel: Channel) -> MediaLine:
        return MediaLine.objects.get(pk=channel.pk)

    def requests(self, since: int, method: str = "upload.getFile") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.sandbox.requests(since, method=method)
        return found


def states(channel: Channel) -> dict[int, str]:
    return dict(Medium.objects.filter(channel=channel).values_list("message_id", "state"))

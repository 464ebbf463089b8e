"""What of a message's medium is stored here, and where a page finds it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import reverse

from dashboard.thumbs import Thumb
from ingestion.models import Medium, Message, StoredFile
from workspaces.access import within
from workspaces.models import Workspace

#: How high a small picture is shown, and between which widths (CSS pixels).
_HEIGHT: Final = 92
_WIDTHS: Final = (46, 184)
_PLAYERS: Final = {"video": "video", "audio": "audio"}

Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shown:
    """A medium with the addresses of what is stored of it; empty ones where it is not."""

    row: Medium

    def _address(self, what: str) -> str:
        row = self.row
        return reverse(f"medium-{what}", args=(row.channel_id, row.message_id, row.slot))

    @property
    def page(self) -> str:
        row = self.row
        return reverse("medium", args=(row.channel_id, row.message_id, row.slot))

    @property
    def file(self) -> StoredFile | None:
        return self.row.file

    @property
    def player(self) -> str:
        """`picture`, `video`, `audio`, or nothing: how the file itself is shown."""
        file = self.row.file
        if file is None or file.problem:
            return ""
        family = file.mime.partition("/")[0]
        if family == "image":
            return "picture" if file.shown else ""
        return _PLAYERS.get(family, "")

    @property
    def preview(self) -> str:
        """A small picture."""
        row = self.row
        if (row.file and row.file.has_preview) or (row.thumb and row.thumb.has_preview):
            return self._address("preview")
        return ""

    @property
    def view(self) -> str:
        """The picture itself, or its copy without EXIF."""
        return self._address("view") if self.player == "picture" else ""

    @property
    def source(self) -> str:
        """The file, for a player."""
        return self._address("file")

    @property
    def download(self) -> str:
        return self._address("file") + "?download=1" if self.row.file else ""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels; 0 where it is not known."""
        row, file = self.row, self.row.file
        width, height = (file.width, file.height) if file else (None, None)
        return width or row.width or 0, height or row.height or 0

    @property
    def thumb(self) -> Thumb | None:
        """The small picture in place of the few pixels that came with the message."""
        address = self.preview
        if not address:
            return None
        width, height = self.size
        ratio = width / height if width and height else 1.0
        return Thumb(address, min(max(round(_HEIGHT * ratio), _WIDTHS[0]), _WIDTHS[1]), _HEIGHT)


def of_messages(workspace: Workspace, messages: Iterable[Message]) -> dict[Key, Shown]:
    """What is listed of the media of these messages, by (channel, message id): one query."""
    keys = [(row.channel_id, row.message_id) for row in messages if row.media_meta]
    if not keys:
        return {}
    rows = within(
        workspace,
        Medium.objects.filter(pk__in=[(*key, 0) for key in keys]).select_related("file", "thumb"),
    )
    return {(row.channel_id, row.message_id): Shown(row) for row in rows}


def of_message(workspace: Workspace, message: Message) -> Shown | None:
    return of_messages(workspace, [message]).get((message.channel_id, message.message_id))


def file_name(medium: Medium) -> str:
    """What its sender called it, made safe for a disk; else what it is."""
    name = medium.name.replace("\\", "/").rpartition("/")[2]
    name = "".join(letter for letter in name if letter.isprintable() and letter not in '<>:"|?*')
    name = name.strip(" .")[:120]
    if name:
        return name
    mime = medium.file.mime if medium.file else medium.mime
    ending = _ENDINGS.get(mime, "bin")
    return f"{medium.kind}-{medium.message_id}.{ending}"


_ENDINGS: Final = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "application/pdf": "pdf",
    "text/plain": "txt",
    "text/html": "html",
    "image/svg+xml": "svg",
    "application/zip": "zip",
}


def messages_with(shown: Sequence[Shown]) -> int:
    """How many of them have their file here."""
    return sum(one.row.file is not None for one in shown)

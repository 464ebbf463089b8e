"""What a channel was called, said of itself and looked like before."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from ingestion.models import Channel, ChannelChange, ChannelPhoto
from workspaces.access import within
from workspaces.models import Workspace

#: Of changes and of earlier photos: who wants more finds them in the database.
MOST = 12

_LABELS = {
    ChannelChange.Field.TITLE: _("Title"),
    ChannelChange.Field.USERNAME: _("Name in links"),
    ChannelChange.Field.ABOUT: _("Description"),
    ChannelChange.Field.PHOTO: _("Photo"),
}


@dataclass(frozen=True, slots=True)
class Was:
    """`before` is what it was until `at`; of a photo `photo` is its id, 0 where it was not kept."""

    field: str
    label: str
    before: str
    at: datetime
    photo: int = 0


@dataclass(frozen=True, slots=True)
class Profile:
    """`photo` is the id of the photo that Telegram shows and that is kept here, else 0."""

    photo: int
    history: list[Was]


def of_channel(workspace: Workspace, channel: Channel) -> Profile:
    """The photo of now, and the newest changes, newest first. Two queries."""
    photos = within(workspace, ChannelPhoto.objects.filter(channel=channel))
    # Addresses hold no sign; Telegram's ids of photos have none either.
    photos = photos.filter(photo_id__gt=0)
    kept = set(photos.order_by("-pk").values_list("photo_id", flat=True)[: MOST + 1])
    changes = within(workspace, ChannelChange.objects.filter(channel=channel)).order_by("-at")
    history = []
    for change in changes[:MOST]:
        field = ChannelChange.Field(change.field)
        photo = 0
        if field == ChannelChange.Field.PHOTO:
            number = int(change.before) if change.before.isdigit() else 0
            photo = number if number in kept else 0
        history.append(Was(field.value, str(_LABELS[field]), change.before, change.at, photo))
    now = channel.photo_id or 0
    return Profile(now if now in kept else 0, history)

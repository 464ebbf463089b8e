"""The stored files of messages: whether more can be stored, and whether what is there is whole."""

from django.utils.translation import gettext as _

from ingestion.errors import IngestionError
from ingestion.media import previews, space, upkeep
from ingestion.models import MediaLine
from tgadmin.doctor.finding import Finding, fail, ok, warn


def media() -> Finding:
    """Room, missing and damaged files, and what is done without ffmpeg."""
    try:
        found, room = upkeep.summary(), space.room()
    except IngestionError as error:
        return fail(str(error), _("See TGADMIN_MEDIA_STORE in docs/configuration.md."))
    broken = found["missing"] + found["damaged"]
    if broken:
        return warn(
            _("%(count)d stored files are missing or damaged") % {"count": broken},
            "python3 manage.py media check --refetch",
        )
    if room.left == 0 and MediaLine.objects.exclude(state=MediaLine.State.IDLE).exists():
        return warn(
            _("Downloads rest: there is no room for more files"),
            _("Make room, or change TGADMIN_MEDIA_QUOTA or TGADMIN_MEDIA_FREE_FLOOR."),
        )
    told = {"size": f"{room.stored / 1e9:,.1f}"}
    text = _("%(size)s GB of files are stored") % told
    if previews.ffmpeg() is None:
        note = _("without ffmpeg, a video has the small picture that Telegram has of it, or none")
        text = f"{text}; {note}"
    return ok(text)

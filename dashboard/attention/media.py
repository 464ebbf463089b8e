"""Downloads that rest: there is no room, or something that only a person can mend."""

from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.attention.problem import Action, Problem
from dashboard.shell import Shell
from ingestion.models import MediaLine
from workspaces.access import within

#: Lines that are told one by one.
MOST: Final = 3
NO_ROOM: Final = ("MEDIA_QUOTA", "MEDIA_DISK_FULL")
SOME: Final = """
EXISTS (SELECT FROM ingestion_medialine line
        JOIN ingestion_channel channel ON channel.id = line.channel_id
        WHERE channel.workspace_id = %(workspace)s AND line.error_code <> '')
"""


def problems(shell: Shell) -> list[Problem]:
    lines = within(shell.workspace, MediaLine.objects.exclude(error_code=""))
    full = lines.filter(state=MediaLine.State.WAITING, error_code__in=NO_ROOM).first()
    paused = lines.filter(state=MediaLine.State.PAUSED).select_related("channel")
    return [*([_no_room(full)] if full else []), *(_paused(line) for line in paused[:MOST])]


def _no_room(line: MediaLine) -> Problem:
    return Problem(
        tone="warn",
        icon="hard-drive",
        before=_("Downloads rest: there is no room"),
        cause=str(line.error),
        safe=_("Messages go on being archived, and every file that is stored stays."),
        next=_("Downloads go on by themselves when there is room."),
        action=Action(_("See what is stored"), reverse("settings-files")),
    )


def _paused(line: MediaLine) -> Problem:
    return Problem(
        tone="warn",
        icon="download",
        before=_("The downloads of %(channel)s have stopped") % {"channel": line.channel.title},
        cause=str(line.error),
        safe=_("What is stored stays."),
        next=_("They wait for you to resume them."),
        action=Action(_("Open its downloads"), reverse("downloads", args=(line.channel_id,))),
    )

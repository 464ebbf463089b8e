"""Pictures, films, sound and files: as a grid, one by one, and as a zip."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from django.db.models import QuerySet
from django.http import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from archive import search
from archive.filters import Filters
from dashboard import finding, kinds, stored, zips
from dashboard.asked import asked, shell_for
from dashboard.guard import Request, signed_in
from dashboard.media import kind_word
from dashboard.shell import page
from dashboard.thumbs import Thumb, thumbnail
from dashboard.views import files
from ingestion.media.wanting import KINDS
from ingestion.models import Medium, Message
from workspaces.access import access_workspace, within
from workspaces.models import Workspace
from workspaces.roles import Permission

LIMIT: Final = 48
#: Milliseconds for which a page of a zip is looked for.
_PATIENCE: Final = 60_000


@dataclass(frozen=True)
class Tile:
    """One medium of the grid."""

    message: Message
    shown: stored.Shown | None

    @property
    def address(self) -> str:
        """Its page, where it is listed; else that of its message."""
        if self.shown:
            return self.shown.page
        return reverse("message", args=(self.message.channel_id, self.message.message_id))

    @property
    def thumb(self) -> Thumb | None:
        if (self.message.media_meta or {}).get("spoiler"):
            return None
        return (self.shown and self.shown.thumb) or thumbnail(self.message.media_meta)

    @property
    def medium(self) -> kinds.Medium | None:
        return kinds.medium_of(self.message.kind, self.message.media_meta)


@signed_in
@require_safe
def gallery(request: Request) -> HttpResponseBase:
    """What a search finds and that carries a file, newest first; filters as for messages."""
    given = asked(request, dict(request.GET.lists()), section="messages")
    shell, filters = given.shell, given.filters
    looked = finding.find(
        shell.workspace, of_media(filters), request.GET.get("cursor") or None, LIMIT
    )
    results = looked.results
    found = stored.of_messages(shell.workspace, results.messages)
    tiles = [
        Tile(message, found.get((message.channel_id, message.message_id)))
        for message in results.messages
    ]
    channel = results.messages[0].channel if len(filters.channels) == 1 and tiles else None
    return page(
        request,
        shell,
        "gallery.html",
        filters=filters,
        complaints=[*given.complaints, *(sentence for _piece, sentence in given.told)],
        tiles=tiles,
        results=results,
        trouble=looked.trouble,
        channel=channel,
        of_channel=filters.channels[0] if len(filters.channels) == 1 else None,
        here=sum(tile.shown is not None and tile.shown.row.file is not None for tile in tiles),
        choices=[(kind, kind_word(kind), kind in filters.kinds) for kind in KINDS],
    )


def of_media(filters: Filters) -> Filters:
    """The same, of kinds that carry a file alone."""
    chosen = tuple(kind for kind in filters.kinds if kind in KINDS)
    return replace(filters, kinds=chosen or KINDS)


@signed_in
@require_safe
def medium(request: Request, pk: int, message_id: int, slot: int) -> HttpResponseBase:
    """One medium, as large as the page, with its neighbours in the channel."""
    row = files.get(request, pk, message_id, slot)
    filters, _ = Filters.parse({"channel": [str(pk)]})
    shell = shell_for(request, filters, section="messages")
    message = Message.objects.filter(pk=(pk, message_id)).defer("tsv").first()
    here = within(shell.workspace, Medium.objects.filter(channel_id=pk, slot=0))
    shown = stored.Shown(row)
    return page(
        request,
        shell,
        "medium.html",
        shown=shown,
        row=row,
        channel=row.channel,
        message=message,
        name=stored.file_name(row),
        kind=kind_word(row.kind),
        thumb=thumbnail(message.media_meta) if message else None,
        older=_page_of(here.filter(message_id__lt=message_id).order_by("-message_id")),
        newer=_page_of(here.filter(message_id__gt=message_id).order_by("message_id")),
    )


def _page_of(rows: QuerySet[Medium]) -> str:
    row = rows.first()
    return stored.Shown(row).page if row else ""


@signed_in
@require_safe
def as_zip(request: Request) -> HttpResponseBase:
    """Every file that is stored of what a search finds, as one zip that is made while it is
    sent.
    """
    given = asked(request, dict(request.GET.lists()), section="messages")
    shell, filters = given.shell, given.filters
    access_workspace(request.user, shell.workspace.pk, Permission.EXPORT)
    wanted = of_media(filters)
    if finding.find(shell.workspace, wanted, None, 1).trouble:
        return redirect(f"{reverse('gallery')}?{filters.query_string()}")  # which says so
    answer = StreamingHttpResponse(
        zips.zipped(_walk(shell.workspace, wanted)), content_type="application/zip"
    )
    answer["Content-Disposition"] = 'attachment; filename="files.zip"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _walk(workspace: Workspace, filters: Filters) -> Callable[[], Iterator[Medium]]:
    """All stored media of a search, page by page, as often as it is called. `TooSlow` breaks the
    download off.
    """

    def walk() -> Iterator[Medium]:
        cursor: str | None = None
        while True:
            with search.limited(_PATIENCE):
                results = search.find(
                    workspace=workspace, filters=filters, cursor=cursor, limit=zips.PAGE
                )
            found = stored.of_messages(workspace, results.messages)
            for message in results.messages:
                shown = found.get((message.channel_id, message.message_id))
                if shown and shown.row.file:
                    shown.row.channel = message.channel
                    yield shown.row
            cursor = results.next_cursor
            if cursor is None:
                return

    return walk

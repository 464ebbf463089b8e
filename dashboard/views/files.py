"""The files of messages, to people who may read the channel."""

from django.http import Http404, HttpResponseBase
from django.views.decorators.http import require_safe

from dashboard import serving
from dashboard.guard import Request, signed_in
from dashboard.stored import file_name
from ingestion.media import store
from ingestion.models import Medium, StoredFile
from workspaces.access import access


def get(request: Request, pk: int, message_id: int, slot: int) -> Medium:
    """The medium, or the answer that its workspace gives to this person."""
    rows = Medium.objects.select_related("channel__workspace", "file", "thumb")
    return access(request.user, rows, channel_id=pk, message_id=message_id, slot=slot)


def _stored(file: StoredFile | None) -> StoredFile:
    if file is None:
        raise Http404
    return file


@signed_in
@require_safe
def file(request: Request, pk: int, message_id: int, slot: int) -> HttpResponseBase:
    """The file as it was sent; `?download=1` never shows it in the page."""
    medium = get(request, pk, message_id, slot)
    found = _stored(medium.file)
    # A picture as it was sent may say where it was taken: it is for those who save it.
    bare = not found.mime.startswith("image/") or found.shown == StoredFile.Shown.ITSELF
    as_download = "download" in request.GET or not bare
    return serving.respond(request, found, name=file_name(medium), as_download=as_download)


@signed_in
@require_safe
def view(request: Request, pk: int, message_id: int, slot: int) -> HttpResponseBase:
    """A picture for showing: without EXIF."""
    medium = get(request, pk, message_id, slot)
    found = _stored(medium.file)
    if found.shown == StoredFile.Shown.VIEW:
        name = f"{file_name(medium)}.webp"
        return serving.respond(request, found, name=name, copy=store.VIEW)
    if found.shown == StoredFile.Shown.ITSELF:
        return serving.respond(request, found, name=file_name(medium))
    raise Http404


@signed_in
@require_safe
def preview(request: Request, pk: int, message_id: int, slot: int) -> HttpResponseBase:
    """A small picture: of the file, else of what Telegram has for it."""
    medium = get(request, pk, message_id, slot)
    for found in (medium.file, medium.thumb):
        if found and found.has_preview:
            name = f"{file_name(medium)}.webp"
            return serving.respond(request, found, name=name, copy=store.PREVIEW)
    raise Http404

"""The pictures that a channel shows, and those that it showed before."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from dashboard.guard import Request, signed_in
from dashboard.views.channel import get
from ingestion.models import ChannelPhoto
from workspaces.access import within

#: Telegram gives every photo an id of its own, so what lies at an address never changes.
_FOR_GOOD = "private, max-age=31536000, immutable"


@signed_in
@require_safe
def photo(request: Request, pk: int, photo_id: int) -> HttpResponseBase:
    channel = get(request, pk)
    photos = within(channel.workspace, ChannelPhoto.objects.filter(channel=channel))
    found = get_object_or_404(photos, photo_id=photo_id)
    return HttpResponse(
        bytes(found.image),
        content_type="image/jpeg",
        headers={"Cache-Control": _FOR_GOOD, "X-Content-Type-Options": "nosniff"},
    )

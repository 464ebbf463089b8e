"""What is new in a live channel since a page was made: asked for every two seconds."""

from typing import Final

from django.http import HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from dashboard import states
from dashboard.guard import STOP_POLLING, Request, signed_in
from dashboard.views.channel import get
from ingestion.models import Channel, Message
from ingestion.services import listening

#: More are not counted.
MOST: Final = 100
_LONGEST: Final = 18


@signed_in
@require_safe
def news(request: Request, pk: int) -> HttpResponseBase:
    """How the channel is followed, and how many messages came after the id `seen`.

    Answers 304 while nothing changed, and 286 when there is nothing to follow any more.
    """
    channel = get(request, pk)
    badge = states.of_live(listening.of([channel])[channel.pk])
    if badge is None:
        return HttpResponse(status=STOP_POLLING)
    typed = request.GET.get("seen", "")
    seen = int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= _LONGEST else 0
    count = _count(channel, seen)
    tag = f'"{badge.icon}-{count}-{get_language()}"'
    if request.headers.get("If-None-Match") == tag:
        answer: HttpResponse = HttpResponseNotModified()
    else:
        context = {"channel": channel, "followed": badge, "news": count}
        answer = render(request, "dashboard/parts/following.html", context)
    answer["ETag"] = tag
    answer["Cache-Control"] = "private, no-cache"
    return answer


def _count(channel: Channel, seen: int) -> int:
    """Along the primary key; the newest id says at once that there is none."""
    if channel.top_id <= seen:
        return 0
    rows = Message.objects.filter(channel=channel, message_id__gt=seen, deleted_at__isnull=True)
    return rows[:MOST].count()

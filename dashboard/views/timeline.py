"""A channel as a conversation, and the short address of a place in it."""

from datetime import date, datetime, time
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from archive import timeline as service
from archive.search import excerpt
from archive.timeline import Stretch
from dashboard import bubbles, whereabouts
from dashboard.guard import Request, is_live, signed_in
from dashboard.keyset import cursor
from dashboard.shell import Shell, page, shell_of
from dashboard.views.channel import get
from ingestion import coverage
from ingestion.models import Channel, ForumTopic, Message, PinnedMessage
from workspaces.access import visible, within

_PINNED: Final = 140


@signed_in
@require_safe
def timeline(request: Request, pk: int) -> HttpResponseBase:
    """`?at=` an id in the midst, `?before=` and `?after=` what lies beyond one, `?from=first`;
    `?go=` and `?day=` lead to an id. `?topic=` keeps to one of a forum's topics.
    """
    channel = get(request, pk)
    shell = shell_of(request, section="channels", workspace_id=channel.workspace_id)
    topic = cursor(request, "topic")
    if (wanted := cursor(request, "go")) is not None:
        return redirect(_place(channel, topic, wanted))
    if text := request.GET.get("day"):
        found = _of_day(channel, topic, text)
        if found is not None:
            return redirect(_place(channel, topic, found))
        messages.warning(request, _("Nothing is archived of that day, and nothing of a later one."))
        return redirect(_address(channel, topic))
    at = cursor(request, "at")
    stretch = _stretch(request, channel, topic, at)
    report = coverage.report(channel)
    context: dict[str, Any] = {
        "channel": channel,
        "stretch": stretch,
        "days": bubbles.days(shell.workspace, stretch, report),
        "group": bubbles.is_group(channel),
        "target": at,
        "topic": topic,
        "base": _address(channel, topic),
        "site": request.build_absolute_uri("/").removesuffix("/"),
    }
    if is_live(request):
        side = "older" if cursor(request, "before") is not None else "newer"
        context |= {"shell": shell, "can": shell.can, "side": side}
        return render(request, "dashboard/parts/timeline_more.html", context)
    if at is not None and not any(one.message_id == at for one in stretch.messages):
        context["lost"] = whereabouts.of(channel, at, report)
        context["lost_before"] = next(
            (one.message_id for one in stretch.messages if one.message_id > at), None
        )
    return page(
        request,
        shell,
        "timeline.html",
        tab="timeline",
        topic_title=_topic_title(shell, channel, topic),
        pinned=_pinned(shell, channel),
        today=timezone.localdate(),
        **context,
    )


@signed_in
@require_safe
def here(request: Request, channel: str, message_id: int) -> HttpResponseBase:
    """`/c/7/123`, or `/c/@name/123`: the timeline around a message, whoever is sent the link."""
    rows = visible(request.user, Channel.objects.all())
    if channel.isascii() and channel.isdigit():
        found = rows.filter(pk=int(channel)).first() if len(channel) < 19 else None
    else:
        found = rows.filter(username__iexact=channel.removeprefix("@")).order_by("pk").first()
    if found is None:
        raise Http404
    return redirect(_place(found, None, message_id))


def _stretch(request: Request, channel: Channel, topic: int | None, at: int | None) -> Stretch:
    if (low := cursor(request, "before")) is not None:
        return service.before(channel=channel, message_id=low, topic=topic)
    if (high := cursor(request, "after")) is not None:
        return service.after(channel=channel, message_id=high, topic=topic)
    if at is not None:
        return service.around(channel=channel, message_id=at, topic=topic)
    if request.GET.get("from") == "first":
        return service.first(channel=channel, topic=topic)
    return service.newest(channel=channel, topic=topic)


def _address(channel: Channel, topic: int | None, **more: object) -> str:
    query = ({"topic": topic} if topic is not None else {}) | more
    address = reverse("timeline", args=(channel.pk,))
    return f"{address}?{urlencode(query)}"


def _place(channel: Channel, topic: int | None, message_id: int) -> str:
    return f"{_address(channel, topic, at=message_id)}#m{message_id}"


def _of_day(channel: Channel, topic: int | None, text: str) -> int | None:
    """The first message of a local day, or of the next on which there was one."""
    try:
        day = date.fromisoformat(text)
        moment = timezone.make_aware(datetime.combine(day, time.min))
    except (ValueError, OverflowError):
        return None
    return service.first_since(channel=channel, moment=moment, topic=topic)


def _topic_title(shell: Shell, channel: Channel, topic: int | None) -> str:
    if topic is None:
        return ""
    rows = within(shell.workspace, ForumTopic.objects.filter(channel=channel, topic_id=topic))
    title = rows.values_list("title", flat=True).first()
    return title or f"#{topic}"


def _pinned(shell: Shell, channel: Channel) -> dict[str, Any] | None:
    """The newest of what is pinned now, as a line."""
    pins = within(shell.workspace, PinnedMessage.objects.filter(channel=channel, unpinned_at=None))
    number = pins.order_by("-message_id").values_list("message_id", flat=True).first()
    if number is None:
        return None
    rows = within(shell.workspace, Message.objects.filter(channel=channel, message_id=number))
    text = rows.values_list("text", flat=True).first()
    return {"id": number, "line": excerpt(" ".join((text or "").split()), "", _PINNED)}

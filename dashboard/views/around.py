"""What stands around a channel's messages: topics, what is pinned, who runs it, what belongs to it."""

from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from archive.search import excerpt
from dashboard import profile, wording
from dashboard.guard import Request, signed_in
from dashboard.keyset import by_key, cursor
from dashboard.shell import Shell, page, shell_of
from dashboard.views.channel import get
from ingestion import tasks
from ingestion.errors import IngestionError
from ingestion.models import (
    Channel,
    ChannelAdmin,
    ChannelReading,
    ForumTopic,
    Message,
    PinnedMessage,
    Sender,
)
from ingestion.services import runs as service
from workspaces.access import within
from workspaces.roles import Permission

_EXCERPT: Final = 200
#: A group has at most 50 administrators and some bots.
_MOST_ADMINS: Final = 200


def _shell(request: Request, channel: Channel) -> Shell:
    return shell_of(request, section="channels", workspace_id=channel.workspace_id)


@signed_in
@require_safe
def topics(request: Request, pk: int) -> HttpResponseBase:
    """A forum's topics, the pinned ones first."""
    channel = get(request, pk)
    shell = _shell(request, channel)
    rows = within(shell.workspace, ForumTopic.objects.filter(channel=channel))
    found = by_key(rows, before=cursor(request, "before"), after=cursor(request, "after"))
    listed = sorted(found.rows, key=lambda topic: (topic.gone_at is not None, not topic.pinned))
    return page(
        request,
        shell,
        "around/topics.html",
        channel=channel,
        found=found,
        topics=[(topic, f"#{topic.icon_color:06x}") for topic in listed],
        tab="topics",
    )


@signed_in
@require_safe
def pinned(request: Request, pk: int) -> HttpResponseBase:
    """What is pinned, or was, newest first."""
    channel = get(request, pk)
    shell = _shell(request, channel)
    rows = within(shell.workspace, PinnedMessage.objects.filter(channel=channel))
    found = by_key(rows, before=cursor(request, "before"), after=cursor(request, "after"))
    numbers = [one.message_id for one in found.rows]
    here = within(shell.workspace, Message.objects.filter(channel=channel, message_id__in=numbers))
    archived = {row.message_id: row for row in here.defer("tsv")}
    listed = [
        (one, archived.get(one.message_id), _line(archived.get(one.message_id)))
        for one in sorted(found.rows, key=lambda one: -one.message_id)
    ]
    return page(
        request,
        shell,
        "around/pinned.html",
        channel=channel,
        found=found,
        pins=listed,
        tab="pinned",
    )


def _line(message: Message | None) -> list[Any]:
    return excerpt(" ".join(message.text.split()), "", _EXCERPT) if message else []


@signed_in
@require_safe
def about(request: Request, pk: int) -> HttpResponseBase:
    """Who runs it, the groups that belong to it, and what it was called."""
    channel = get(request, pk)
    shell = _shell(request, channel)
    reading = within(shell.workspace, ChannelReading.objects.filter(channel=channel)).first()
    admins = within(shell.workspace, ChannelAdmin.objects.filter(channel=channel))
    listed = list(admins.order_by("gone_at", "-creator", "name", "pk")[:_MOST_ADMINS])
    senders = within(
        shell.workspace, Sender.objects.filter(peer_id__in=[one.peer_id for one in listed])
    )
    keys = dict(senders.values_list("peer_id", "pk"))
    return page(
        request,
        shell,
        "around/about.html",
        channel=channel,
        reading=reading,
        admins=[(one, keys.get(one.peer_id)) for one in listed],
        related=_related(shell, channel, reading),
        profile=profile.of_channel(shell.workspace, channel),
        reader=service.account_for(channel),
        tab="about",
    )


def _related(
    shell: Shell, channel: Channel, reading: ChannelReading | None
) -> list[tuple[str, int, Channel | None]]:
    """`(what it is, marked id, our row where it is archived)`."""
    wanted: list[tuple[str, int]] = []
    if reading and reading.linked_peer_id:
        word = _("Group of its comments") if channel.kind == "broadcast" else _("Channel of it")
        wanted.append((word, reading.linked_peer_id))
    if reading and reading.migrated_from:
        wanted.append((_("Was this basic group before"), reading.migrated_from))
    if reading and reading.migrated_to:
        wanted.append((_("Went on as this supergroup"), reading.migrated_to))
        return _with_rows(shell, wanted)
    later = within(
        shell.workspace, ChannelReading.objects.filter(migrated_from=channel.peer_id)
    ).values_list("channel__peer_id", flat=True)
    wanted += [(_("Went on as this supergroup"), peer) for peer in later[:1]]
    return _with_rows(shell, wanted)


def _with_rows(
    shell: Shell, wanted: list[tuple[str, int]]
) -> list[tuple[str, int, Channel | None]]:
    rows = within(
        shell.workspace, Channel.objects.filter(peer_id__in=[peer for _word, peer in wanted])
    )
    known = {row.peer_id: row for row in rows}
    return [(word, peer, known.get(peer)) for word, peer in wanted]


@signed_in
@require_POST
def repair(request: Request, pk: int) -> HttpResponseBase:
    """Ask again for a range of ids."""
    channel = get(request, pk, Permission.SYNC)
    low, high = _number(request.POST.get("low")), _number(request.POST.get("high"))
    try:
        with transaction.atomic():
            run = service.repair(channel=channel, low=low, high=high, user=request.user)
            tasks.enqueue_due()
    except IngestionError as error:
        messages.error(request, str(error))
        return redirect("channel-about", pk)
    said = {"low": wording.number(low), "high": wording.number(high)}
    messages.success(request, _("The ids %(low)s – %(high)s are asked for again.") % said)
    return redirect("run", run.pk)


def _number(text: str | None) -> int:
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0

"""Reading: the list with search, and one message with everything that is known of it."""

import json
import time

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.views.decorators.http import require_safe

from archive import search
from dashboard import entities, media
from dashboard.cards import cards, reactions, visibly_edited
from dashboard.guard import Request, signed_in
from dashboard.keyset import cursor
from dashboard.links import telegram_link
from dashboard.shell import page, shell_of
from ingestion.models import Channel, Message, MessageRaw, MessageRevision, MessageStats
from workspaces.access import access, within

LIMIT = 50
#: Longer questions are no question.
MOST_WORDS = 200


@signed_in
@require_safe
def message_list(request: Request) -> HttpResponseBase:
    """`?q=` words, `?channel=` a channel, `?cursor=` the place in the list."""
    number = cursor(request, "channel")
    channel = access(request.user, Channel.objects.all(), pk=number) if number else None
    shell = shell_of(
        request, section="messages", workspace_id=channel.workspace_id if channel else None
    )
    query = request.GET.get("q", "").strip()[:MOST_WORDS]
    place = request.GET.get("cursor") or None
    began = time.perf_counter()
    if query:
        results = search.find(
            workspace=shell.workspace, query=query, channel=channel, cursor=place, limit=LIMIT
        )
    else:
        results = search.newest(
            workspace=shell.workspace, channel=channel, cursor=place, limit=LIMIT
        )
    took = 1000 * (time.perf_counter() - began)
    channels = within(shell.workspace, Channel.objects.order_by("title", "pk"))
    return page(
        request,
        shell,
        "messages.html",
        query=query,
        channel=channel,
        channels=channels[:200],
        cards=cards(shell.workspace, results, query),
        results=results,
        place=place,
        took=took,
    )


@signed_in
@require_safe
def message_page(request: Request, pk: int, message_id: int) -> HttpResponseBase:
    message = access(
        request.user,
        Message.objects.select_related("channel").defer("tsv"),
        channel_id=pk,
        message_id=message_id,
    )
    shell = shell_of(request, section="messages", workspace_id=message.channel.workspace_id)
    of_message = {"channel_id": pk, "message_id": message_id}
    revisions = within(shell.workspace, MessageRevision.objects.filter(**of_message))
    stats = within(shell.workspace, MessageStats.objects.filter(**of_message)).first()
    raws = within(shell.workspace, MessageRaw.objects.filter(**of_message))
    neighbours = within(shell.workspace, Message.objects.filter(channel_id=pk))
    return page(
        request,
        shell,
        "message.html",
        message=message,
        channel=message.channel,
        html=entities.render(message.text, message.entities),
        medium=media.describe(message.kind, message.media_meta),
        stats=stats,
        reactions=reactions(stats),
        edited=bool(visibly_edited(shell.workspace, [message])),
        revisions=[
            (row, entities.render(row.text, row.entities))
            for row in revisions.defer("raw").order_by("-replaced_at")
        ],
        raws=[(row.source, json.dumps(row.raw, ensure_ascii=False, indent=2)) for row in raws],
        link=telegram_link(message.channel, message.message_id),
        older=_neighbour(neighbours.filter(message_id__lt=message_id).order_by("-message_id")),
        newer=_neighbour(neighbours.filter(message_id__gt=message_id).order_by("message_id")),
    )


def _neighbour(rows: QuerySet[Message]) -> int | None:
    return rows.values_list("message_id", flat=True).first()

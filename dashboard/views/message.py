"""One message, with everything that is known of it."""

import json
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from archive.search import Piece, excerpt
from dashboard import diff, entities, media
from dashboard.cards import reactions, visibly_edited
from dashboard.guard import Request, signed_in
from dashboard.links import telegram_link, telegram_peer_link
from dashboard.rawtree import tree
from dashboard.shell import Shell, page, shell_of
from dashboard.thumbs import Thumb, thumbnail
from ingestion.models import Channel, Message, MessageRaw, MessageRevision, MessageStats
from workspaces.access import access, within

#: Versions whose changes are shown, newest first.
MOST_REVISIONS: Final = 20
#: An album has at most 10 messages, posted at once.
_ALBUM_REACH: Final = 10
_QUOTED: Final = 160


@dataclass(frozen=True)
class Version:
    """An earlier version, and what the one after it changed."""

    row: MessageRevision
    changes: list[diff.Piece]
    html: SafeString
    medium: tuple[str, str] | None
    medium_changed: bool


@dataclass(frozen=True)
class Origin:
    """Where a message was forwarded from: a name or an id, and its address where it has one."""

    name: str
    address: str
    inside: bool


@dataclass(frozen=True)
class Neighbour:
    """Another message, as a line that leads to it."""

    message: Message
    line: list[Piece]
    medium: tuple[str, str] | None
    thumb: Thumb | None


@signed_in
@require_safe
def message_page(request: Request, pk: int, message_id: int) -> HttpResponseBase:
    message = _get(request, pk, message_id)
    shell = shell_of(request, section="messages", workspace_id=message.channel.workspace_id)
    of_message = {"channel_id": pk, "message_id": message_id}
    stats = within(shell.workspace, MessageStats.objects.filter(**of_message)).first()
    raws = within(shell.workspace, MessageRaw.objects.filter(**of_message))
    here = within(shell.workspace, Message.objects.filter(channel_id=pk))
    return page(
        request,
        shell,
        "message.html",
        message=message,
        channel=message.channel,
        html=entities.render(message.text, message.entities),
        medium=media.describe(message.kind, message.media_meta),
        thumb=thumbnail(message.media_meta),
        stats=stats,
        reactions=reactions(stats),
        edited=bool(visibly_edited(shell.workspace, [message])),
        versions=_versions(shell, message),
        origin=_origin(shell, message),
        answered=_answered(here, message),
        album=_album(here, message),
        raws=[(row.source, tree(row.raw, row.source), _json(row.raw)) for row in raws],
        kind=media.kind_word(message.kind),
        # A checklist's; `media_meta.items` would be the dictionary's own in a template.
        tasks=(message.media_meta or {}).get("items") if message.kind == "todo" else None,
        here=request.build_absolute_uri(request.path),
        link=telegram_link(message.channel, message.message_id),
        older=_key(here.filter(message_id__lt=message_id).order_by("-message_id")),
        newer=_key(here.filter(message_id__gt=message_id).order_by("message_id")),
    )


@signed_in
@require_safe
def message_raw(request: Request, pk: int, message_id: int) -> HttpResponseBase:
    """The raw records as a file: `{source: record}`."""
    message = _get(request, pk, message_id)
    raws = within(
        message.channel.workspace,
        MessageRaw.objects.filter(channel_id=pk, message_id=message_id),
    )
    answer = HttpResponse(
        _json({row.source: row.raw for row in raws}), content_type="application/json"
    )
    name = f"message-{pk}-{message_id}.json"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _get(request: Request, pk: int, message_id: int) -> Message:
    return access(
        request.user,
        Message.objects.select_related("channel__workspace").defer("tsv"),
        channel_id=pk,
        message_id=message_id,
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _key(rows: QuerySet[Message]) -> int | None:
    return rows.values_list("message_id", flat=True).first()


def _versions(shell: Shell, message: Message) -> list[Version]:
    rows = within(
        shell.workspace,
        MessageRevision.objects.filter(
            channel_id=message.channel_id, message_id=message.message_id
        ),
    )
    found = []
    after: Message | MessageRevision = message
    for row in rows.defer("raw").order_by("-replaced_at")[:MOST_REVISIONS]:
        medium = media.describe(row.kind, row.media_meta)
        found.append(
            Version(
                row=row,
                changes=diff.words(row.text, after.text) if row.text != after.text else [],
                html=entities.render(row.text, row.entities),
                medium=medium,
                medium_changed=(row.kind, row.media_meta) != (after.kind, after.media_meta),
            )
        )
        after = row
    return found


def _origin(shell: Shell, message: Message) -> Origin | None:
    forward = message.forward
    if not forward:
        return None
    peer, post = str(forward.get("from_id") or ""), forward.get("channel_post")
    name = str(forward.get("from_name") or "")
    if peer.startswith("-") and peer[1:].isdigit():
        rows = within(shell.workspace, Channel.objects.filter(peer_id=int(peer)))
        known = rows.first()
        if (
            known
            and post
            and within(shell.workspace, Message.objects.filter(pk=(known.pk, post))).exists()
        ):
            return Origin(known.title, reverse("message", args=(known.pk, post)), inside=True)
        if known:
            return Origin(known.title, telegram_link(known, post), inside=False)
        return Origin(name or peer, telegram_peer_link(int(peer), post), inside=False)
    return Origin(name or peer, "", inside=False)


def _answered(here: QuerySet[Message], message: Message) -> Neighbour | None:
    """The message that this one answers, when it is archived."""
    reply = message.reply_to or {}
    number, peer = reply.get("message_id"), reply.get("peer_id")
    if not isinstance(number, int) or (peer and peer != str(message.channel.peer_id)):
        return None
    found = here.filter(message_id=number).defer("tsv").first()
    return _neighbour(found) if found else None


def _album(here: QuerySet[Message], message: Message) -> list[Neighbour]:
    """The other messages of an album, in its order."""
    if message.grouped_id is None:
        return []
    near = (message.message_id - _ALBUM_REACH, message.message_id + _ALBUM_REACH)
    rows = here.filter(message_id__range=near, grouped_id=message.grouped_id)
    rows = rows.exclude(message_id=message.message_id).defer("tsv").order_by("message_id")
    return [_neighbour(row) for row in rows]


def _neighbour(message: Message) -> Neighbour:
    return Neighbour(
        message,
        excerpt(" ".join(message.text.split()), "", _QUOTED),
        media.describe(message.kind, message.media_meta),
        thumbnail(message.media_meta),
    )

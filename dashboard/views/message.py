"""One message, with everything that is known of it."""

import json
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from archive.search import Piece, excerpt
from dashboard import curve, diff, discussion, entities, kinds, media, stored
from dashboard.cards import Item, reactions, visibly_edited, with_preview
from dashboard.guard import Request, signed_in
from dashboard.kinds import people
from dashboard.links import telegram_link
from dashboard.names import names_of
from dashboard.provenance import elsewhere_of, origin_of, part_of, quote_of
from dashboard.rawtree import tree
from dashboard.service import Names
from dashboard.shell import Shell, page, shell_of
from dashboard.thumbs import Thumb, thumbnail
from ingestion.media.wanting import described
from ingestion.models import Message, MessageRaw, MessageRevision, MessageStats, Sender
from workspaces.access import access, within

#: Versions whose changes are shown, newest first.
MOST_REVISIONS: Final = 20
#: An album has at most 10 messages, posted at once; in a group, others may write in between.
_ALBUM_REACH: Final = 20
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
    names = names_of(shell.workspace, people.named(message, stats))
    attached = stats.attached if stats else None
    listed = stored.of_message(shell.workspace, message)
    here = within(shell.workspace, Message.objects.filter(channel_id=pk))
    return page(
        request,
        shell,
        "message.html",
        message=message,
        channel=message.channel,
        html=entities.render(message.text, message.entities),
        sentence=_sentence(message, names),
        carried=with_preview(
            kinds.medium_of(message.kind, message.media_meta, attached, names), listed
        ),
        stored=listed,
        fetchable=bool(listed) or described(message.kind, message.media_meta) is not None,
        hanging=kinds.hanging_of(attached, names),
        stats=stats,
        reactions=reactions(stats),
        edited=bool(visibly_edited(shell.workspace, [message])),
        versions=_versions(shell, message),
        curve=curve.of_message(shell.workspace, message, stats, timezone.now()),
        sender=_sender(shell, message),
        discussion=discussion.of_message(shell.workspace, message),
        origin=origin_of(shell.workspace, message, names),
        answered=_answered(here, message),
        elsewhere=elsewhere_of(shell.workspace, message, names),
        quote=quote_of(message),
        answered_part=part_of(here, message),
        album=_album(here, message),
        raws=[(row.source, tree(row.raw, row.source), _json(row.raw)) for row in raws],
        kind=media.word_of(message.kind, message.media_meta or {}),
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


def _sentence(message: Message, names: Names) -> str:
    """What a service message says; empty for others."""
    if message.kind != "service":
        return ""
    described = media.describe(message.kind, message.media_meta, people.who(message, names), names)
    return described[1] if described else ""


def _sender(shell: Shell, message: Message) -> Sender | None:
    """Who wrote it, where that is known."""
    text = message.sender_id
    if len(text) > 19 or not text.removeprefix("-").isdecimal():
        return None
    return within(shell.workspace, Sender.objects.filter(peer_id=int(text))).first()


def _answered(here: QuerySet[Message], message: Message) -> Neighbour | None:
    """The message that this one answers, when it is archived."""
    reply = message.reply_to or {}
    number, peer = reply.get("message_id"), reply.get("peer_id")
    if not isinstance(number, int) or (peer and peer != str(message.channel.peer_id)):
        return None
    found = here.filter(message_id=number).defer("tsv").first()
    return _neighbour(found) if found else None


def _album(here: QuerySet[Message], message: Message) -> list[Item]:
    """All of an album, in its order; nothing where the message stands alone."""
    if message.grouped_id is None:
        return []
    near = (message.message_id - _ALBUM_REACH, message.message_id + _ALBUM_REACH)
    rows = here.filter(message_id__range=near, grouped_id=message.grouped_id)
    found = [
        Item(row, here=row.message_id == message.message_id)
        for row in rows.defer("tsv").order_by("message_id")
    ]
    return found if len(found) > 1 else []


def _neighbour(message: Message) -> Neighbour:
    return Neighbour(
        message,
        excerpt(" ".join(message.text.split()), "", _QUOTED),
        media.describe(message.kind, message.media_meta),
        thumbnail(message.media_meta),
    )

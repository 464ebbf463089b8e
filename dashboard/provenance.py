"""Where a message comes from, and what of another place it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dashboard import entities, media, wording
from dashboard.kinds import people
from dashboard.links import telegram_link, telegram_peer_link
from dashboard.service import Names, name_of
from ingestion.models import Channel, Message
from workspaces.access import within
from workspaces.models import Workspace


@dataclass(frozen=True)
class Origin:
    """Where a message was forwarded from: a name or an id, and its address where it has one."""

    name: str
    address: str
    inside: bool
    #: What else is told of it: imported, saved from elsewhere, promoted.
    notes: list[str]


@dataclass(frozen=True)
class Elsewhere:
    """Another chat's message: whose it is, where it is, and what it carries."""

    name: str
    address: str
    medium: tuple[str, str] | None


def origin_of(workspace: Workspace, message: Message, names: Names) -> Origin | None:
    forward = message.forward
    if not forward:
        return None
    peer, post = str(forward.get("from_id") or ""), forward.get("channel_post")
    name = people.origin(forward, names)
    notes = _origin_notes(forward, names)
    if peer.startswith("-") and peer[1:].isdigit():
        rows = within(workspace, Channel.objects.filter(peer_id=int(peer)))
        known = rows.first()
        if (
            known
            and post
            and within(workspace, Message.objects.filter(pk=(known.pk, post))).exists()
        ):
            address = reverse("message", args=(known.pk, post))
            return Origin(known.title, address, inside=True, notes=notes)
        if known:
            return Origin(known.title, telegram_link(known, post), inside=False, notes=notes)
        link = telegram_peer_link(int(peer), post)
        return Origin(name or peer, link, inside=False, notes=notes)
    return Origin(name or peer, "", inside=False, notes=notes)


def _origin_notes(forward: Mapping[str, Any], names: Names) -> list[str]:
    """See https://core.telegram.org/constructor/messageFwdHeader."""
    found = []
    if forward.get("date"):
        when = wording.exact(datetime.fromisoformat(str(forward["date"])))
        found.append(_("posted there on %(when)s") % {"when": when})
    if forward.get("imported"):
        found.append(_("imported from another app"))
    if forward.get("psa_type"):
        found.append(_("shown as a public announcement"))
    if forward.get("saved_from_name") or forward.get("saved_from_peer"):
        saved = str(forward.get("saved_from_name") or "")
        saved = saved or name_of(str(forward["saved_from_peer"]), names)
        found.append(_("saved from %(name)s") % {"name": saved})
    if not forward.get("from_id") and forward.get("from_name") and not forward.get("imported"):
        found.append(_("its author hides who they are"))
    return found


def quote_of(message: Message) -> SafeString | None:
    """What of the answered message is quoted, as it was formatted."""
    reply = message.reply_to or {}
    quoted = reply.get("quote_text")
    return entities.render(quoted, reply.get("quote_entities") or ()) if quoted else None


def elsewhere_of(workspace: Workspace, message: Message, names: Names) -> Elsewhere | None:
    """The message of another chat that this one answers, as far as its header tells."""
    reply = message.reply_to or {}
    origin, peer = reply.get("from"), str(reply.get("peer_id") or "")
    if peer in {"", str(message.channel.peer_id)} and not origin:
        return None
    medium = reply.get("media")
    described = media.describe(str(medium.get("type")), medium) if medium else None
    peer = peer or str((origin or {}).get("from_id") or "")
    known = None
    if peer.startswith("-") and peer[1:].isdigit():
        rows = within(workspace, Channel.objects.filter(peer_id=int(peer)))
        known = rows.first()
    name = known.title if known else people.origin(origin, names) or names.get(peer) or peer
    address = ""
    if known:
        address = telegram_link(known, reply.get("message_id"))
    elif peer.startswith("-") and peer[1:].isdigit():
        address = telegram_peer_link(int(peer), reply.get("message_id"))
    return Elsewhere(name or _("a chat that is not named"), address, described)


def part_of(here: QuerySet[Message], message: Message) -> str:
    """Of a checklist or a poll that is answered: the task, or the answer, that is meant."""
    reply = message.reply_to or {}
    task, option = reply.get("todo_item_id"), reply.get("poll_option")
    if task is None and option is None:
        return ""
    answered = reply.get("message_id") or 0
    found = here.filter(message_id=answered).only("channel", "media_meta").first()
    meta = (found.media_meta if found else None) or {}
    if task is not None:
        items = meta.get("items")
        items = items if isinstance(items, list) else []
        text = next((item["text"] for item in items if item.get("id") == task), f"#{task}")
        return _("about the task “%(text)s”") % {"text": text}
    answers = meta.get("answers") or ()
    text = next((one["text"] for one in answers if one.get("option") == option), "")
    return _("about the answer “%(text)s”") % {"text": text} if text else ""

"""Whom a message names, so that their names are fetched at once, and what they are called."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from dashboard.service import Names, people_in
from ingestion.models import Message, MessageStats


def named(message: Message, stats: MessageStats | None) -> Iterator[str]:
    """Marked ids."""
    meta = message.media_meta or {}
    if message.kind == "service":
        yield from people_in(meta)
        if not message.author:
            yield message.sender_id
    forward = message.forward or {}
    yield from (str(forward[one]) for one in ("from_id", "saved_from_peer") if forward.get(one))
    if message.kind == "giveaway":
        yield from map(str, meta.get("channels") or ())
        yield from map(str, meta.get("winners") or ())
        yield str(meta.get("channel") or "")
    if message.kind == "story":
        yield str(meta.get("peer_id") or "")
    attached = (stats.attached if stats else None) or {}
    yield str(attached.get("via_bot") or "")
    yield from (str(one.get("by")) for one in (attached.get("todo") or {}).get("done") or ())


def who(message: Message, names: Names) -> str:
    """Who did what a service message tells: the channel itself where nobody else is named."""
    if message.author:
        return message.author
    sender = message.sender_id
    if not sender or sender == str(message.channel.peer_id):
        return message.channel.title
    return names.get(sender) or str(_("Somebody"))


def origin(forward: Mapping[str, Any] | None, names: Names) -> str:
    """Whom a message was forwarded from; empty where that is not told."""
    if not forward:
        return ""
    return names.get(str(forward.get("from_id") or "")) or str(forward.get("from_name") or "")

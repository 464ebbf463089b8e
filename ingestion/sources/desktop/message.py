"""One message of Telegram Desktop's JSON, mapped."""

from datetime import UTC, datetime, tzinfo
from typing import Any

from ingestion.records import MessageRecord
from ingestion.sources.desktop.actions import map_action
from ingestion.sources.desktop.media import map_media
from ingestion.sources.desktop.peers import peer_text
from ingestion.sources.unmappable import unmappable
from ingestion.sources.words import clean, links_of, read_text

#: A message that was never edited has an edit date in 1970 in files of some years.
_NEVER = 86_400


def map_message(raw: dict[str, Any], *, own_id: str, zone: tzinfo = UTC) -> MessageRecord:
    """`own_id` is the channel's marked id; `zone` is where a date without an offset was written.

    Raises `DataError`, and nothing else, for what cannot be read.
    """
    try:
        return _map(raw, own_id, zone)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError, OSError) as error:
        raise unmappable(error) from error


def _map(raw: dict[str, Any], own_id: str, zone: tzinfo) -> MessageRecord:
    text, entities = read_text(raw.get("text") or "", raw.get("text_entities"))
    links, hashtags = links_of(text, entities) if entities else ([], [])
    topic: int | None = None
    meta: dict[str, Any] | None
    if raw["type"] == "service":
        action = map_action(raw)
        kind, meta = "service", action
        sender, author = raw.get("actor_id"), raw.get("actor")
        if action["action"] == "topic_create":
            topic = raw["id"]
    elif raw["type"] == "message":
        kind, meta = map_media(raw)
        sender, author = raw.get("from_id"), raw.get("from")
    else:
        kind, meta = "unknown", {"type": "unknown"}
        sender, author = raw.get("from_id"), raw.get("from")
    sender_id = peer_text(sender)
    if sender_id == own_id:  # the channel itself
        sender_id, author = "", None
    return MessageRecord(
        message_id=raw["id"],
        date=_moment(raw, "date", zone),
        edit_date=_edited(raw, zone),
        sender_id=sender_id,
        author=clean(raw.get("author") or author),
        text=text,
        entities=entities,
        kind=kind,
        media_meta=meta,
        reply_to=_reply(raw),
        forward=_forward(raw),
        grouped_id=None,
        topic_id=topic,
        links=links,
        hashtags=hashtags,
        views=None,
        forwards=None,
        replies=None,
        reactions=_reactions(raw),
        raw=raw,
        attached=_poll(raw),
    )


def _poll(raw: dict[str, Any]) -> dict[str, Any] | None:
    """How a poll went, by the words of its answers: in this format they have no other key."""
    poll = raw.get("poll")
    if not poll:
        return None
    votes: dict[str, Any] = {"closed": True} if poll.get("closed") else {}
    if poll.get("total_voters") is not None:
        votes["total"] = poll["total_voters"]
    counted = [
        {"text": clean(answer.get("text")), "voters": answer["voters"]}
        for answer in poll.get("answers") or ()
        if isinstance(answer.get("voters"), int)
    ]
    if counted:
        votes["answers"] = counted
    return {"poll": votes} if votes else None


def _moment(raw: dict[str, Any], field: str, zone: tzinfo) -> datetime:
    """Seconds since 1970 where they are written; else the local time of whoever exported."""
    seconds = raw.get(f"{field}_unixtime")
    if seconds is not None:
        return datetime.fromtimestamp(int(seconds), UTC)
    moment = datetime.fromisoformat(raw[field])
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC)


def _edited(raw: dict[str, Any], zone: tzinfo) -> datetime | None:
    if not raw.get("edited"):
        return None
    moment = _moment(raw, "edited", zone)
    return moment if moment.timestamp() > _NEVER else None


def _reply(raw: dict[str, Any]) -> dict[str, Any] | None:
    answered = raw.get("reply_to_message_id")
    if raw["type"] == "service":
        answered = answered or raw.get("message_id")
    if not answered:
        return None
    reply: dict[str, Any] = {"message_id": answered}
    if peer := peer_text(raw.get("reply_to_peer_id")):
        reply["peer_id"] = peer
    return reply


def _forward(raw: dict[str, Any]) -> dict[str, Any] | None:
    """The name is null where the account it came from is gone."""
    if "forwarded_from" not in raw and "forwarded_from_id" not in raw:
        return None
    forward: dict[str, Any] = {}
    if origin := peer_text(raw.get("forwarded_from_id")):
        forward["from_id"] = origin
    if raw.get("forwarded_from"):
        forward["from_name"] = clean(raw["forwarded_from"])
    return forward


def _reactions(raw: dict[str, Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for item in raw.get("reactions") or ():
        kind = item.get("type")
        if kind == "custom_emoji":
            document = clean(item.get("document_id"))
            name = f"custom:{document}" if document.isdecimal() else "custom:"
        else:
            name = "paid" if kind == "paid" else clean(item.get("emoji"))
        found[name] = found.get(name, 0) + int(item.get("count") or 0)
    return found

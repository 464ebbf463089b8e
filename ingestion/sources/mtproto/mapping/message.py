"""Messages (https://core.telegram.org/type/Message)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from ingestion.errors import DataError
from ingestion.records import MessageRecord
from ingestion.sources.mtproto.mapping.actions import map_action
from ingestion.sources.mtproto.mapping.attached import map_attached
from ingestion.sources.mtproto.mapping.entities import map_entities
from ingestion.sources.mtproto.mapping.headers import map_forward, map_reactions, map_reply
from ingestion.sources.mtproto.mapping.media import map_media
from ingestion.sources.mtproto.mapping.rich import rich_text
from ingestion.sources.mtproto.mapping.values import (
    TLDict,
    as_datetime,
    as_optional_datetime,
    clean,
    peer_text,
)

#: The fields that are read; the rest is in `kept_raw`.
FIELDS: Final = (
    "id", "date", "edit_date", "edit_hide", "from_id", "post_author", "message", "rich_message",
    "entities", "media", "action", "reply_to", "fwd_from", "grouped_id", "views", "forwards",
    "replies", "reactions", "reply_markup", "via_bot_id", "via_business_bot_id", "effect",
    "ttl_period", "paid_message_stars", "from_boosts_applied", "factcheck", "restriction_reason",
)  # fmt: skip

_NO_NAMES: Final[Mapping[str, str]] = MappingProxyType({})


def map_message(raw: TLDict, *, names: Mapping[str, str] = _NO_NAMES) -> MessageRecord:
    """One message; `names` are display names by marked id.

    Raises DataError, and nothing else, when it cannot be mapped. A constructor that is not
    known here is mapped to kind "unknown": it needs no more than an id and a date.
    """
    try:
        return _map(raw, names)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        what = raw.get("_", "record") if isinstance(raw, Mapping) else "record"
        raise DataError(
            "UNMAPPABLE",
            "A %(what)s could not be read: %(kind)s: %(error)s.",
            "It is kept as it came and can be read again after an update.",
            what=what,
            kind=type(error).__name__,
            error=error,
        ) from error


def _map(raw: TLDict, names: Mapping[str, str]) -> MessageRecord:
    message_id: int = raw["id"]
    if raw["_"] == "MessageEmpty":
        raise ValueError("there is no message with this id")
    text = clean(raw.get("message"))
    entities: list[dict[str, Any]] = []
    links: list[str] = []
    hashtags: list[str] = []
    if raw.get("entities"):
        entities, links, hashtags = map_entities(raw["entities"], text)
    reply, topic_id = map_reply(raw)
    kind, media_meta = _content(raw)
    if not text and raw.get("rich_message"):
        text = rich_text(raw["rich_message"])
    if kind == "service" and media_meta and media_meta["action"] == "topic_create":
        topic_id = message_id  # a topic's id is that of the message that made it
    sender_id = peer_text(raw.get("from_id"))
    replies = raw.get("replies")
    return MessageRecord(
        message_id=message_id,
        date=as_datetime(raw["date"]),
        edit_date=as_optional_datetime(raw.get("edit_date")),
        sender_id=sender_id,
        author=clean(raw.get("post_author")) or names.get(sender_id, ""),
        text=text,
        entities=entities,
        kind=kind,
        media_meta=media_meta,
        reply_to=reply,
        forward=map_forward(raw.get("fwd_from")),
        grouped_id=raw.get("grouped_id"),
        topic_id=topic_id,
        links=links,
        hashtags=hashtags,
        views=raw.get("views"),
        forwards=raw.get("forwards"),
        replies=replies["replies"] if replies else None,
        reactions=map_reactions(raw.get("reactions")),
        raw=raw,
        edit_hidden=bool(raw.get("edit_hide")),
        attached=map_attached(raw),
    )


def _content(raw: TLDict) -> tuple[str, dict[str, Any] | None]:
    name = raw["_"]
    if name == "Message":
        media = raw.get("media")
        return map_media(media) if media else ("text", None)
    if name == "MessageService":
        return "service", map_action(raw["action"])
    return "unknown", {"type": "unknown", "tl": name}

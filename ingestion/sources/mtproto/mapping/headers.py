"""What surrounds a message: reply and forward headers, reactions."""

from collections.abc import Mapping
from typing import Any, Final

from ingestion.sources.mtproto.mapping.entities import map_entities
from ingestion.sources.mtproto.mapping.media import map_media
from ingestion.sources.mtproto.mapping.values import (
    TLDict,
    as_base64,
    as_iso,
    channel_mark,
    clean,
    peer_text,
)

_NO_REACTIONS: Final[Mapping[str, int]] = {}


#: The fields that are read; the rest is in `kept_raw`.
REPLY_FIELDS: Final = (
    "reply_to_msg_id",
    "reply_to_peer_id",
    "reply_to_top_id",
    "reply_from",
    "reply_media",
    "quote_text",
    "quote_entities",
    "quote_offset",
    "todo_item_id",
    "poll_option",
    "peer",
    "story_id",
)
FORWARD_FIELDS: Final = (
    "date",
    "imported",
    "from_id",
    "from_name",
    "channel_post",
    "post_author",
    "saved_from_peer",
    "saved_from_msg_id",
    "saved_from_id",
    "saved_from_name",
    "saved_date",
    "psa_type",
)


def map_reply(raw: TLDict) -> tuple[dict[str, Any] | None, int | None]:
    """What the message answers, and the forum topic that it is in.

    In a forum each message names its topic in the reply header, whether or not it answers
    anything (https://core.telegram.org/api/forum): a header that names nothing but the topic is
    no reply.
    """
    header = raw.get("reply_to")
    if not header:
        # Layers before 2021 have the bare id only.
        old = raw.get("reply_to_msg_id")
        return ({"message_id": old} if old else None), None
    if header["_"] == "MessageReplyStoryHeader":
        peer = header.get("peer")
        sender = peer_text(peer) if peer else str(header.get("user_id", ""))
        return {"peer_id": sender, "story_id": header["story_id"]}, None
    answered = header.get("reply_to_msg_id")
    top = header.get("reply_to_top_id")
    topic = None
    if header.get("forum_topic"):
        topic = top or answered
        if top is None and not header.get("quote_text"):
            return None, topic
    reply = {
        "message_id": answered,
        "peer_id": peer_text(header.get("reply_to_peer_id")),
        "top_id": top,
        "quote_text": clean(header.get("quote_text")),
        "quote_offset": header.get("quote_offset"),
        "todo_item_id": header.get("todo_item_id"),
    }
    if header.get("quote_entities"):
        reply["quote_entities"] = map_entities(header["quote_entities"], reply["quote_text"])[0]
    if header.get("poll_option"):
        reply["poll_option"] = as_base64(header["poll_option"])
    if header.get("reply_media"):  # of a message that the reader cannot open
        reply["media"] = map_media(header["reply_media"])[1]
    if header.get("reply_from"):
        reply["from"] = map_forward(header["reply_from"])
    reply = _present(reply)
    return (reply or None), topic


def map_forward(header: TLDict | None) -> dict[str, Any] | None:
    """Where the message came from (https://core.telegram.org/constructor/messageFwdHeader)."""
    if not header:
        return None
    origin = peer_text(header.get("from_id"))
    if header.get("channel_id"):  # layers before 2021: beside from_id, a bare user id
        origin = str(channel_mark(header["channel_id"]))
    return _present(
        {
            "from_id": origin,
            "from_name": clean(header.get("from_name")),
            "channel_post": header.get("channel_post"),
            "date": as_iso(header.get("date")),
            "post_author": clean(header.get("post_author")),
            "saved_from_peer": peer_text(header.get("saved_from_peer")),
            "saved_from_msg_id": header.get("saved_from_msg_id"),
            "saved_from_id": peer_text(header.get("saved_from_id")),
            "saved_from_name": clean(header.get("saved_from_name")),
            "saved_date": as_iso(header.get("saved_date")),
            "imported": header.get("imported"),
            "psa_type": clean(header.get("psa_type")),
        }
    )


def map_reactions(reactions: TLDict | None) -> Mapping[str, int]:
    """`{emoji or "custom:<id>" or "paid": count}`."""
    if not reactions:
        return _NO_REACTIONS
    return {_reaction(item["reaction"]): item["count"] for item in reactions["results"]}


#: Constructor → how it is written; of these, `emoticon` and `document_id` stand for themselves.
REACTIONS: Final = {
    "ReactionEmoji": "emoji",
    "ReactionCustomEmoji": "custom",
    "ReactionPaid": "paid",
}


def _reaction(reaction: Any) -> str:
    if isinstance(reaction, str):  # layers before 2022
        return clean(reaction)
    if "emoticon" in reaction:
        return clean(reaction["emoticon"])
    if "document_id" in reaction:
        return f"custom:{reaction['document_id']}"
    return REACTIONS.get(reaction["_"], "unknown")


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    """Without the fields that say nothing (an offset of 0 says something)."""
    return {key: value for key, value in fields.items() if value or type(value) is int}

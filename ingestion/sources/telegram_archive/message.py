"""One row of Telegram-Archive's `messages`, mapped with what belongs to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from ingestion.records import MessageRecord
from ingestion.sources.bounds import moment
from ingestion.sources.markdown import read_markdown
from ingestion.sources.unmappable import unmappable
from ingestion.sources.words import clean, links_of

Row = Mapping[str, Any]

#: Its types of media → kinds, where they differ.
_KINDS: Final = {
    "video_note": "round_video",
    "gif": "animation",
    "location": "geo",
    "webpage": "text",
}
_FIELDS: Final = (
    ("file_name", "file_name"),
    ("mime_type", "mime"),
    ("file_size", "size"),
    ("width", "width"),
    ("height", "height"),
    ("duration", "duration"),
)


@dataclass(frozen=True)
class Around:
    """Rows of other tables, by message id."""

    media: Mapping[int, list[Row]]
    reactions: Mapping[int, list[Row]]


def map_row(row: Row, around: Around, *, own_id: int) -> MessageRecord:
    """Raises `DataError`, and nothing else, for what cannot be read."""
    try:
        return _map(row, around, own_id)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise unmappable(error) from error


def _map(row: Row, around: Around, own_id: int) -> MessageRecord:
    number: int = row["id"]
    raw = orjson.loads(row["raw_data"]) if row.get("raw_data") else {}
    media = around.media.get(number, [])
    reactions = around.reactions.get(number, [])
    text, entities = read_markdown(row["text"] or "")
    kind, meta = _content(raw, media)
    if kind == "service":
        text, entities = "", []  # a sentence that it made itself
    links, hashtags = links_of(text, entities) if entities else ([], [])
    sender = row.get("sender_id")
    edited = row.get("edit_date")
    answered, top = row.get("reply_to_msg_id"), row.get("reply_to_top_id")
    return MessageRecord(
        message_id=number,
        date=moment(row["date"]),
        edit_date=moment(edited) if edited else None,
        sender_id=str(sender) if sender and sender != own_id else "",
        author=clean(raw.get("post_author") or row.get("sender_name")),
        text=text,
        entities=entities,
        kind=kind,
        media_meta=meta,
        reply_to={"message_id": answered} if answered else None,
        forward=_forward(row, raw),
        grouped_id=int(raw["grouped_id"]) if raw.get("grouped_id") else None,
        topic_id=top or None,
        links=links,
        hashtags=hashtags,
        views=None,
        forwards=None,
        replies=None,
        reactions=_reactions(reactions),
        raw={"message": dict(row), "media": [dict(one) for one in media]},
        attached=_votes(raw.get("poll")),
    )


def _content(raw: Row, media: list[Row]) -> tuple[str, dict[str, Any] | None]:
    if raw.get("service_type") == "service":
        action: dict[str, Any] = {"type": "service", "action": raw.get("action_type") or "unknown"}
        if raw.get("new_title"):
            action["title"] = clean(raw["new_title"])
        return "service", action
    poll = raw.get("poll")
    if poll:
        kind = "quiz" if poll.get("quiz") else "poll"
        return kind, {
            "type": kind,
            "id": str(poll.get("id") or ""),
            "question": clean(poll.get("question")),
            "answers": [
                {"text": clean(one.get("text")), "option": one.get("option")}
                for one in poll.get("answers") or ()
            ],
            "multiple_choice": bool(poll.get("multiple_choice")),
            "public_voters": bool(poll.get("public_voters")),
        }
    if not media:
        return "text", None
    kind = _KINDS.get(media[0].get("type") or "", media[0].get("type") or "document")
    meta = {ours: media[0][name] for name, ours in _FIELDS if media[0].get(name)}
    return kind, {"type": kind, **meta}


def _votes(poll: Row | None) -> dict[str, Any] | None:
    results = (poll or {}).get("results") or {}
    if results.get("total_voters") is None:
        return None
    return {"poll": {"total": results["total_voters"]}}


def _forward(row: Row, raw: Row) -> dict[str, Any] | None:
    """The id that it stores has lost whether it is a person's or a channel's."""
    name = clean(raw.get("forward_from_name"))
    if not name and not row.get("forward_from_id"):
        return None
    return {"from_name": name} if name else {}


def _reactions(rows: list[Row]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in rows:
        if one.get("removed_at") is None:
            emoji = clean(one.get("emoji"))
            found[emoji] = found.get(emoji, 0) + int(one.get("count") or 1)
    return found

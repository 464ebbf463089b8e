"""What the archive must hold of a message, worked out from the sandbox's own account of it.

Neither TL nor the mapper is asked: the truth is the generator's model as JSON.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.ingestion.sources.mtproto.kinds_media_truth import Json, media_of, option, when

#: The sandbox's words for entities, where ours differ.
_ENTITY_TYPES: Final = {"strike": "strikethrough"}


def entities_of(expected: list[Json]) -> list[Json]:
    return [_entity(dict(one)) for one in expected]


def _entity(made: Json) -> Json:
    made["type"] = _ENTITY_TYPES.get(made["type"], made["type"])
    for name in ("user_id", "document_id"):
        if name in made:
            made[name] = str(made[name])
    if "date" in made:
        made["date"] = when(made["date"])
    if made["type"] == "unknown":
        made["tl"] = "MessageEntityUnknown"
    return made


def forward_of(expected: Json | None) -> Json | None:
    """Peers are text; what says nothing is left out."""
    if expected is None:
        return None
    made = {name: value for name, value in expected.items() if value is not None}
    for name in ("from_id", "saved_from_peer", "saved_from_id"):
        if name in made:
            made[name] = str(made[name])
    if "saved_date" in made:
        made["saved_date"] = when(made["saved_date"])
    return made


def reply_of(expected: Json | None) -> Json | None:
    """The header as we keep it, outside of forums."""
    if expected is None:
        return None
    if "story_id" in expected:
        return {"peer_id": str(expected["peer_id"]), "story_id": expected["story_id"]}
    made: Json = {
        "message_id": expected["message_id"],
        "peer_id": str(expected["peer_id"]) if "peer_id" in expected else None,
        "todo_item_id": expected.get("todo_item_id"),
    }
    if "quote" in expected:
        made["quote_text"] = expected["quote"]
        made["quote_offset"] = expected.get("quote_offset", 0)
    if expected.get("quote_entities"):
        made["quote_entities"] = entities_of(expected["quote_entities"])
    if "poll_option" in expected:
        made["poll_option"] = option(expected["poll_option"])
    if "origin" in expected:
        origin = expected["origin"]
        made["from"] = forward_of({**origin, "date": when(origin["date"])})
    if "media" in expected:
        made["media"] = media_of(expected["media"])[1]
    return {name: value for name, value in made.items() if value is not None}


def service_of(action: Json) -> Json:
    """The action's facts under their own names; ids and moments as text, "no" left out."""
    made: Json = {"type": "service", "action": action["kind"]}
    facts = action.get("facts")
    if facts is None:
        facts = {"title": action["title"]} if action.get("title") else {}
    for name, value in facts.items():
        if value is False or value is None or name in _NOT_KEPT:
            continue
        make = _FACTS.get(name)
        made[name] = make(value) if make else value
    return made


#: Told only to who paid, or secret.
_NOT_KEPT: Final = {"slug", "transaction_id", "charge", "expires_at"}


def _many(value: Any) -> Any:
    return [str(one) for one in value] if isinstance(value, list) else str(value)


def _gift(value: Json) -> Json:
    kept: Json = {name: value[name] for name in ("id", "slug", "num") if name in value}
    # A gift that is one of a kind has a title, which says what it is.
    return value["title"] if "title" in value else {**kept, "id": str(value["id"])}


_FACTS: Final[Mapping[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(
        (
            "auto_setting_from", "boost_peer", "bot_id", "call_id", "community_id", "from_id",
            "game_id", "inviter_id", "new_creator_id", "other_participants", "peer", "peers",
            "to_id", "user_id", "users",
        ),
        _many,
    ),
    "chat_id": lambda value: str(-value),
    "channel_id": lambda value: str(-1_000_000_000_000 - value),
    "photo": lambda value: {"id": str(value)},
    "call": lambda value: {"id": str(value)},
    "wallpaper": lambda value: {"id": str(value)},
    "theme": lambda value: {"emoticon": value},
    "gift": _gift,
    "answer": lambda value: value["text"],
    "list": lambda value: [item["text"] for item in value],
    "price": lambda value: {"amount": value, "nanos": 0},
    "schedule_date": when,
}  # fmt: skip


def extras_of(message: Json) -> Json:
    """What hangs on a message whatever it carries."""
    made = dict(message["extras"] or {})
    if "effect" in made:
        made["effect"] = str(made["effect"])
    for theirs, ours in (
        ("paid_message_stars", "paid_stars"),
        ("from_boosts_applied", "sender_boosts"),
    ):
        if theirs in made:
            made[ours] = made.pop(theirs)
    if "buttons" in made:
        made["buttons"] = [[_button(one) for one in row] for row in made["buttons"]]
    if message["via_bot_id"]:
        made["via_bot"] = str(message["via_bot_id"])
    return made


def _button(button: Json) -> Json:
    kept: Json = {n: button[n] for n in ("text", "type", "url", "copy") if n in button}
    if "query" in button:
        kept["query"] = button["query"]
    if "user_id" in button:
        kept["user_id"] = str(button["user_id"])
    return kept

"""What the archive must hold of a message, worked out from the sandbox's own account of it.

Neither TL nor the mapper is asked: the truth is the generator's model as JSON.
"""

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

Json = dict[str, Any]
#: `(kind, media_meta, attached)`
Expected = tuple[str, Json | None, Json]

#: The sandbox's words for entities, where ours differ.
_ENTITY_TYPES: Final = {"strike": "strikethrough"}


def when(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def option(number: int) -> str:
    return base64.b64encode(str(number).encode()).decode()


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


def media_of(media: Json | None) -> Expected:
    """`size`, `thumb` and the like are Telegram's own doing: see `assert_file`."""
    if media is None:
        return "text", None, {}
    return _MEDIA.get(media["kind"], _file)(media, media.get("facts") or {})


def _present(**fields: Any) -> Json:
    return {name: value for name, value in fields.items() if value}


def _file(media: Json, facts: Json) -> Expected:
    kind = str({"round": "round_video"}.get(media["kind"], media["kind"]))
    made: Json = {"type": kind}
    if not facts.get("expired"):
        made["id"] = str(media["id"])
        names = ("mime", "file_name", "width", "height", "duration", "size", "title", "performer")
        made |= {name: media[name] for name in (*names, "emoji") if media.get(name)}
    made |= _present(spoiler=media.get("spoiler"), ttl_seconds=facts.get("ttl_seconds"))
    made |= _present(mask=facts.get("mask"))
    if "sticker_set_id" in facts:
        made["sticker_set_id"] = str(facts["sticker_set_id"])
    if kind == "voice":
        wave = media["id"].to_bytes(8, "little") * 8
        made["waveform"] = base64.b64encode(wave).decode()
    return kind, made, {}


def _poll(media: Json, facts: Json) -> Expected:
    kind = str(media["kind"])
    meta: Json = {
        "type": kind,
        "id": str(media["id"]),
        "question": media["title"],
        "answers": [{"text": text, "option": option(n)} for n, text in enumerate(media["options"])],
        "multiple_choice": facts.get("multiple_choice", False),
        "public_voters": facts.get("public_voters", False),
        **_present(open_answers=facts.get("open_answers")),
    }
    if "close_date" in facts:
        meta["close_date"] = when(facts["close_date"])
    votes: Json = _present(closed=media.get("closed"))
    if media.get("votes"):
        votes["total"] = sum(media["votes"])
        votes["answers"] = [
            {"option": option(n), "voters": count}
            | _present(correct=kind == "quiz" and n == media["correct"])
            for n, count in enumerate(media["votes"])
        ]
        votes |= _present(solution=media.get("text"))
        if media.get("text"):
            votes.pop("solution_entities", None)
    else:
        votes["total"] = facts["total_voters"]
    if facts.get("added"):
        first = len(media["options"])
        votes["added"] = [
            {"text": one["text"], "option": option(first + n), "by": str(one["by"])}
            for n, one in enumerate(facts["added"])
        ]
    return kind, meta, {"poll": votes}


def _point(media: Json, facts: Json) -> Json:
    made = {"lat": media["latitude"], "long": media["longitude"]}
    return made | _present(accuracy=facts.get("accuracy_radius"))


def _geo(media: Json, facts: Json) -> Expected:
    return "geo", {"type": "geo", **_point(media, facts)}, {}


def _live_location(media: Json, facts: Json) -> Expected:
    return "live_location", {"type": "live_location", **_point(media, facts), **facts}, {}


def _venue(media: Json, facts: Json) -> Expected:
    return (
        "venue",
        {
            "type": "venue",
            **_point(media, facts),
            "title": media["title"],
            "address": media["text"],
            "provider": "foursquare",
            "venue_id": f"{media['id']:x}",
            "venue_type": "food/cafe",
        },
        {},
    )


def _contact(media: Json, facts: Json) -> Expected:
    return (
        "contact",
        {
            "type": "contact",
            "user_id": str(facts["user_id"]) if "user_id" in facts else "",
            "phone_number": media["phone"],
            "first_name": media["title"],
            "last_name": media.get("performer", ""),
            "vcard": facts.get("vcard", ""),
        },
        {},
    )


def _dice(media: Json, _facts: Json) -> Expected:
    return "dice", {"type": "dice", "emoji": media["emoji"], "value": media["value"]}, {}


def _webpage(media: Json, facts: Json) -> Expected:
    meta = {"type": "webpage", "id": str(media["id"]), "url": media["url"]}
    if "state" in facts:
        return "text", meta, {}
    preview: Json = {
        "url": media["url"],
        "type": "article",
        "site": media["performer"],
        "title": media["title"],
        "description": media["text"],
        "author": facts["author"],
        "large": True,
        "photo": {"type": "photo", "id": str(media["id"])},
    }
    return "text", meta, {"preview": preview}


def _game(media: Json, _facts: Json) -> Expected:
    return (
        "game",
        {
            "type": "game",
            "id": str(media["id"]),
            "short_name": media["file_name"],
            "title": media["title"],
            "description": media["text"],
        },
        {},
    )


def _invoice(media: Json, facts: Json) -> Expected:
    words = {"title": media["title"], "description": media["text"]}
    return "invoice", {"type": "invoice", **words, **facts}, {}


def _giveaway(media: Json, facts: Json) -> Expected:
    return (
        "giveaway",
        {
            "type": "giveaway",
            "channels": [str(channel) for channel in facts["channels"]],
            "quantity": facts["quantity"],
            "until": when(facts["until_date"]),
            "months": facts.get("months"),
            "stars": facts.get("stars"),
            "prize": media.get("text", ""),
            "countries": facts.get("countries_iso2", []),
            **_present(
                only_new_subscribers=facts.get("only_new_subscribers"),
                winners_are_visible=facts.get("winners_are_visible"),
            ),
        },
        {},
    )


def _giveaway_results(media: Json, facts: Json) -> Expected:
    return (
        "giveaway",
        {
            "type": "giveaway_results",
            "channel": str(facts["channel_id"]),
            "launch_message_id": facts["launch_msg_id"],
            "winners": [str(winner) for winner in facts["winners"]],
            "winners_count": facts["winners_count"],
            "unclaimed_count": facts["unclaimed_count"],
            "months": facts.get("months"),
            "stars": facts.get("stars"),
            "prize": media.get("text", ""),
            "until": when(facts["until_date"]),
            "more_channels": facts["additional_peers_count"],
            "refunded": True,
        },
        {},
    )


def _story(media: Json, facts: Json) -> Expected:
    meta = {"type": "story", "peer_id": str(facts["peer"]), "story_id": media["value"]}
    meta |= _present(via_mention=facts.get("via_mention"))
    if not media.get("text"):
        return "story", meta, {}
    seen = {
        "text": media["text"],
        "at": when(facts["date"]),
        "media": {"type": "photo", "id": str(media["id"])},
    }
    return "story", meta, {"story": seen}


def _paid_media(media: Json, facts: Json) -> Expected:
    items = facts["items"]
    meta = {"type": "paid_media", "stars": facts["stars_amount"], "items": len(items)}
    paid: list[Json] = []
    for number, item in enumerate(items):
        if item.get("bought"):
            paid.append({"type": "photo", "id": str(media["id"] + number)})
        else:
            paid.append({"type": "preview", **item})
    return "paid_media", meta, {"paid": paid}


def _todo(media: Json, facts: Json) -> Expected:
    meta = {
        "type": "todo",
        "title": media["title"],
        "items": facts["items"],
        "others_can_append": True,
        "others_can_complete": True,
    }
    done = [{"id": o["id"], "by": str(o["by"]), "at": when(o["at"])} for o in facts["done"]]
    return "todo", meta, {"todo": {"done": done}}


def _unsupported(_media: Json, _facts: Json) -> Expected:
    return "unknown", {"type": "unknown", "tl": "MessageMediaUnsupported"}, {}


def _video_stream(_media: Json, _facts: Json) -> Expected:
    return "unknown", {"type": "unknown", "tl": "MessageMediaVideoStream"}, {}


_MEDIA: Final[Mapping[str, Callable[[Json, Json], Expected]]] = {
    "poll": _poll,
    "quiz": _poll,
    "geo": _geo,
    "live_location": _live_location,
    "venue": _venue,
    "contact": _contact,
    "dice": _dice,
    "webpage": _webpage,
    "game": _game,
    "invoice": _invoice,
    "giveaway": _giveaway,
    "giveaway_results": _giveaway_results,
    "story": _story,
    "paid_media": _paid_media,
    "todo": _todo,
    "unsupported": _unsupported,
    "video_stream": _video_stream,
}


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

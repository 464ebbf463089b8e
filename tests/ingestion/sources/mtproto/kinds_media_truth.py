"""What the archive must hold of a medium, worked out from the sandbox's own account of it."""

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

Json = dict[str, Any]
#: `(kind, media_meta, attached)`
Expected = tuple[str, Json | None, Json]


def when(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def option(number: int) -> str:
    return base64.b64encode(str(number).encode()).decode()


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

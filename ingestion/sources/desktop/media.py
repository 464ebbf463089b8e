"""Media of Telegram Desktop's JSON: kind and description.

Where a file was saved stands in the raw record; it is no part of what the message says.
"""

from collections.abc import Callable
from typing import Any, Final

from ingestion.sources.base import Beside, SavedFile
from ingestion.sources.words import clean

Meta = dict[str, Any]
Raw = dict[str, Any]

_KINDS: Final = {
    "sticker": "sticker",
    "video_message": "round_video",
    "voice_message": "voice",
    "animation": "animation",
    "video_file": "video",
    "audio_file": "audio",
}
#: Telegram Desktop's field → the archive's.
_FIELDS: Final = (
    ("mime_type", "mime"),
    ("file_size", "size"),
    ("width", "width"),
    ("height", "height"),
    ("duration_seconds", "duration"),
    ("file_name", "file_name"),
    ("title", "title"),
    ("performer", "performer"),
    ("sticker_emoji", "emoji"),
)
#: "(File not included. Change data exporting settings to download.)" and the like.
_MISSING: Final = "("


def map_media(raw: Raw) -> tuple[str, Meta | None]:
    """The message's kind and its `media_meta`."""
    for field, mapper in _MAPPERS:
        if field in raw:
            return mapper(raw)
    return "text", None


def _photo(raw: Raw) -> tuple[str, Meta]:
    meta: Meta = {"type": "photo"}
    for field, name in (
        ("width", "width"),
        ("height", "height"),
        ("photo_file_size", "size"),
    ):
        if raw.get(field):
            meta[name] = raw[field]
    return "photo", _carried(meta, raw)


def _file(raw: Raw) -> tuple[str, Meta]:
    kind = _KINDS.get(raw.get("media_type") or "", "document")
    meta: Meta = {"type": kind}
    for field, name in _FIELDS:
        value = raw.get(field)
        if value not in (None, "", 0):
            meta[name] = clean(value) if isinstance(value, str) else value
    path = raw.get("file")
    if kind == "document" and "file_name" not in meta and _saved(path):
        meta["file_name"] = clean(str(path).replace("\\", "/").rpartition("/")[2])
    return kind, _carried(meta, raw)


def _carried(meta: Meta, raw: Raw) -> Meta:
    if raw.get("media_spoiler"):
        meta["spoiler"] = True
    if raw.get("self_destruct_period_seconds"):
        meta["ttl_seconds"] = raw["self_destruct_period_seconds"]
    return meta


def _saved(path: Any) -> bool:
    return isinstance(path, str) and bool(path) and not path.startswith(_MISSING)


def saved_file(raw: Raw, beside: Beside | None) -> SavedFile | None:
    """The file that was saved with a message, as the export names it."""
    path = raw.get("photo", raw.get("file"))
    if raw.get("type") != "message" or "paid_stars_amount" in raw or not _saved(path):
        return None
    poster = raw.get("thumbnail")
    return SavedFile(beside, str(path), str(poster) if _saved(poster) else "")


def _poll(raw: Raw) -> tuple[str, Meta]:
    poll = raw["poll"]
    return "poll", {
        "type": "poll",
        "question": clean(poll.get("question")),
        "answers": [{"text": clean(answer.get("text"))} for answer in poll.get("answers") or ()],
    }


def _contact(raw: Raw) -> tuple[str, Meta]:
    contact = raw["contact_information"]
    meta: Meta = {"type": "contact"}
    for field in ("phone_number", "first_name", "last_name"):
        meta[field] = clean(contact.get(field))
    return "contact", meta


def _location(raw: Raw) -> tuple[str, Meta]:
    place = raw["location_information"] or {}
    meta: Meta = {"lat": place.get("latitude"), "long": place.get("longitude")}
    if raw.get("place_name"):
        title, address = clean(raw["place_name"]), clean(raw.get("address"))
        return "venue", {"type": "venue", **meta, "title": title, "address": address}
    if raw.get("live_location_period_seconds"):
        period = raw["live_location_period_seconds"]
        return "live_location", {"type": "live_location", **meta, "period": period}
    return "geo", {"type": "geo", **meta}


def _game(raw: Raw) -> tuple[str, Meta]:
    meta: Meta = {"type": "game"}
    for field in ("title", "description"):
        meta[field] = clean(raw.get(f"game_{field}"))
    return "game", meta


def _invoice(raw: Raw) -> tuple[str, Meta]:
    invoice = raw["invoice_information"]
    meta: Meta = {"type": "invoice", "total_amount": invoice.get("amount")}
    for field in ("title", "description", "currency"):
        meta[field] = clean(invoice.get(field))
    return "invoice", meta


def _giveaway(raw: Raw) -> tuple[str, Meta]:
    given = raw["giveaway_information"]
    return "giveaway", {
        "type": "giveaway",
        "quantity": given.get("quantity"),
        "months": given.get("months"),
        "stars": given.get("stars"),
        "prize": clean(given.get("additional_prize")),
    }


def _dice(raw: Raw) -> tuple[str, Meta]:
    dice = raw["dice"] if isinstance(raw["dice"], dict) else {}
    return "dice", {"type": "dice", "emoji": clean(dice.get("emoji")), "value": dice.get("value")}


def _todo(raw: Raw) -> tuple[str, Meta]:
    todo = raw["todo_list"]
    items = [
        {"id": item.get("id"), "text": clean(item.get("text"))}
        for item in todo.get("answers") or ()
    ]
    return "todo", {"type": "todo", "title": clean(todo.get("title")), "items": items}


def _paid(raw: Raw) -> tuple[str, Meta]:
    return "paid_media", {"type": "paid_media", "stars": raw["paid_stars_amount"]}


#: The field that tells the kind, the strongest first.
_MAPPERS: Final[tuple[tuple[str, Callable[[Raw], tuple[str, Meta]]], ...]] = (
    ("paid_stars_amount", _paid),
    ("photo", _photo),
    ("file", _file),
    ("media_type", _file),
    ("poll", _poll),
    ("todo_list", _todo),
    ("contact_information", _contact),
    ("location_information", _location),
    ("game_title", _game),
    ("invoice_information", _invoice),
    ("giveaway_information", _giveaway),
    ("dice", _dice),
)

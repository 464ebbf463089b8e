"""Message media (https://core.telegram.org/type/MessageMedia): kind and identity.

What changes by itself is no part of it (see `attached`): poll results and votes, ticked items of
a checklist, the words of a preview, whether paid media was bought.
"""

from collections.abc import Mapping
from typing import Any, Final

from ingestion.sources.mtproto.mapping.entities import map_entities
from ingestion.sources.mtproto.mapping.files import document_meta, photo_meta
from ingestion.sources.mtproto.mapping.values import (
    TLDict,
    as_base64,
    as_iso,
    channel_mark,
    clean,
    peer_text,
    plain_text,
)

Meta = dict[str, Any]


def map_media(media: TLDict | None) -> tuple[str, Meta | None]:
    """The message's kind and its `media_meta`."""
    if not media:
        return "text", None
    name = media["_"]
    mapper = MAPPERS.get(name)
    if mapper is None:
        return "unknown", {"type": "unknown", "tl": name}
    return mapper(media)


def _empty(_media: TLDict) -> tuple[str, None]:
    return "text", None


def _photo(media: TLDict) -> tuple[str, Meta]:
    meta = photo_meta(media.get("photo"))
    if video := media.get("video"):
        meta["video_id"] = str(video["id"])
    return "photo", _carrier(meta, media)


def _document(media: TLDict) -> tuple[str, Meta]:
    meta = _carrier(document_meta(media.get("document"), media), media)
    return meta["type"], meta


def _carrier(meta: Meta, media: TLDict) -> Meta:
    if media.get("spoiler"):
        meta["spoiler"] = True
    if media.get("ttl_seconds"):
        meta["ttl_seconds"] = media["ttl_seconds"]
    return meta


def _webpage(media: TLDict) -> tuple[str, Meta]:
    """A text with a preview stays a text.

    Title and description are the site's and come later than the message: only id and URL are
    the message's own.
    """
    page = media.get("webpage") or {}
    meta: Meta = {"type": "webpage"}
    if page.get("id"):
        meta["id"] = str(page["id"])
    if page.get("url"):
        meta["url"] = clean(page["url"])
    return "text", meta


def _poll(media: TLDict) -> tuple[str, Meta]:
    poll = media["poll"]
    kind = "quiz" if poll.get("quiz") else "poll"
    meta: Meta = {
        "type": kind,
        "id": str(poll["id"]),
        **_styled("question", poll["question"]),
        "answers": [
            _answer(answer)
            for answer in poll["answers"]
            if not answer.get("added_by")  # voters may add answers to some polls
        ],
        "multiple_choice": bool(poll.get("multiple_choice")),
        "public_voters": bool(poll.get("public_voters")),
        **_flags(poll, _POLL_FLAGS),
    }
    if poll.get("close_period"):
        meta["close_period"] = poll["close_period"]
    if poll.get("close_date"):
        meta["close_date"] = as_iso(poll["close_date"])
    if poll.get("countries_iso2"):
        meta["countries"] = [clean(country) for country in poll["countries_iso2"]]
    if media.get("attached_media"):
        meta["media"] = map_media(media["attached_media"])[1]
    return kind, meta


_POLL_FLAGS: Final = (
    "open_answers",
    "revoting_disabled",
    "shuffle_answers",
    "hide_results_until_close",
    "subscribers_only",
)


def _answer(answer: TLDict) -> Meta:
    meta: Meta = {**_styled("text", answer["text"]), "option": as_base64(answer["option"])}
    if answer.get("media"):
        meta["media"] = map_media(answer["media"])[1]
    return meta


def _flags(source: TLDict, names: tuple[str, ...]) -> Meta:
    return {name: True for name in names if source.get(name)}


def _styled(name: str, value: Any) -> Meta:
    """A `TextWithEntities`, with its entities where it has any: custom emoji, mostly."""
    text = plain_text(value)
    entities = value.get("entities") if isinstance(value, Mapping) else None
    if not entities:
        return {name: text}
    key = "entities" if name == "text" else f"{name}_entities"
    return {name: text, key: map_entities(entities, text)[0]}


def _position(geo: TLDict | None) -> Meta:
    if not geo or "lat" not in geo:
        return {}
    meta: Meta = {"lat": geo["lat"], "long": geo["long"]}
    if geo.get("accuracy_radius"):
        meta["accuracy"] = geo["accuracy_radius"]
    return meta


def _geo(media: TLDict) -> tuple[str, Meta]:
    return "geo", {"type": "geo", **_position(media.get("geo"))}


def _live_location(media: TLDict) -> tuple[str, Meta]:
    """Each move is an edit, with an edit date: the position is content."""
    meta = {"type": "live_location", **_position(media.get("geo")), "period": media.get("period")}
    for field in ("heading", "proximity_notification_radius"):
        if media.get(field):
            meta[field] = media[field]
    return "live_location", meta


def _venue(media: TLDict) -> tuple[str, Meta]:
    meta = {"type": "venue", **_position(media.get("geo"))}
    for field in ("title", "address", "provider", "venue_id", "venue_type"):
        meta[field] = clean(media.get(field))
    return "venue", meta


def _contact(media: TLDict) -> tuple[str, Meta]:
    meta: Meta = {"type": "contact", "user_id": str(media.get("user_id") or "")}
    for field in ("phone_number", "first_name", "last_name", "vcard"):
        meta[field] = clean(media.get(field))
    return "contact", meta


def _dice(media: TLDict) -> tuple[str, Meta]:
    emoji = clean(media.get("emoticon"))
    return "dice", {"type": "dice", "emoji": emoji, "value": media.get("value")}


def _game(media: TLDict) -> tuple[str, Meta]:
    game = media["game"]
    meta: Meta = {"type": "game", "id": str(game["id"])}
    for field in ("short_name", "title", "description"):
        meta[field] = clean(game.get(field))
    return "game", meta


def _invoice(media: TLDict) -> tuple[str, Meta]:
    meta: Meta = {"type": "invoice", "total_amount": media.get("total_amount")}
    for field in ("title", "description", "currency"):
        meta[field] = clean(media.get(field))
    return "invoice", {**meta, **_flags(media, ("test", "shipping_address_requested"))}


def _giveaway(media: TLDict) -> tuple[str, Meta]:
    return "giveaway", {
        "type": "giveaway",
        "channels": [str(channel_mark(channel)) for channel in media.get("channels") or ()],
        "quantity": media.get("quantity"),
        "until": as_iso(media.get("until_date")),
        "months": media.get("months"),
        "stars": media.get("stars"),
        "prize": clean(media.get("prize_description")),
        "countries": [clean(country) for country in media.get("countries_iso2") or ()],
        **_flags(media, ("only_new_subscribers", "winners_are_visible")),
    }


def _giveaway_results(media: TLDict) -> tuple[str, Meta]:
    return "giveaway", {
        "type": "giveaway_results",
        "channel": str(channel_mark(media["channel_id"])),
        "launch_message_id": media.get("launch_msg_id"),
        "winners": [str(winner) for winner in media.get("winners") or ()],
        "winners_count": media.get("winners_count"),
        "unclaimed_count": media.get("unclaimed_count"),
        "months": media.get("months"),
        "stars": media.get("stars"),
        "prize": clean(media.get("prize_description")),
        "until": as_iso(media.get("until_date")),
        "more_channels": media.get("additional_peers_count"),
        **_flags(media, ("only_new_subscribers", "refunded")),
    }


def _story(media: TLDict) -> tuple[str, Meta]:
    peer = media.get("peer")
    owner = peer_text(peer) if peer else str(media.get("user_id") or "")
    meta: Meta = {"type": "story", "peer_id": owner, "story_id": media["id"]}
    return "story", {**meta, **_flags(media, ("via_mention",))}


def _paid_media(media: TLDict) -> tuple[str, Meta]:
    """Price and number of items: what is behind it differs for each account."""
    items = media.get("extended_media") or ()
    return "paid_media", {
        "type": "paid_media",
        "stars": media.get("stars_amount"),
        "items": len(items),
    }


def _todo(media: TLDict) -> tuple[str, Meta]:
    todo = media["todo"]
    return "todo", {
        "type": "todo",
        **_styled("title", todo["title"]),
        "items": [{"id": item["id"], **_styled("text", item["title"])} for item in todo["list"]],
        **_flags(todo, ("others_can_append", "others_can_complete")),
    }


#: Constructor → mapper.
MAPPERS: Final = {
    "MessageMediaEmpty": _empty,
    "MessageMediaPhoto": _photo,
    "MessageMediaDocument": _document,
    "MessageMediaWebPage": _webpage,
    "MessageMediaPoll": _poll,
    "MessageMediaGeo": _geo,
    "MessageMediaGeoLive": _live_location,
    "MessageMediaVenue": _venue,
    "MessageMediaContact": _contact,
    "MessageMediaDice": _dice,
    "MessageMediaGame": _game,
    "MessageMediaInvoice": _invoice,
    "MessageMediaGiveaway": _giveaway,
    "MessageMediaGiveawayResults": _giveaway_results,
    "MessageMediaStory": _story,
    "MessageMediaPaidMedia": _paid_media,
    "MessageMediaToDo": _todo,
}

"""What hangs on a message and changes by itself: results, ticks, a link's preview, buttons.

None of it is an edit, so it is kept with the counters: shown as it was last seen, never a revision.
What a person would call the message's content is in `media_meta`.
"""

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, Final

from ingestion.sources.mtproto.mapping.entities import map_entities
from ingestion.sources.mtproto.mapping.files import document_meta, photo_meta
from ingestion.sources.mtproto.mapping.media import map_media
from ingestion.sources.mtproto.mapping.values import (
    TLDict,
    as_base64,
    as_iso,
    clean,
    peer_text,
    plain_text,
    snake,
)

Attached = dict[str, Any]


#: The fields that are looked at. What was just received has them all.
_FIELDS: Final = (
    "media", "reply_markup", "via_bot_id", "via_business_bot_id", "effect", "ttl_period",
    "paid_message_stars", "from_boosts_applied", "factcheck", "restriction_reason",
)  # fmt: skip
_PICK: Final = itemgetter(*_FIELDS)
_NOTHING: Final = (None,) * len(_FIELDS)


_NUMBERS: Final = (
    ("ttl_period", "ttl_period"),
    ("paid_message_stars", "paid_stars"),
    ("from_boosts_applied", "sender_boosts"),
)


def map_attached(raw: TLDict) -> Attached | None:
    """None where nothing hangs on the message, as on most."""
    try:
        if _PICK(raw) == _NOTHING:
            return None
    except KeyError:  # of an older layer, or a service message
        pass
    return _found(raw) or None


def _found(raw: TLDict) -> Attached:
    found: Attached = {}
    media = raw.get("media")
    if media and (of_medium := _OF_MEDIA.get(media["_"])):
        found = of_medium(media)
    if markup := raw.get("reply_markup"):
        _add(found, "buttons", _buttons(markup))
    if bot := raw.get("via_bot_id") or raw.get("via_business_bot_id"):
        found["via_bot"] = str(bot)
    if effect := raw.get("effect"):
        found["effect"] = str(effect)
    for theirs, ours in _NUMBERS:
        _add(found, ours, raw.get(theirs))
    if check := raw.get("factcheck"):
        _add(found, "fact_check", _fact_check(check))
    if reasons := raw.get("restriction_reason"):
        found["restricted"] = [
            {name: clean(one.get(name)) for name in ("platform", "reason", "text")}
            for one in reasons
        ]
    return found


def _add(found: Attached, name: str, value: Any) -> None:
    if value:
        found[name] = value


def _texts(source: TLDict, names: Mapping[str, str]) -> dict[str, str]:
    """Those that say something, under our names."""
    return {ours: clean(source[name]) for name, ours in names.items() if source.get(name)}


def _fact_check(check: TLDict) -> Attached:
    """See https://core.telegram.org/api/factcheck; without a text it has yet to be asked for."""
    if not check.get("text"):
        return {}
    return {"text": plain_text(check["text"]), "country": clean(check.get("country"))}


#: What a button needs besides its text, and its name here.
_BUTTON: Final = {"url": "url", "copy_text": "copy", "query": "query"}


def _buttons(markup: TLDict) -> list[list[dict[str, str]]]:
    """Rows of buttons (https://core.telegram.org/api/bots/buttons)."""
    rows = (markup.get("rows") or ()) if isinstance(markup, Mapping) else ()
    return [[_button(button) for button in row["buttons"]] for row in rows]


def _button(button: TLDict) -> dict[str, str]:
    """What it does was a constructor of its own in older layers, and is a field now."""
    does = button.get("type")
    if not isinstance(does, Mapping):
        does = button
    name = does["_"]
    for prefix in ("InlineButtonType", "ButtonType", "KeyboardButton"):
        name = name.removeprefix(prefix)
    made = {"text": clean(button["text"]), "type": snake(name) or "default"}
    made.update(_texts(does, _BUTTON))
    if does.get("user_id"):
        made["user_id"] = str(does["user_id"])
    return made


def _poll(media: TLDict) -> Attached:
    """Who voted for what, as far as the account may see it: before voting, totals alone."""
    poll, results = media["poll"], media.get("results") or {}
    votes: Attached = {}
    if poll.get("closed"):
        votes["closed"] = True
    if results.get("total_voters") is not None:
        votes["total"] = results["total_voters"]
    if results.get("results"):
        votes["answers"] = [_votes(one) for one in results["results"]]
    if results.get("solution"):
        votes["solution"] = solution = clean(results["solution"])
        if results.get("solution_entities"):
            votes["solution_entities"] = map_entities(results["solution_entities"], solution)[0]
    added = [
        {
            "text": plain_text(one["text"]),
            "option": as_base64(one["option"]),
            "by": peer_text(one["added_by"]),
        }
        for one in poll["answers"]
        if one.get("added_by")
    ]
    _add(votes, "added", added)
    return {"poll": votes} if votes else {}


def _votes(one: TLDict) -> Attached:
    votes: Attached = {"option": as_base64(one["option"])}
    if one.get("voters") is not None:
        votes["voters"] = one["voters"]
    if one.get("correct"):
        votes["correct"] = True
    return votes


def _todo(media: TLDict) -> Attached:
    done = [
        {
            "id": one["id"],
            "by": peer_text(one.get("completed_by")),
            "at": as_iso(one.get("date")),
        }
        for one in media.get("completions") or ()
    ]
    return {"todo": {"done": done}} if done else {}


_PREVIEW: Final = {
    "url": "url",
    "type": "type",
    "site_name": "site",
    "title": "title",
    "description": "description",
    "author": "author",
}


def _webpage(media: TLDict) -> Attached:
    """The site's own words, which come some seconds after the message."""
    page = media.get("webpage") or {}
    if page.get("_") != "WebPage":
        return {}
    preview: Attached = _texts(page, _PREVIEW)
    if page.get("duration"):
        preview["duration"] = page["duration"]
    if page.get("photo"):
        preview["photo"] = photo_meta(page["photo"])
    if page.get("document"):
        preview["document"] = document_meta(page["document"], {})
    if media.get("force_large_media") or page.get("has_large_media"):
        preview["large"] = not media.get("force_small_media")
    return {"preview": preview}


def _behind_a_price(media: TLDict) -> Attached:
    """What is to be seen: the medium itself where the account has paid, else its outline."""
    items = media.get("extended_media") or ()
    shown = [_extended(one) for one in ([items] if isinstance(items, Mapping) else items)]
    return {"paid": shown} if shown else {}


def _extended(one: TLDict) -> Attached:
    if one.get("media"):
        kind, meta = map_media(one["media"])
        return meta or {"type": kind}
    made: Attached = {"type": "preview"}
    for name, ours in (("w", "width"), ("h", "height"), ("video_duration", "duration")):
        if one.get(name) is not None:
            made[ours] = one[name]
    if one.get("thumb") and one["thumb"].get("bytes"):
        made["thumb"] = as_base64(one["thumb"]["bytes"])
    return made


def _dice(media: TLDict) -> Attached:
    outcome = media.get("game_outcome") or {}
    stake = {n: outcome[n] for n in ("stake_ton_amount", "ton_amount") if outcome.get(n)}
    return {"stake": stake} if stake else {}


def _story(media: TLDict) -> Attached:
    """The story as it was when the message was read; stories end after a day or so."""
    item = media.get("story") or {}
    if item.get("_") != "StoryItem":
        return {}
    kind, meta = map_media(item.get("media"))
    made: Attached = {"text": clean(item.get("caption")), "at": as_iso(item.get("date"))}
    made["media"] = meta or {"type": kind}
    return {"story": made}


_OF_MEDIA: Final[Mapping[str, Callable[[TLDict], Attached]]] = {
    "MessageMediaPoll": _poll,
    "MessageMediaToDo": _todo,
    "MessageMediaWebPage": _webpage,
    "MessageMediaPaidMedia": _behind_a_price,
    "MessageMediaInvoice": _behind_a_price,
    "MessageMediaDice": _dice,
    "MessageMediaStory": _story,
}

"""Service actions as TL (https://core.telegram.org/type/MessageAction), from facts.

The facts have the names of the constructor's fields; peers are marked ids, moments Unix seconds,
and of what is nested only what tells it from others.
"""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

from telethon.tl import types

from sandbox.tl import media as media_tl
from sandbox.tl.peers import peer, when
from sandbox.world.model import Media

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_NAME = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_CONSTRUCTORS = {
    _NAME.sub("_", name.removeprefix("MessageAction")).lower(): constructor
    for name, constructor in vars(types).items()
    if name.startswith("MessageAction")
}


def build(kind: str, facts: Mapping[str, Any]) -> Any:
    """The action of a name like ``chat_joined_by_link``."""
    constructor = _CONSTRUCTORS[kind]
    known = inspect.signature(constructor).parameters
    return constructor(**{name: _value(kind, name, facts[name]) for name in known if name in facts})


def _value(kind: str, name: str, value: Any) -> Any:
    if kind == "custom_action" or value is None:
        return value
    make = _MAKERS.get(name)
    if make is None or (name == "message" and not isinstance(value, str)):
        return value
    return make(value)


def text(value: str) -> Any:
    """A ``textWithEntities`` without any."""
    return types.TextWithEntities(value, [])


def _photo(number: int) -> Any:
    return media_tl.chat_photo_object(Media("photo", number, width=640, height=640), 0)


def _gift(value: Mapping[str, Any]) -> Any:
    """A gift of many has no slug (https://core.telegram.org/api/gifts)."""
    if "slug" in value:
        return types.StarGiftUnique(
            value["id"], value["id"] + 1, value["title"], value["slug"], value["num"], [], 9, 10
        )
    sticker = Media("sticker", value["id"], 900, "image/webp", width=512, height=512, emoji="🎁")
    document = media_tl.build(sticker, 0).document
    return types.StarGift(value["id"], document, value["stars"], value["stars"] // 2)


def _answer(value: Mapping[str, Any]) -> Any:
    return types.PollAnswer(text(value["text"]), str(value["option"]).encode())


_MAKERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("from_id", "to_id", "peer", "boost_peer"), peer),
    **dict.fromkeys(
        ("peers", "other_participants"), lambda value: [peer(marked) for marked in value]
    ),
    **dict.fromkeys(("schedule_date", "expires_at", "subscription_until_date"), when),
    "message": text,
    "photo": _photo,
    "gift": _gift,
    "answer": _answer,
    "call": lambda number: types.InputGroupCall(number, media_tl.access_hash(number)),
    "theme": types.ChatTheme,
    "wallpaper": types.WallPaperNoFile,
    "birthday": lambda value: types.Birthday(value["day"], value["month"], value.get("year")),
    "price": lambda amount: types.StarsAmount(amount, 0),
    "charge": lambda number: types.PaymentCharge(number, number),
    "list": lambda items: [types.TodoItem(item["id"], text(item["text"])) for item in items],
}

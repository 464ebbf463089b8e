"""Rare fields of messages as TL (https://core.telegram.org/constructor/message)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telethon.tl import types

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_BUTTONS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "url": lambda button: types.InlineButtonTypeUrl(button["url"]),
    "callback": lambda _button: types.InlineButtonTypeCallback(b"\0\1"),
    "copy": lambda button: types.InlineButtonTypeCopy(button["copy"]),
    "switch_inline": lambda button: types.InlineButtonTypeSwitchInline(button["query"]),
    "user_profile": lambda button: types.InlineButtonTypeUserProfile(button["user_id"]),
    "web_view": lambda button: types.InlineButtonTypeWebView(button["url"]),
    "buy": lambda _button: types.InlineButtonTypeBuy(),
    "game": lambda _button: types.InlineButtonTypeGame(),
}


def build(extras: Mapping[str, Any] | None) -> dict[str, Any]:
    """Arguments for ``message``; whatever has no maker is passed on as it is."""
    made: dict[str, Any] = {}
    for name, value in (extras or {}).items():
        field, make = _MAKERS.get(name, (name, None))
        made[field] = make(value) if make is not None else value
    return made


def _markup(rows: Any) -> Any:
    """See https://core.telegram.org/api/bots/buttons."""
    return types.ReplyInlineMarkup(
        [
            types.KeyboardInlineButtonRow(
                [types.KeyboardInlineButton(one["text"], _BUTTONS[one["type"]](one)) for one in row]
            )
            for row in rows
        ]
    )


def _fact_check(value: Mapping[str, str]) -> Any:
    text = types.TextWithEntities(value["text"], [])
    return types.FactCheck(1, country=value["country"], text=text)


def _restricted(value: Any) -> Any:
    return [types.RestrictionReason(one["platform"], one["reason"], one["text"]) for one in value]


_MAKERS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "buttons": ("reply_markup", _markup),
    "fact_check": ("factcheck", _fact_check),
    "restricted": ("restriction_reason", _restricted),
}

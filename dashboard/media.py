"""What a message carries besides its text, in a word and an icon."""

from collections.abc import Mapping
from typing import Any, Final

from dashboard.wording import clock, size

#: Kind → icon, word.
KINDS: Final = {
    "photo": ("image", "Photo"),
    "video": ("video", "Video"),
    "round_video": ("video", "Video message"),
    "animation": ("video", "Animation"),
    "voice": ("mic", "Voice message"),
    "audio": ("music", "Audio"),
    "document": ("file", "File"),
    "sticker": ("sticker", "Sticker"),
    "poll": ("vote", "Poll"),
    "quiz": ("vote", "Quiz"),
    "todo": ("list-checks", "Checklist"),
    "geo": ("map-pin", "Place"),
    "live_location": ("map-pin", "Live location"),
    "venue": ("map-pin", "Place"),
    "contact": ("user", "Contact"),
    "game": ("gamepad-2", "Game"),
    "dice": ("smile", "Dice"),
    "story": ("image", "Story"),
    "service": ("info", "Service message"),
}
_OTHER: Final = "package"

#: Service action → what it says; `{}` is the title where one was given.
_ACTIONS: Final = {
    "channel_create": "The channel was created{}",
    "chat_create": "The group was created{}",
    "channel_migrate_from": "The group became a supergroup",
    "chat_migrate_to": "The group moved to a supergroup",
    "chat_edit_title": "The title was changed{}",
    "chat_edit_photo": "The photo was changed",
    "chat_delete_photo": "The photo was removed",
    "pin_message": "A message was pinned",
    "chat_add_user": "Somebody joined",
    "chat_joined_by_link": "Somebody joined by an invite link",
    "chat_joined_by_request": "Somebody's request to join was accepted",
    "chat_delete_user": "Somebody left",
    "topic_create": "A topic was opened{}",
    "topic_edit": "A topic was changed{}",
    "group_call": "A video chat",
    "group_call_scheduled": "A video chat was scheduled",
    "invite_to_group_call": "People were invited to a video chat",
    "set_messages_ttl": "The timer for deleting messages was changed",
    "set_chat_theme": "The theme was changed",
    "history_clear": "The history was cleared",
    "boost_apply": "The channel was boosted",
    "giveaway_launch": "A giveaway began",
    "giveaway_results": "A giveaway ended",
}


def describe(kind: str, meta: Mapping[str, Any] | None) -> tuple[str, str] | None:
    """`(icon, words)`, or None for plain text."""
    if kind == "text":
        return None
    if kind == "service":
        return "info", service_text(meta or {})
    icon, word = KINDS.get(kind, (_OTHER, kind.replace("_", " ").capitalize()))
    details = ", ".join(_details(kind, meta or {}))
    return icon, f"{word}, {details}" if details else word


def service_text(meta: Mapping[str, Any]) -> str:
    """A sentence for a service message."""
    action = str(meta.get("action") or "")
    sentence = _ACTIONS.get(action)
    if sentence is None:
        return action.replace("_", " ").capitalize() or "Service message"
    title = meta.get("title")
    return sentence.format(f": {title}" if title else "")


def _details(kind: str, meta: Mapping[str, Any]) -> list[str]:
    if kind in {"poll", "quiz"}:
        return [str(meta.get("question") or "")][: bool(meta.get("question"))]
    names = ("file_name", "performer", "title", "first_name", "emoji")
    found = [str(meta[name]) for name in names if meta.get(name)]
    if kind in {"photo", "video", "animation"} and meta.get("width"):
        found.append(f"{meta['width']} × {meta.get('height')}")
    if meta.get("duration"):
        found.append(clock(float(meta["duration"])))
    if kind == "document" and isinstance(meta.get("size"), int):
        found.append(size(meta["size"]))
    return found

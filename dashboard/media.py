"""What a message carries besides its text, in a word and an icon."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from dashboard.wording import clock, size

#: Kind → icon, word.
KINDS: Final = {
    "text": ("message-circle", _l("Text")),
    "photo": ("image", _l("Photo")),
    "video": ("video", _l("Video")),
    "round_video": ("video", _l("Video message")),
    "animation": ("video", _l("Animation")),
    "voice": ("mic", _l("Voice message")),
    "audio": ("music", _l("Audio")),
    "document": ("file", _l("File")),
    "sticker": ("sticker", _l("Sticker")),
    "poll": ("vote", _l("Poll")),
    "quiz": ("vote", _l("Quiz")),
    "todo": ("list-checks", _l("Checklist")),
    "geo": ("map-pin", _l("Place")),
    "live_location": ("map-pin", _l("Live location")),
    "venue": ("map-pin", _l("Place")),
    "contact": ("user", _l("Contact")),
    "game": ("gamepad-2", _l("Game")),
    "dice": ("smile", _l("Dice")),
    "story": ("image", _l("Story")),
    "invoice": ("package", _l("Invoice")),
    "giveaway": ("package", _l("Giveaway")),
    "paid_media": ("package", _l("Paid media")),
    "unknown": ("package", _l("Something unknown")),
    "service": ("info", _l("Service message")),
}
_OTHER: Final = "package"

#: Service action → what it says without a title, and with one.
_ACTIONS: Final = {
    "channel_create": (_l("The channel was created"), _l("The channel was created: %(title)s")),
    "chat_create": (_l("The group was created"), _l("The group was created: %(title)s")),
    "channel_migrate_from": (
        _l("The group became a supergroup"),
        _l("The group became a supergroup"),
    ),
    "chat_migrate_to": (
        _l("The group moved to a supergroup"),
        _l("The group moved to a supergroup"),
    ),
    "chat_edit_title": (_l("The title was changed"), _l("The title was changed: %(title)s")),
    "chat_edit_photo": (_l("The photo was changed"), _l("The photo was changed")),
    "chat_delete_photo": (_l("The photo was removed"), _l("The photo was removed")),
    "pin_message": (_l("A message was pinned"), _l("A message was pinned")),
    "chat_add_user": (_l("Somebody joined"), _l("Somebody joined")),
    "chat_joined_by_link": (
        _l("Somebody joined by an invite link"),
        _l("Somebody joined by an invite link"),
    ),
    "chat_joined_by_request": (
        _l("Somebody's request to join was accepted"),
        _l("Somebody's request to join was accepted"),
    ),
    "chat_delete_user": (_l("Somebody left"), _l("Somebody left")),
    "topic_create": (_l("A topic was opened"), _l("A topic was opened: %(title)s")),
    "topic_edit": (_l("A topic was changed"), _l("A topic was changed: %(title)s")),
    "group_call": (_l("A video chat"), _l("A video chat")),
    "group_call_scheduled": (_l("A video chat was scheduled"), _l("A video chat was scheduled")),
    "invite_to_group_call": (
        _l("People were invited to a video chat"),
        _l("People were invited to a video chat"),
    ),
    "set_messages_ttl": (
        _l("The timer for deleting messages was changed"),
        _l("The timer for deleting messages was changed"),
    ),
    "set_chat_theme": (_l("The theme was changed"), _l("The theme was changed")),
    "history_clear": (_l("The history was cleared"), _l("The history was cleared")),
    "boost_apply": (_l("The channel was boosted"), _l("The channel was boosted")),
    "giveaway_launch": (_l("A giveaway began"), _l("A giveaway began")),
    "giveaway_results": (_l("A giveaway ended"), _l("A giveaway ended")),
}


def describe(kind: str, meta: Mapping[str, Any] | None) -> tuple[str, str] | None:
    """`(icon, words)`, or None for plain text."""
    if kind == "text":
        return None
    if kind == "service":
        return "info", service_text(meta or {})
    icon, word = KINDS[kind][0] if kind in KINDS else _OTHER, kind_word(kind)
    details = ", ".join(_details(kind, meta or {}))
    return icon, f"{word}, {details}" if details else word


def kind_word(kind: str) -> str:
    """A kind of message in words."""
    return str(KINDS[kind][1]) if kind in KINDS else kind.replace("_", " ").capitalize()


def service_text(meta: Mapping[str, Any]) -> str:
    """A sentence for a service message."""
    action = str(meta.get("action") or "")
    known = _ACTIONS.get(action)
    if known is None:
        return action.replace("_", " ").capitalize() or _("Service message")
    title = meta.get("title")
    return str(known[1]) % {"title": title} if title else str(known[0])


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

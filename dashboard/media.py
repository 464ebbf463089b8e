"""What a message carries besides its text, in a word and an icon."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.wording import clock, size

#: Kind → icon, word.
KINDS: Final = {
    "text": ("message-circle", gettext_lazy("Text")),
    "photo": ("image", gettext_lazy("Photo")),
    "video": ("video", gettext_lazy("Video")),
    "round_video": ("video", gettext_lazy("Video message")),
    "animation": ("video", gettext_lazy("Animation")),
    "voice": ("mic", gettext_lazy("Voice message")),
    "audio": ("music", gettext_lazy("Audio")),
    "document": ("file", gettext_lazy("File")),
    "sticker": ("sticker", gettext_lazy("Sticker")),
    "poll": ("vote", gettext_lazy("Poll")),
    "quiz": ("vote", gettext_lazy("Quiz")),
    "todo": ("list-checks", gettext_lazy("Checklist")),
    "geo": ("map-pin", gettext_lazy("Place")),
    "live_location": ("map-pin", gettext_lazy("Live location")),
    "venue": ("map-pin", gettext_lazy("Place")),
    "contact": ("user", gettext_lazy("Contact")),
    "game": ("gamepad-2", gettext_lazy("Game")),
    "dice": ("smile", gettext_lazy("Dice")),
    "story": ("image", gettext_lazy("Story")),
    "invoice": ("package", gettext_lazy("Invoice")),
    "giveaway": ("package", gettext_lazy("Giveaway")),
    "paid_media": ("package", gettext_lazy("Paid media")),
    "unknown": ("package", gettext_lazy("Something unknown")),
    "service": ("info", gettext_lazy("Service message")),
}
_OTHER: Final = "package"

#: Service action → what it says without a title, and with one.
_ACTIONS: Final = {
    "channel_create": (
        gettext_lazy("The channel was created"),
        gettext_lazy("The channel was created: %(title)s"),
    ),
    "chat_create": (
        gettext_lazy("The group was created"),
        gettext_lazy("The group was created: %(title)s"),
    ),
    "channel_migrate_from": (
        gettext_lazy("The group became a supergroup"),
        gettext_lazy("The group became a supergroup"),
    ),
    "chat_migrate_to": (
        gettext_lazy("The group moved to a supergroup"),
        gettext_lazy("The group moved to a supergroup"),
    ),
    "chat_edit_title": (
        gettext_lazy("The title was changed"),
        gettext_lazy("The title was changed: %(title)s"),
    ),
    "chat_edit_photo": (
        gettext_lazy("The photo was changed"),
        gettext_lazy("The photo was changed"),
    ),
    "chat_delete_photo": (
        gettext_lazy("The photo was removed"),
        gettext_lazy("The photo was removed"),
    ),
    "pin_message": (gettext_lazy("A message was pinned"), gettext_lazy("A message was pinned")),
    "chat_add_user": (gettext_lazy("Somebody joined"), gettext_lazy("Somebody joined")),
    "chat_joined_by_link": (
        gettext_lazy("Somebody joined by an invite link"),
        gettext_lazy("Somebody joined by an invite link"),
    ),
    "chat_joined_by_request": (
        gettext_lazy("Somebody's request to join was accepted"),
        gettext_lazy("Somebody's request to join was accepted"),
    ),
    "chat_delete_user": (gettext_lazy("Somebody left"), gettext_lazy("Somebody left")),
    "topic_create": (
        gettext_lazy("A topic was opened"),
        gettext_lazy("A topic was opened: %(title)s"),
    ),
    "topic_edit": (
        gettext_lazy("A topic was changed"),
        gettext_lazy("A topic was changed: %(title)s"),
    ),
    "group_call": (gettext_lazy("A video chat"), gettext_lazy("A video chat")),
    "group_call_scheduled": (
        gettext_lazy("A video chat was scheduled"),
        gettext_lazy("A video chat was scheduled"),
    ),
    "invite_to_group_call": (
        gettext_lazy("People were invited to a video chat"),
        gettext_lazy("People were invited to a video chat"),
    ),
    "set_messages_ttl": (
        gettext_lazy("The timer for deleting messages was changed"),
        gettext_lazy("The timer for deleting messages was changed"),
    ),
    "set_chat_theme": (
        gettext_lazy("The theme was changed"),
        gettext_lazy("The theme was changed"),
    ),
    "history_clear": (
        gettext_lazy("The history was cleared"),
        gettext_lazy("The history was cleared"),
    ),
    "boost_apply": (
        gettext_lazy("The channel was boosted"),
        gettext_lazy("The channel was boosted"),
    ),
    "giveaway_launch": (gettext_lazy("A giveaway began"), gettext_lazy("A giveaway began")),
    "giveaway_results": (gettext_lazy("A giveaway ended"), gettext_lazy("A giveaway ended")),
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

"""What a message carries besides its text, in a word and an icon."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.money import money
from dashboard.service import Names, sentence, whole
from dashboard.wording import clock, number, size

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
    "geo": ("map-pin", gettext_lazy("Location")),
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


def describe(
    kind: str, meta: Mapping[str, Any] | None, who: str = "", names: Names | None = None
) -> tuple[str, str] | None:
    """`(icon, words)`, or None for plain text. Of a service message `who` did it."""
    if kind == "text":
        return None
    if kind == "service":
        return "info", sentence(meta or {}, who, names)
    word = word_of(kind, meta or {})
    details = ", ".join(_details(kind, meta or {}))
    return icon_of(kind), f"{word}, {details}" if details else word


def icon_of(kind: str) -> str:
    return KINDS[kind][0] if kind in KINDS else _OTHER


def word_of(kind: str, meta: Mapping[str, Any]) -> str:
    """A kind in words, told apart further where one kind has two sorts."""
    if meta.get("type") == "giveaway_results":
        return _("Winners of a giveaway")
    return kind_word(kind)


def kind_word(kind: str) -> str:
    """A kind of message in words."""
    return str(KINDS[kind][1]) if kind in KINDS else kind.replace("_", " ").capitalize()


def _details(kind: str, meta: Mapping[str, Any]) -> list[str]:
    special = _SPECIAL.get(kind)
    if special:
        return [part for part in special(meta) if part]
    names = ("file_name", "performer", "title", "first_name", "emoji")
    found = [str(meta[name]) for name in names if meta.get(name)]
    if kind in {"photo", "video", "animation"} and meta.get("width"):
        found.append(f"{meta['width']} × {meta.get('height')}")
    if meta.get("duration"):
        found.append(clock(float(meta["duration"])))
    if kind == "document" and isinstance(meta.get("size"), int):
        found.append(size(meta["size"]))
    return found


def place(meta: Mapping[str, Any]) -> str:
    """`57.15, -2.09`; nothing where Telegram tells no position."""
    if not all(isinstance(meta.get(one), int | float) for one in ("lat", "long")):
        return ""
    return f"{round(meta['lat'], 5)}, {round(meta['long'], 5)}"


def price(meta: Mapping[str, Any]) -> str:
    """Of an invoice; empty where it is not told."""
    amount = whole(meta.get("total_amount"))
    return money(amount, str(meta.get("currency") or "")) if amount else ""


def _stars(meta: Mapping[str, Any]) -> str:
    return money(whole(meta.get("stars")), "XTR") if meta.get("stars") else ""


def _prizes(meta: Mapping[str, Any]) -> list[str]:
    count = whole(meta.get("winners_count")) or whole(meta.get("quantity"))
    winners = ngettext("%(n)s winner", "%(n)s winners", count) % {"n": number(count)}
    return [winners if count else "", _stars(meta), str(meta.get("prize") or "")]


#: What a line says of a kind, where names and sizes are not it.
_SPECIAL: Final[Mapping[str, Callable[[Mapping[str, Any]], list[str]]]] = {
    "poll": lambda meta: [str(meta.get("question") or "")],
    "quiz": lambda meta: [str(meta.get("question") or "")],
    "geo": lambda meta: [place(meta)],
    "live_location": lambda meta: [place(meta)],
    "venue": lambda meta: [str(meta.get("title") or ""), str(meta.get("address") or "")],
    "contact": lambda meta: [
        " ".join(str(meta[part]) for part in ("first_name", "last_name") if meta.get(part)),
        f"+{str(meta['phone_number']).lstrip('+')}" if meta.get("phone_number") else "",
    ],
    "dice": lambda meta: [f"{meta.get('emoji') or ''} {meta.get('value') or ''}".strip()],
    "invoice": lambda meta: [
        str(meta.get("title") or ""),
        price(meta),
    ],
    "giveaway": _prizes,
    "story": lambda meta: [f"#{meta['story_id']}" if meta.get("story_id") else ""],
    "paid_media": lambda meta: [_stars(meta)],
    "unknown": lambda meta: [str(meta.get("tl") or "")],
}

"""What hangs on a message besides its medium: a link's preview, buttons, how it was sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard import wording
from dashboard.entities import safe_url
from dashboard.money import money
from dashboard.service import Names, name_of
from dashboard.thumbs import Thumb, thumbnail

Meta = Mapping[str, Any]


@dataclass(frozen=True)
class Preview:
    """A link's preview, as its site wrote it. Nothing of it is loaded from there."""

    address: str
    site: str
    title: str
    description: str
    author: str
    thumb: Thumb | None


@dataclass(frozen=True)
class Button:
    """`address` where it leads somewhere; `does` says what it did in Telegram otherwise."""

    text: str
    address: str
    does: str


@dataclass(frozen=True)
class Note:
    icon: str
    words: str


@dataclass(frozen=True)
class Hanging:
    preview: Preview | None
    buttons: list[list[Button]]
    notes: list[Note]

    def __bool__(self) -> bool:
        return bool(self.preview or self.buttons or self.notes)


#: Type of a button → what it does in Telegram.
_DOES: Final = {
    "callback": gettext_lazy("asks the bot"),
    "copy": gettext_lazy("copies a text"),
    "switch_inline": gettext_lazy("asks the bot in another chat"),
    "buy": gettext_lazy("pays"),
    "game": gettext_lazy("starts the game"),
    "user_profile": gettext_lazy("opens a profile"),
    "web_view": gettext_lazy("opens a web app"),
    "simple_web_view": gettext_lazy("opens a web app"),
    "url": gettext_lazy("opens a link"),
    "url_auth": gettext_lazy("opens a link"),
}


def hanging_of(attached: Meta | None, names: Names | None = None) -> Hanging:
    """Everything of it; false where there is nothing."""
    known = attached or {}
    return Hanging(
        preview=_preview(known["preview"]) if known.get("preview") else None,
        buttons=[[_button(one) for one in row] for row in known.get("buttons") or ()],
        notes=_notes(known, names or {}),
    )


def _preview(preview: Meta) -> Preview:
    address = safe_url(str(preview.get("url") or "")) or ""
    return Preview(
        address=address,
        site=str(preview.get("site") or _host(address)),
        title=str(preview.get("title") or ""),
        description=str(preview.get("description") or ""),
        author=str(preview.get("author") or ""),
        thumb=thumbnail(preview.get("photo") or preview.get("document")),
    )


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _button(button: Meta) -> Button:
    does = _DOES.get(str(button.get("type")))
    return Button(
        text=str(button.get("text") or ""),
        address=safe_url(str(button["url"])) or "" if button.get("url") else "",
        does=str(does) if does else _("a button"),
    )


def _notes(known: Meta, names: Names) -> list[Note]:
    found = []
    if known.get("via_bot"):
        bot = {"bot": name_of(str(known["via_bot"]), names)}
        found.append(Note("radio-tower", _("via the bot %(bot)s") % bot))
    if known.get("effect"):
        found.append(Note("activity", _("sent with an effect")))
    if known.get("ttl_period"):
        period = {"period": wording.duration(known["ttl_period"])}
        found.append(Note("timer", _("deletes itself %(period)s after it was sent") % period))
    if known.get("paid_stars"):
        price = {"price": money(known["paid_stars"], "XTR")}
        found.append(Note("package", _("%(price)s were paid to send it") % price))
    if known.get("sender_boosts"):
        boosts = known["sender_boosts"]
        words = ngettext(
            "its sender had boosted the group %(n)s time",
            "its sender had boosted the group %(n)s times",
            boosts,
        )
        found.append(Note("arrow-up", words % {"n": boosts}))
    for one in known.get("restricted") or ():
        reason = {"platform": one.get("platform") or "", "text": one.get("text") or ""}
        found.append(Note("ban", _("Telegram hides it on “%(platform)s”: %(text)s") % reason))
    if check := known.get("fact_check"):
        found.append(Note("circle-alert", _("Fact check: %(text)s") % {"text": check["text"]}))
    return found

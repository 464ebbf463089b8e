"""What the parts of single kinds need, worked out of what is archived."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import entities, media, wording
from dashboard.links import telegram_peer_link
from dashboard.money import money
from dashboard.service import Names, name_of, whole
from dashboard.thumbs import Thumb, thumbnail

Meta = Mapping[str, Any]

#: What a slot machine shows, by value - 1 in base 4 (https://core.telegram.org/api/dice).
_REELS: Final = ("🅱️", "🍇", "🍋", "7️⃣")
_SLOTS: Final = 64


@dataclass(frozen=True)
class Fact:
    """A line of a card; `link` where it leads somewhere."""

    label: str
    value: str
    link: str = ""


@dataclass(frozen=True)
class Task:
    html: SafeString
    #: Who ticked it off; empty where nobody did, or nobody is named.
    by: str
    done: bool


@dataclass(frozen=True)
class Checklist:
    title: SafeString
    tasks: list[Task]
    notes: list[str]


def tasks(meta: Meta, attached: Meta, names: Names) -> Checklist:
    done = {one["id"]: one for one in (attached.get("todo") or {}).get("done") or ()}
    told = meta.get("items")
    items = [one for one in told if isinstance(one, Mapping)] if isinstance(told, list) else []
    notes = []
    if meta.get("others_can_append"):
        notes.append(_("everybody may add tasks"))
    if meta.get("others_can_complete"):
        notes.append(_("everybody may tick them off"))
    return Checklist(
        entities.render(str(meta.get("title") or ""), meta.get("title_entities") or ()),
        [_task(item, done.get(item.get("id")), names) for item in items],
        notes,
    )


def _task(item: Meta, ticked: Meta | None, names: Names) -> Task:
    by = name_of(str(ticked["by"]), names) if ticked and ticked.get("by") else ""
    html = entities.render(str(item.get("text") or ""), item.get("entities") or ())
    return Task(html, by, done=ticked is not None)


@dataclass(frozen=True)
class Place:
    """`point` as text; the links open a map elsewhere, and only when they are pressed."""

    point: str
    map_link: str
    geo_link: str
    facts: list[Fact]


def place(meta: Meta, _attached: Meta, _names: Names) -> Place:
    point = media.place(meta)
    found = []
    if whole(meta.get("accuracy")):
        metres = ngettext("%(n)s metre", "%(n)s metres", meta["accuracy"])
        found.append(Fact(_("Accuracy"), metres % {"n": wording.number(meta["accuracy"])}))
    if whole(meta.get("period")):
        found.append(Fact(_("Shared for"), wording.duration(meta["period"])))
    if meta.get("heading"):
        found.append(Fact(_("Heading"), f"{meta['heading']}°"))
    if not point:
        return Place("", "", "", found)
    lat, long = meta["lat"], meta["long"]
    osm = f"https://www.openstreetmap.org/?mlat={lat}&mlon={long}#map=15/{lat}/{long}"
    return Place(point, osm, f"geo:{lat},{long}", found)


@dataclass(frozen=True)
class Contact:
    name: str
    phone: str
    phone_link: str
    vcard: str


def contact(meta: Meta, _attached: Meta, _names: Names) -> Contact:
    phone = str(meta.get("phone_number") or "").lstrip("+")
    return Contact(
        " ".join(str(meta[part]) for part in ("first_name", "last_name") if meta.get(part)),
        f"+{phone}" if phone else "",
        f"tel:+{quote(phone)}" if phone else "",
        str(meta.get("vcard") or ""),
    )


def dice(meta: Meta, _attached: Meta, _names: Names) -> str:
    """What was thrown, in words; a slot machine's value is its three reels."""
    value = whole(meta.get("value"))
    if meta.get("emoji") == "🎰" and 1 <= value <= _SLOTS:
        left = value - 1
        return "".join(_REELS[left >> shift & 3] for shift in (0, 2, 4))
    return wording.number(value)


def invoice(meta: Meta, _attached: Meta, _names: Names) -> str:
    """The price; empty where it is not told."""
    return media.price(meta)


@dataclass(frozen=True)
class Giveaway:
    """One that was announced, or its results."""

    over: bool
    prize: str
    facts: list[Fact]
    people: list[str]


def giveaway(meta: Meta, _attached: Meta, names: Names) -> Giveaway:
    over = meta.get("type") == "giveaway_results"
    found: list[Fact] = []
    count = whole(meta.get("winners_count") if over else meta.get("quantity"))
    found.append(Fact(_("Winners"), wording.number(count)))
    if over and meta.get("unclaimed_count"):
        found.append(Fact(_("Not claimed"), wording.number(meta["unclaimed_count"])))
    if meta.get("until"):
        label = _("Drawn on") if over else _("Ends on")
        found.append(Fact(label, _moment(meta["until"])))
    channels = [meta.get("channel")] if over else list(meta.get("channels") or ())
    for channel in filter(None, channels):
        link = telegram_peer_link(int(channel)) if _is_number(channel) else ""
        found.append(Fact(_("Channel"), name_of(str(channel), names), link))
    if meta.get("countries"):
        found.append(Fact(_("Countries"), ", ".join(meta["countries"])))
    if meta.get("only_new_subscribers"):
        found.append(Fact(_("For whom"), _("new subscribers only")))
    if meta.get("refunded"):
        found.append(Fact(_("Refunded"), _("the prizes were paid back")))
    people = [name_of(str(winner), names) for winner in meta.get("winners") or ()]
    return Giveaway(over, _prize(meta), found, people)


def _moment(value: object) -> str:
    try:
        return wording.exact(datetime.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def _prize(meta: Meta) -> str:
    parts = []
    if whole(meta.get("stars")):
        parts.append(money(meta["stars"], "XTR"))
    if whole(meta.get("months")):
        months = ngettext(
            "Telegram Premium for %(n)s month", "Telegram Premium for %(n)s months", meta["months"]
        )
        parts.append(months % {"n": meta["months"]})
    if meta.get("prize"):
        parts.append(str(meta["prize"]))
    return ", ".join(parts)


def _is_number(text: object) -> bool:
    return str(text).removeprefix("-").isdigit()


@dataclass(frozen=True)
class Story:
    owner: str
    text: str
    thumb: Thumb | None
    mention: bool


def story(meta: Meta, attached: Meta, names: Names) -> Story:
    seen: Meta = attached.get("story") or {}
    owner = str(meta.get("peer_id") or "")
    return Story(
        name_of(owner, names) if owner else "",
        str(seen.get("text") or ""),
        thumbnail(seen.get("media")),
        bool(meta.get("via_mention")),
    )


@dataclass(frozen=True)
class Behind:
    """An item of paid media: what the archive's account may see of it."""

    words: str
    thumb: Thumb | None


@dataclass(frozen=True)
class PaidMedia:
    price: str
    items: list[Behind]


def paid_media(meta: Meta, attached: Meta, _names: Names) -> PaidMedia:
    items = []
    for item in attached.get("paid") or ():
        kind = str(item.get("type") or "")
        if kind == "preview":
            kind = "video" if item.get("duration") else "photo"
        described = media.describe(kind, {**item, "type": kind})
        items.append(Behind(described[1] if described else "", thumbnail(item)))
    return PaidMedia(money(whole(meta.get("stars")), "XTR"), items)

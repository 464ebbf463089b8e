"""The medium of a message."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dashboard import media
from dashboard.kinds import facts, polls
from dashboard.kinds.waves import wave
from dashboard.service import Names
from dashboard.thumbs import Thumb, thumbnail

Meta = Mapping[str, Any]


@dataclass(frozen=True)
class Medium:
    """`template` shows it; `words` say it in a line; `facts` is what that template needs."""

    kind: str
    icon: str
    #: The kind alone: "Photo".
    word: str
    #: With what is known of it: "Photo, 1280 × 720".
    words: str
    template: str
    meta: Meta
    thumb: Thumb | None
    facts: Any
    #: Its author covered it; a click uncovers it.
    covered: bool


#: Kinds that share a part.
_PARTS: Final = {"quiz": "poll", "live_location": "place", "venue": "place", "geo": "place"}
_OWN_PARTS: Final = frozenset(
    {
        "animation",
        "audio",
        "contact",
        "dice",
        "document",
        "game",
        "giveaway",
        "invoice",
        "paid_media",
        "photo",
        "poll",
        "round_video",
        "sticker",
        "story",
        "todo",
        "unknown",
        "video",
        "voice",
    }
)
#: Kind → what its part needs besides `meta`, from it, from what is attached, and from names.
_FACTS: Final[Mapping[str, Callable[[Meta, Meta, Names], Any]]] = {
    "poll": polls.poll,
    "quiz": polls.poll,
    "todo": facts.tasks,
    "geo": facts.place,
    "live_location": facts.place,
    "venue": facts.place,
    "contact": facts.contact,
    "dice": facts.dice,
    "invoice": facts.invoice,
    "giveaway": facts.giveaway,
    "story": facts.story,
    "paid_media": facts.paid_media,
    "voice": lambda meta, _attached, _names: wave(meta.get("waveform")),
}


def medium_of(
    kind: str, meta: Meta | None, attached: Meta | None = None, names: Names | None = None
) -> Medium | None:
    """None for a text and for a service message."""
    if kind in {"text", "service"}:
        return None
    known = meta or {}
    part = _PARTS.get(kind, kind)
    described = media.describe(kind, known)
    make = _FACTS.get(kind)
    return Medium(
        kind=kind,
        icon=media.icon_of(kind),
        word=media.word_of(kind, known),
        words=described[1] if described else "",
        template=f"dashboard/media/{part if part in _OWN_PARTS | {'place'} else 'unknown'}.html",
        meta=known,
        thumb=thumbnail(known, covered=True),
        facts=make(known, attached or {}, names or {}) if make else None,
        covered=bool(known.get("spoiler")),
    )

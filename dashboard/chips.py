"""What a list is filtered by, as chips that can be taken away."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from archive.filters import Filters
from dashboard.media import kind_word
from dashboard.wording import number
from ingestion.languages import LANGUAGES

_HAS: Final = {"media": gettext_lazy("media"), "link": gettext_lazy("a link")}
_IS: Final = {
    "edited": gettext_lazy("edited"),
    "deleted": gettext_lazy("gone from Telegram"),
    "present": gettext_lazy("still on Telegram"),
    "forwarded": gettext_lazy("forwarded"),
    "pinned": gettext_lazy("pinned"),
}
_LABELS: Final = {
    "from": gettext_lazy("From"),
    "to": gettext_lazy("To"),
    "sender": gettext_lazy("Sender"),
    "lang": gettext_lazy("Language"),
    "tag": gettext_lazy("Hashtag"),
    "site": gettext_lazy("Link to"),
    "re": gettext_lazy("Matches"),
}


@dataclass(frozen=True, slots=True)
class Chip:
    """`left` is the query of the address without it."""

    name: str
    value: str
    label: str
    word: str
    left: str


def chips(filters: Filters, titles: Mapping[int, str]) -> list[Chip]:
    """One for each filter but the words; `titles` of channels by their key."""
    found = []
    for name, value in filters.pairs():
        if name in {"q", "zone"}:
            continue
        label, word = _words(name, value, titles)
        left = filters.without(name, value).query_string()
        found.append(Chip(name, value, label, word, left))
    return found


def chips_of_words(filters: Filters) -> list[Chip]:
    """The words as a chip, where there are any."""
    if not filters.words:
        return []
    left = filters.without("q", filters.words).query_string()
    return [Chip("q", filters.words, _("Words"), filters.words, left)]


def _words(name: str, value: str, titles: Mapping[int, str]) -> tuple[str, str]:
    if name == "channel":
        return _("Channel"), titles.get(int(value), f"#{value}")
    if name == "kind":
        return _("Kind"), kind_word(value)
    if name in {"has", "is"}:
        return (_("Has"), str(_HAS[value])) if name == "has" else (_("Is"), str(_IS[value]))
    if name in {"topic", "thread"}:
        return _("Topic") if name == "topic" else _("Thread"), f"#{value}"
    if name in {"views_min", "views_max"}:
        said = _("at least %(n)s") if name == "views_min" else _("at most %(n)s")
        return _("Views"), said % {"n": number(int(value))}
    shown = {"tag": f"#{value}", "lang": LANGUAGES.get(value, value)}
    return str(_LABELS[name]), shown.get(name, value)

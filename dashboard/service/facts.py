"""The values of sentences, in words."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import wording
from dashboard.money import money
from dashboard.service.names import PEERS, Meta, Names, isolated, name_of, whole


def counted(meta: Meta) -> int:
    """The number that a sentence with a plural is about."""
    for field in ("boosts", "winners_count", "count", "days", "months", "distance", "stars"):
        if isinstance(meta.get(field), int):
            return int(meta[field])
    return 0


def _birthday(day: Meta) -> str:
    return ".".join(str(day[part]) for part in ("day", "month", "year") if day.get(part))


class Facts(Mapping[str, str]):
    """The values of a sentence, each worked out when the sentence asks for it."""

    def __init__(self, meta: Meta, who: str, names: Names) -> None:
        self.meta, self.names = meta, names
        self.who = isolated(who)

    def __iter__(self) -> Iterator[str]:
        return iter(("who", *self.meta))

    def __len__(self) -> int:
        return len(self.meta) + 1

    def __getitem__(self, name: str) -> str:
        """Empty where it is not told, or not as it should be: other programs write records, too."""
        if name == "who":
            return self.who
        if name in PEERS:
            return self._people(name)
        made = _VALUES.get(name)
        try:
            value = made(self.meta) if made else self.meta.get(name)
        except (LookupError, TypeError, ValueError, AttributeError):
            return ""
        if isinstance(value, bool | None):
            return ""
        return wording.number(value) if isinstance(value, int) else isolated(str(value))

    def _people(self, name: str) -> str:
        """By their ids; Telegram Desktop writes names instead."""
        value = self.meta.get(name)
        ids = value if isinstance(value, list) else [value]
        found = [name_of(str(one), self.names) for one in ids if one]
        members = self.meta.get("members")
        if not found and isinstance(members, list):
            found = [isolated(str(one)) for one in members if one]
        return _joined(found) or _("somebody")


def _joined(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return _("%(some)s and %(last)s") % {"some": ", ".join(names[:-1]), "last": names[-1]}


def _gift(meta: Meta) -> str:
    gift = meta.get("gift")
    if isinstance(gift, Mapping):
        return f"#{gift.get('num') or gift.get('id')}"
    return str(gift or "")


def _moment(field: str) -> Callable[[Meta], str]:
    return lambda meta: wording.exact(datetime.fromisoformat(str(meta[field])))


def _price(meta: Meta) -> str:
    price = meta.get("price") or {}
    stars = int(price.get("amount") or 0)
    return ngettext("%(n)s star", "%(n)s stars", stars) % {"n": wording.number(stars)}


_VALUES: Final[Mapping[str, Callable[[Meta], Any]]] = {
    "gift": _gift,
    "price": _price,
    "schedule_date": _moment("schedule_date"),
    "duration": lambda meta: wording.duration(meta["duration"]),
    "period": lambda meta: wording.duration(meta["period"]),
    "paid": lambda meta: money(
        whole(meta.get("total_amount")) or whole(meta.get("amount")),
        str(meta.get("currency") or ""),
    ),
    "crypto": lambda meta: money(
        meta.get("crypto_amount") or 0, str(meta.get("crypto_currency") or "")
    ),
    "theme": lambda meta: (meta.get("theme") or {}).get("emoticon") or meta.get("emoticon") or "",
    "tasks": lambda meta: ", ".join(map(str, meta.get("list") or ())),
    "done": lambda meta: len(meta.get("completed") or ()),
    "undone": lambda meta: len(meta.get("incompleted") or ()),
    "n": counted,
    "days": lambda meta: whole(meta.get("days")) or 30 * whole(meta.get("months")),
    "birthday": lambda meta: _birthday(meta.get("birthday") or {}),
}

"""What may stand behind a filter's colon. Each reader takes it as it was typed and gives its normal
form; `Wrong` says in words what is amiss.
"""

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import Final

from archive.query.known import ARE, HAS, KINDS, OTHER_NAMES
from ingestion.languages import LANGUAGES
from tgadmin.lib.told import Told, tell

_MONTHS: Final = 12
_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 9000
_AGO: Final = re.compile(r"(\d{1,4})([dwmy])", re.IGNORECASE)
_DAYS_OF: Final = {"d": 1, "w": 7, "m": 30, "y": 365}
_DATE: Final = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_AMOUNT: Final = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)([km]?)", re.IGNORECASE)
_MOST_VIEWS: Final = 10**17
_THOUSANDS: Final = {"": 1, "k": 1_000, "m": 1_000_000}
_LABEL: Final = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?")
_MESSAGE: Final = re.compile(r"[1-9]\d{0,17}", re.ASCII)
_LONGEST_NAME: Final = 128
_LONGEST_SHOWN: Final = 40


class Wrong(Exception):
    """Why a value makes no sense."""

    def __init__(self, told: Told) -> None:
        super().__init__(str(told))
        self.told = told


def name(text: str, _today: date) -> str:
    """Somebody's, or a channel's: with single spaces."""
    return " ".join(text.split())[:_LONGEST_NAME]


def kind(text: str, _today: date) -> str:
    found = OTHER_NAMES.get(text.lower(), text.lower())
    if found not in KINDS:
        raise Wrong(
            tell(
                "There is no kind of message “%(value)s”.",
                "There are: %(known)s.",
                value=_short(text),
                known=", ".join(KINDS),
            )
        )
    return found


def has(text: str, _today: date) -> str:
    found = OTHER_NAMES.get(text.lower(), text.lower())
    if found not in KINDS and found not in HAS:
        raise Wrong(
            tell(
                "Nothing is known of messages that have “%(value)s”.",
                "Write has: with one of these: %(known)s.",
                value=_short(text),
                known=", ".join((*HAS, *KINDS[1:])),
            )
        )
    return found


def state(text: str, _today: date) -> str:
    if text.lower() not in ARE:
        raise Wrong(
            tell(
                "There is no filter “is:%(value)s”.",
                "Write is: with one of these: %(known)s.",
                value=_short(text),
                known=", ".join(ARE),
            )
        )
    return text.lower()


def span(text: str, today: date) -> str:
    """A day, or all of a month or year: `2026-05-01` or `2026-05-01..2026-05-31`."""
    begin, dots, end = text.lower().partition("..")
    first, last = _span(begin, today)
    if dots:
        last = max(_span(end, today)[1], first)
    return str(first) if first == last else f"{first}..{last}"


def day(text: str, today: date) -> str:
    """The first day of it."""
    return str(_span(text.lower(), today)[0])


def days_of(value: str) -> tuple[date, date]:
    """Of a span's normal form."""
    first, _, last = value.partition("..")
    return date.fromisoformat(first), date.fromisoformat(last or first)


def _span(text: str, today: date) -> tuple[date, date]:
    if text in {"today", "yesterday"}:
        found = today - timedelta(days=text == "yesterday")
        return found, found
    ago = _AGO.fullmatch(text)
    try:
        if ago:
            found = today - timedelta(days=int(ago[1]) * _DAYS_OF[ago[2]])
            if found.year >= _FIRST_YEAR:
                return found, found
        match = _DATE.fullmatch(text)
        if match and _FIRST_YEAR <= int(match[1]) <= _LAST_YEAR:
            year, month, number = int(match[1]), int(match[2] or 1), int(match[3] or 1)
            first = date(year, month, number)
            if match[3]:
                return first, first
            last_month = month if match[2] else _MONTHS
            return first, date(year, last_month, monthrange(year, last_month)[1])
    except (ValueError, OverflowError):
        pass  # a 30th of February
    raise Wrong(
        tell(
            "“%(value)s” is no day.",
            "Write it as 2026-05-01, 2026-05, 2026, today, yesterday, or 7d for seven days ago.",
            value=_short(text),
        )
    )


def amount(text: str, _today: date) -> str:
    """`low..high`, both included, either of them empty."""
    low, high = _amounts(text.replace(",", ""))
    if low is None and high is None:
        raise Wrong(
            tell(
                "“%(value)s” is no number of views.",
                "Write views:>1000, views:<=10k, views:100..500 or views:0.",
                value=_short(text),
            )
        )
    if low is not None and high is not None and low > high:
        raise Wrong(
            tell(
                "No number is at least %(low)s and at most %(high)s.",
                "Write the smaller number first.",
                low=low,
                high=high,
            )
        )
    return f"{'' if low is None else low}..{'' if high is None else high}"


def bounds_of(value: str) -> tuple[int | None, int | None]:
    """Of an amount's normal form."""
    low, _, high = value.partition("..")
    return int(low) if low else None, int(high) if high else None


def _amounts(text: str) -> tuple[int | None, int | None]:
    if ".." in text:
        begin, _, end = text.partition("..")
        ends = _number(begin), _number(end)
        unread = (begin and ends[0] is None) or (end and ends[1] is None)
        return (None, None) if unread else ends
    sign = re.match(r"[<>]?=?", text)
    operator = sign[0] if sign else ""
    found = _number(text[len(operator) :])
    if found is None or (operator == "<" and not found):
        return None, None
    low = {">": found + 1, ">=": found, "<": None, "<=": None}.get(operator, found)
    high = {"<": found - 1, "<=": found, ">": None, ">=": None}.get(operator, found)
    return low, high


def _number(text: str) -> int | None:
    match = _AMOUNT.fullmatch(text)
    number = int(float(match[1]) * _THOUSANDS[match[2].lower()]) if match else None
    # An address takes no longer ones, and no message has more.
    return None if number is None else min(number, _MOST_VIEWS)


def language(text: str, _today: date) -> str:
    names = {name.lower(): code for code, name in LANGUAGES.items()}
    found = names.get(text.lower(), text.lower())
    if found not in LANGUAGES:
        raise Wrong(
            tell(
                "“%(value)s” is no language that is told apart here.",
                "Write the two letters of one of these: %(known)s.",
                value=_short(text),
                known=", ".join(LANGUAGES),
            )
        )
    return found


def site(text: str, _today: date) -> str:
    """A domain, whatever stands around it in an address."""
    found = re.sub(r"^[a-z][a-z0-9+.-]*://", "", text.lower())
    found = re.split(r"[/?#]", found, maxsplit=1)[0].removeprefix("www.").strip(".")
    labels = found.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise Wrong(
            tell(
                "“%(value)s” is no domain.",
                "Write it as in url:example.org; what is below it is found, too.",
                value=_short(text),
            )
        )
    return found


def tag(text: str, _today: date) -> str:
    found = text.removeprefix("#").lower()
    if not re.fullmatch(r"\w+(?:@\w+)?", found):
        raise Wrong(
            tell(
                "“%(value)s” is no hashtag.",
                "Write it without spaces and signs, as in tag:news or tag:#news.",
                value=_short(text),
            )
        )
    return found


def number(text: str, _today: date) -> str:
    """A message's."""
    if not _MESSAGE.fullmatch(text.removeprefix("#")):
        raise Wrong(
            tell(
                "“%(value)s” is no message's number.",
                "Write the number of the message that the thread began with, as in thread:120.",
                value=_short(text),
            )
        )
    return text.removeprefix("#")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"

"""What can be true of a message, whoever says so: files are made by anybody, and one odd item must
neither stop an import nor break the pages that show it.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Final

import orjson

from ingestion.records import MessageRecord, dump_raw

#: Ids have 32 bits (https://core.telegram.org/constructor/message), and so have dates, which begin
#: in 1970; none is later than the unsigned ones reach.
LAST_ID: Final = 2**31 - 1
FIRST_MOMENT: Final = datetime(1970, 1, 1, tzinfo=UTC)
LAST_MOMENT: Final = datetime(2106, 2, 7, tzinfo=UTC)
#: Of PostgreSQL's bigint.
_LARGEST: Final = 2**63 - 1
#: Marked ids, and the words that say what a message is, are shorter; senders are in an index, which
#: takes no long ones.
_LONGEST_NAME: Final = 64
_OBJECTS: Final = ("media_meta", "reply_to", "forward", "attached")
#: It goes into tables as it is, where a spreadsheet takes some signs for formulas.
_WORD: Final = re.compile(r"[a-z][a-z0-9_]*")
_NUL: Final = b"\\u0000"


def odd(record: MessageRecord) -> str:
    """The field that cannot be right; empty where all can."""
    for value, (name, fits) in zip(_values(record), _CHECKS, strict=True):
        if value is not None and not fits(value):
            return name
    told = [value for value in _trees(record) if value]
    try:
        fits_json = not told or _NUL not in orjson.dumps(told)
    except (TypeError, ValueError, RecursionError):  # nested too deep, or numbers without end
        fits_json = False
    return "" if fits_json and record.message_id is not None else "JSON"


def is_id(number: Any) -> bool:
    """Whether a message can have it."""
    return type(number) is int and 0 < number <= LAST_ID


def is_number(number: Any) -> bool:
    """Whether a column of the archive holds it."""
    return type(number) is int and -_LARGEST <= number <= _LARGEST


def moment(text: Any) -> datetime:
    """A time in UTC; without an offset it is one. Raises `ValueError` for what none can be."""
    found = datetime.fromisoformat(str(text))
    try:
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(text) from error
    if not FIRST_MOMENT <= found < LAST_MOMENT:
        raise ValueError(text)
    return found


def dumped(value: Any) -> bytes:
    """As JSON, to be looked at."""
    try:
        return dump_raw(value)
    except (TypeError, ValueError):
        return repr(value).encode()


def _is_moment(value: Any) -> bool:
    return isinstance(value, datetime) and FIRST_MOMENT <= value < LAST_MOMENT


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_NAME


def _is_word(value: Any) -> bool:
    return value == "text" or (_is_short(value) and _WORD.fullmatch(value) is not None)


def _is_reactions(value: Any) -> bool:
    return type(value) is dict and all(
        isinstance(name, str) and "\0" not in name and is_number(count)
        for name, count in value.items()
    )


def _are_entities(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(_is_entity(entity) for entity in value)


def _is_entity(entity: Any) -> bool:
    if type(entity) is not dict or type(entity.get("type")) is not str:
        return False
    offset, length = entity.get("offset"), entity.get("length")
    return (
        type(offset) is int
        and type(length) is int
        and 0 <= offset <= LAST_ID
        and 0 <= length <= LAST_ID
    )


def _are_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(
        isinstance(one, str) and "\0" not in one for one in value
    )


def _is_object(value: Any) -> bool:
    return type(value) is dict


_CHECKS: Final[tuple[tuple[str, Callable[[Any], bool]], ...]] = (
    ("message_id", is_id),
    ("date", _is_moment),
    ("edit_date", _is_moment),
    ("sender_id", _is_short),
    ("kind", _is_word),
    ("entities", _are_entities),
    ("links", _are_texts),
    ("hashtags", _are_texts),
    ("reactions", _is_reactions),
    *((name, is_number) for name in ("views", "forwards", "replies", "grouped_id", "topic_id")),
    *((name, _is_object) for name in _OBJECTS),
)
#: All at once: files have millions of messages.
_values: Final = attrgetter(*(name for name, _ in _CHECKS))
_trees: Final = attrgetter("entities", *_OBJECTS)

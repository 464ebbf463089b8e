"""The manifest beside an export: what its channels were, and how complete."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import orjson

from ingestion.errors import InputError
from ingestion.records import ChannelKind
from ingestion.sources import bounds
from ingestion.sources.base import Chat
from ingestion.sources.words import clean

#: The newest version that is understood.
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Original:
    """A channel as it was where it was exported. `coverage` is `{source: [(low, high), …]}`."""

    key: int
    chat: Chat
    about: str = ""
    members: int | None = None
    top_id: int = 0
    available_min_id: int = 0
    photo_id: int | None = None
    described_at: str | None = None
    tags: Sequence[str] = ()
    notes: str = ""
    web_preview: bool = False
    coverage: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)
    changes: Sequence[Mapping[str, str]] = ()
    member_counts: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """`originals` by marked id; `sha256` is that of the file."""

    originals: Mapping[int, Original]
    rows: int
    sha256: str


def read_manifest(data: bytes) -> Manifest:
    """Raises `InputError` for what is none, or is of a later version."""
    try:
        found = orjson.loads(data)
        if found["tgadmin"] > _VERSION:
            raise InputError(
                "MANIFEST_NEWER",
                "The export was made by a newer version of tgadmin.",
                "Update this one first.",
            )
        originals = [_original(one) for one in found["channels"]]
        return Manifest(
            {one.chat.peer_id: one for one in originals if one.chat.peer_id is not None},
            rows=int(found["rows"]),
            sha256=str(found["sha256"]),
        )
    except (orjson.JSONDecodeError, LookupError, TypeError, ValueError) as error:
        raise InputError(
            "MANIFEST_UNREADABLE",
            "The manifest beside the export cannot be read: %(kind)s.",
            "Copy it again, or import the file without it.",
            kind=type(error).__name__,
        ) from error


def _original(one: Mapping[str, Any]) -> Original:
    chat = Chat(
        peer_id=_number(one["peer_id"]),
        title=clean(one["title"]),
        kind=ChannelKind(one["kind"]),
        username=clean(one.get("username")),
        is_private=bool(one.get("is_private")),
    )
    return Original(
        key=_number(one["id"]),
        chat=chat,
        about=clean(one.get("about")),
        members=_maybe(one.get("members")),
        top_id=_id(one.get("top_id") or 0),
        available_min_id=_id(one.get("available_min_id") or 0),
        photo_id=_maybe(one.get("photo_id")),
        described_at=_time(one["described_at"]) if one.get("described_at") else None,
        tags=[clean(tag) for tag in one.get("tags") or ()],
        notes=clean(one.get("notes")),
        web_preview=bool(one.get("web_preview")),
        coverage={
            str(source): [(_id(low), _id(high)) for low, high in pairs]
            for source, pairs in (one.get("coverage") or {}).items()
        },
        changes=[_change(change) for change in one.get("changes") or ()],
        member_counts=[
            {
                "day": date.fromisoformat(count["day"]).isoformat(),
                "members": _number(count["members"]),
            }
            for count in one.get("member_counts") or ()
        ],
    )


def _change(change: Mapping[str, Any]) -> dict[str, str]:
    """Its own fields and no others: a manifest says nothing of other channels."""
    return {
        "field": clean(change["field"])[:10],
        "before": clean(change["before"]),
        "after": clean(change["after"]),
        "at": _time(change["at"]),
    }


def _time(text: Any) -> str:
    bounds.moment(text)
    return str(text)


def _number(value: Any) -> int:
    number = int(value)
    if not bounds.is_number(number):
        raise ValueError(value)
    return number


def _maybe(value: Any) -> int | None:
    return None if value is None else _number(value)


def _id(value: Any) -> int:
    number = int(value)
    if not 0 <= number <= bounds.LAST_ID:
        raise ValueError(value)
    return number

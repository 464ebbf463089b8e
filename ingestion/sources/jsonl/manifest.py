"""The manifest beside an export: what its channels were, and how complete."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from ingestion.errors import InputError
from ingestion.records import ChannelKind
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
        peer_id=int(one["peer_id"]),
        title=clean(one["title"]),
        kind=ChannelKind(one["kind"]),
        username=clean(one.get("username")),
        is_private=bool(one.get("is_private")),
    )
    return Original(
        key=int(one["id"]),
        chat=chat,
        about=clean(one.get("about")),
        members=one.get("members"),
        top_id=int(one.get("top_id") or 0),
        available_min_id=int(one.get("available_min_id") or 0),
        photo_id=one.get("photo_id"),
        described_at=one.get("described_at"),
        tags=[clean(tag) for tag in one.get("tags") or ()],
        notes=clean(one.get("notes")),
        web_preview=bool(one.get("web_preview")),
        coverage={
            str(source): [(int(low), int(high)) for low, high in pairs]
            for source, pairs in (one.get("coverage") or {}).items()
        },
        changes=one.get("changes") or (),
        member_counts=one.get("member_counts") or (),
    )

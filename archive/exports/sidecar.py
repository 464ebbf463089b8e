"""What lies beside a file (`NAME.manifest.json`): what was asked for, what it holds, and how to check
it. Beside JSON Lines also what the channels are and how complete, so that the file can be imported
again with nothing lost.

It is gathered before the messages are read: coverage may then lack what came meanwhile, and never
claims what is not in the file.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from archive.exports import fields
from archive.exports.columns import JSONL_COLUMNS
from archive.exports.options import Options
from archive.exports.sink import Manifest
from ingestion.models import Channel, ChannelChange, Coverage, MemberCount
from tgadmin import __version__

VERSION: Final = 1
SUFFIX: Final = ".manifest.json"
_FIELDS: Final = (
    "peer_id", "kind", "title", "username", "about", "members", "is_private", "top_id",
    "available_min_id", "photo_id", "described_at", "tags", "notes", "web_preview",
)  # fmt: skip


def beside(path: Path) -> Path:
    """Where the manifest of a file lies."""
    return path.with_name(path.name + SUFFIX)


def is_complete(options: Options) -> bool:
    """Whether everything that is known of the channels is in the file."""
    return (
        options.is_whole
        and options.with_deleted
        and not options.without_senders
        and not options.redaction
        and set(options.columns_of("jsonl")) == set(JSONL_COLUMNS)
    )


def describe(channels: Sequence[Channel], options: Options, format: str) -> dict[str, Any]:  # noqa: A002, the field's word
    """The part that is known before the messages are."""
    complete = format == "jsonl" and is_complete(options)
    asked = options.fields()
    return {
        "tgadmin": VERSION,
        "tgadmin_version": __version__,
        "schema": fields.VERSION,
        "format": format,
        "filters": asked.pop("filters"),
        "options": {**asked, "columns": options.columns_of(format)},
        "complete": complete,
        "channels": [_channel(channel, complete=complete) for channel in channels],
    }


def _channel(channel: Channel, *, complete: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"id": channel.pk}
    told |= {name: getattr(channel, name) for name in _FIELDS}
    if complete:
        told["coverage"] = {
            row.source: list(row.ranges.pairs)
            for row in Coverage.objects.filter(channel=channel).order_by("source")
        }
        changes = ChannelChange.objects.filter(channel=channel).order_by("at", "pk")
        told["changes"] = list(changes.values("field", "before", "after", "at"))
        counts = MemberCount.objects.filter(channel=channel).order_by("day")
        told["member_counts"] = list(counts.values("day", "members"))
    return told


def text(described: dict[str, Any], manifest: Manifest, rows: int) -> bytes:
    """The whole of it, once the file is."""
    whole = {**described, "rows": rows, "size": manifest.size, "sha256": manifest.sha256}
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def digest(text: bytes) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(text).hexdigest()

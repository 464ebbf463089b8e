"""What an export takes of which messages, and how it writes it."""

from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final, Self
from zoneinfo import available_timezones

from archive.exports.columns import CSV_COLUMNS, JSONL_COLUMNS, KEY, SENDERS
from archive.filters import Filters
from archive.models import Export
from ingestion.errors import InputError

#: What a page of HTML shows.
_HTML_COLUMNS: Final = (
    "message_id", "date", "edit_date", "deleted_at", "sender_id", "author", "kind", "text",
    "entities", "media", "reply_to", "forward", "views", "reactions", "revisions",
)  # fmt: skip
#: Format → its columns, in their order.
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "csv": CSV_COLUMNS,
    "jsonl": JSONL_COLUMNS,
    "parquet": JSONL_COLUMNS,
    "xlsx": CSV_COLUMNS,
    "html": _HTML_COLUMNS,
}
#: Those that are compressed from outside; the others are by themselves.
COMPRESSED: Final = frozenset({"csv", "jsonl"})


#: How Parquet can be split.
PARTITIONS: Final = ("channel", "month")


@cache
def _time_zones() -> set[str]:
    """Those of the IANA, which PostgreSQL knows, too: not `localtime` or `right/UTC`, which are
    files of this machine.
    """
    return available_timezones() - {"localtime"}


@dataclass(frozen=True, slots=True)
class Options:
    """`columns` empty: all of the format. `time_zone`: in which times are written. `partition`:
    of Parquet, one file (empty), or some a `channel` or a `month` of one. `with_media`: a zip with
    the stored files. `redaction`: as `redaction.step_for` reads it.
    """

    filters: Filters = field(default_factory=Filters)
    with_deleted: bool = True
    without_senders: bool = False
    columns: tuple[str, ...] = ()
    gzip: bool = False
    time_zone: str = "UTC"
    zstd: bool = False
    with_media: bool = False
    partition: str = ""
    redaction: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, export: Export) -> Self:
        """Those of a row."""
        return cls(
            filters=Filters.parse(export.filters).filters,
            with_deleted=export.with_deleted,
            without_senders=export.without_senders,
            columns=tuple(export.columns),
            gzip=export.gzip,
            time_zone=export.time_zone,
            zstd=export.zstd,
            with_media=export.with_media,
            partition=export.partition,
            redaction=export.redaction,
        )

    def fields(self) -> dict[str, Any]:
        """For the row."""
        return {
            "filters": self.filters.as_dict(),
            "with_deleted": self.with_deleted,
            "without_senders": self.without_senders,
            "columns": list(self.columns),
            "gzip": self.gzip,
            "time_zone": self.time_zone,
            "zstd": self.zstd,
            "with_media": self.with_media,
            "partition": self.partition,
            "redaction": self.redaction,
        }

    @property
    def carries_files(self) -> bool:
        """Whether stored files go out: of what is redacted only where its rules say so."""
        if not self.redaction:
            return self.with_media
        return self.with_media and self.redaction.get("rules", {}).get("media") is True

    def columns_of(self, kind: str) -> list[str]:
        """What the file has, in the format's order; the message's id always."""
        known = COLUMNS[kind]
        wanted = set(self.columns) | {KEY} if self.columns else set(known)
        if self.without_senders:
            wanted -= SENDERS
        return [name for name in known if name in wanted]

    @property
    def is_whole(self) -> bool:
        """Whether every message is wanted, deleted ones perhaps excepted: their number is known."""
        filters = self.filters
        return not (filters.looks_at_rows or filters.words or filters.since or filters.until)

    def check(self, kind: str) -> None:
        """Raise `InputError` for what cannot be made."""
        if kind not in COLUMNS:
            raise InputError(
                "EXPORT_FORMAT",
                "There is no export format “%(format)s”.",
                "Choose one of: %(formats)s.",
                format=kind,
                formats=", ".join(COLUMNS),
            )
        unknown = [name for name in self.columns if name not in COLUMNS[kind]]
        if unknown:
            raise InputError(
                "EXPORT_COLUMN",
                "%(format)s has no column %(unknown)s.",
                "There are: %(names)s.",
                format=Export.Format(kind).label,
                unknown=", ".join(unknown),
                names=", ".join(COLUMNS[kind]),
            )
        if self.time_zone not in _time_zones():
            raise InputError(
                "EXPORT_TIME_ZONE",
                "There is no time zone “%(zone)s”.",
                "Name one as the IANA does, such as UTC or Europe/Lisbon.",
                zone=self.time_zone,
            )
        self._check_packing(kind)
        if "deleted" in self.filters.are and not self.with_deleted:
            raise InputError(
                "EXPORT_NOTHING",
                "The filter asks for deleted messages, and the export leaves them out.",
                "Tick “with messages that are gone from Telegram”, or remove the filter.",
            )

    def _check_packing(self, kind: str) -> None:
        if (self.gzip or self.zstd) and (self.with_media or kind not in COMPRESSED):
            raise InputError(
                "EXPORT_PACKING",
                "%(format)s is compressed already, and so is a zip with media.",
                "Leave the compression out, or choose CSV or JSON Lines without media.",
                format=Export.Format(kind).label,
            )
        if self.gzip and self.zstd:
            raise InputError(
                "EXPORT_PACKING_TWICE",
                "A file is compressed by gzip or by Zstandard, not by both.",
                "Choose one of them.",
            )
        if self.partition and (kind != "parquet" or self.partition not in PARTITIONS):
            raise InputError(
                "EXPORT_PARTITION",
                "Only Parquet is split, by channel or by month.",
                "Choose Parquet, or one file.",
            )

    def suited_to(self, kind: str) -> Self:
        """The same without what the format does not have, as a form sends it."""
        outside = kind in COMPRESSED and not self.with_media
        return replace(
            self,
            gzip=self.gzip and outside,
            zstd=self.zstd and outside and not self.gzip,
            partition=self.partition if kind == "parquet" else "",
        )

"""What an export takes of which messages, and how it writes it."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, Self
from zoneinfo import available_timezones

from archive.exports.columns import CSV_COLUMNS, JSONL_COLUMNS, KEY, SENDERS
from archive.filters import Filters
from archive.models import Export
from ingestion.errors import InputError

#: Format → its columns, in their order.
COLUMNS: Final[dict[str, tuple[str, ...]]] = {"csv": CSV_COLUMNS, "jsonl": JSONL_COLUMNS}


@cache
def _time_zones() -> set[str]:
    """Those of the IANA, which PostgreSQL knows, too: not `localtime` or `right/UTC`, which are
    files of this machine.
    """
    return available_timezones() - {"localtime"}


@dataclass(frozen=True, slots=True)
class Options:
    """`columns` empty: all of the format. `time_zone`: in which times are written."""

    filters: Filters = field(default_factory=Filters)
    with_deleted: bool = True
    without_senders: bool = False
    columns: tuple[str, ...] = ()
    gzip: bool = False
    time_zone: str = "UTC"

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
        }

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
        if "deleted" in self.filters.are and not self.with_deleted:
            raise InputError(
                "EXPORT_NOTHING",
                "The filter asks for deleted messages, and the export leaves them out.",
                "Tick “with messages that are gone from Telegram”, or remove the filter.",
            )

"""How many rows, bytes and seconds an export will be, before it is made."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import F, Sum

from archive.exports import TEXT_FORMATS, sql
from archive.exports.base import TextFormat
from archive.exports.guessing import guess, row_of
from archive.exports.options import COMPRESSED, Options
from archive.exports.sink import GzipSink
from archive.exports.stream import filter_parameters, parameters_of
from archive.exports.weighing import Media, media
from archive.filters import matching
from archive.limits import TooSlow, limited
from archive.models import Export
from ingestion.models import Channel, ChannelTotals

#: Up to so many messages in the channels, those that a filter lets through are counted.
COUNTED: Final = 20_000
#: For so long; a regular expression may take minutes for one message.
MILLISECONDS: Final = 1_000
#: Rows whose length is looked at where no earlier export tells it.
SAMPLE: Final = 200
#: Channels of which rows are looked at.
_SAMPLED_CHANNELS: Final = 3
#: Earlier exports that tell of size and speed.
_EARLIER: Final = 5
#: Smaller ones say nothing of speed: starting is most of their time.
_TELLING_ROWS: Final = 1_000
#: Rows a second where no earlier export tells it; half of what was measured (DESIGN section 9).
_RATE: Final = {
    "csv": 60_000, "jsonl": 40_000, "parquet": 40_000, "xlsx": 2_500, "html": 5_000,
}  # fmt: skip
#: Bytes of formats that are no text, by those of JSON Lines with the same columns: measured, and
#: no more than a first guess.
_BY_JSON: Final = {"parquet": 0.2, "xlsx": 0.3, "html": 0.2}
#: The same where PostgreSQL's text is compressed on its way: half of what was measured.
_GZIP_RATE: Final = 12_000
_ZSTD_RATE: Final = 30_000
#: Bytes of media a second: a third of what was measured with a directory.
_MEDIA_RATE: Final = 100_000_000


@dataclass(frozen=True, slots=True)
class Rows:
    """`exact`: as the writer counted them; the planner's guess otherwise."""

    count: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Estimate:
    """`size` in bytes, those of `media` among them, which is None where no files go out."""

    rows: int
    exact: bool
    size: int
    seconds: float
    media: Media | None = None


class _Counter:
    """A sink that keeps the number of bytes."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, block: bytes) -> None:
        self.size += len(block)


def estimate(channels: Sequence[Channel], *, format: str, options: Options) -> Estimate:  # noqa: A002, the field's word
    """Costs some tens of milliseconds, however many messages there are."""
    found = rows(channels, options)
    text = _text_of(options, format)
    earlier = _earlier(channels[0].workspace_id, format, text)
    size = round(found.count * (_row_size(earlier) or _guessed_size(channels, format, text)))
    seconds = found.count / (_rate(earlier) or _guessed_rate(format, text))
    if not options.carries_files:
        return Estimate(found.count, found.exact, size, seconds)
    files = media(channels, options)
    seconds += files.size / _MEDIA_RATE
    return Estimate(found.count, found.exact, size + files.size, seconds, files)


def _text_of(options: Options, format: str) -> Options:  # noqa: A002
    """How the messages themselves are written: what earlier exports with media weigh says nothing
    of it. In such a zip, text is compressed as gzip does it.
    """
    if not options.with_media:
        return options
    return replace(options, with_media=False, gzip=format in COMPRESSED, zstd=False)


def rows(channels: Sequence[Channel], options: Options) -> Rows:
    """How many messages it will have."""
    keys = [channel.pk for channel in channels]
    totals = ChannelTotals.objects.filter(pk__in=keys).aggregate(
        all=Sum("messages", default=0), deleted=Sum("deleted", default=0)
    )
    if options.is_whole:
        count = totals["all"] - (0 if options.with_deleted else totals["deleted"])
        return Rows(count, exact=True)
    asked = options.filters
    words = matching(asked.words, tags=asked.tags)
    parameters: dict[str, Any] = filter_parameters(options, words)
    parameters["channels"] = keys
    if totals["all"] <= COUNTED:
        with suppress(TooSlow), limited(MILLISECONDS):
            (count,) = row_of(sql.COUNT, parameters)
            return Rows(count, exact=True)
    return Rows(min(guess(sql.GUESS, parameters), totals["all"]), exact=False)


def _earlier(workspace_id: int, format: str, options: Options) -> list[Export]:  # noqa: A002
    """The last exports that were written alike."""
    alike = options.fields()
    return list(
        Export.objects.filter(
            workspace_id=workspace_id,
            format=format,
            rows__gte=_TELLING_ROWS,
            sha256__gt="",
            started_at__isnull=False,
            ended_at__gt=F("started_at"),
            **{
                name: alike[name]
                for name in ("columns", "without_senders", "gzip", "zstd", "with_media")
            },
        ).order_by("-pk")[:_EARLIER]
    )


def _row_size(earlier: Sequence[Export]) -> float:
    """Bytes a row; 0 where nothing is known."""
    written = sum(export.rows for export in earlier)
    return sum(export.size for export in earlier) / written if written else 0.0


def _rate(earlier: Sequence[Export]) -> float:
    """Rows a second; 0 where nothing is known."""
    took = sum(
        (export.ended_at - export.started_at).total_seconds()
        for export in earlier
        if export.ended_at and export.started_at
    )
    return sum(export.rows for export in earlier) / took if took > 0 else 0.0


def _guessed_rate(format: str, options: Options) -> int:  # noqa: A002
    if options.gzip:
        return _GZIP_RATE
    return _ZSTD_RATE if options.zstd else _RATE[format]


def _guessed_size(channels: Sequence[Channel], format: str, options: Options) -> float:  # noqa: A002
    """Bytes a row, media left out; a format that is written by a library is not tried here: the
    web does not load it.
    """
    if format in TEXT_FORMATS:
        return _sampled_size(channels, TEXT_FORMATS[format], options)
    as_json = replace(options, columns=tuple(options.columns_of(format)), gzip=False, zstd=False)
    return _BY_JSON[format] * _sampled_size(channels, TEXT_FORMATS["jsonl"], as_json)


def _sampled_size(channels: Sequence[Channel], format: TextFormat, options: Options) -> float:  # noqa: A002
    """Bytes a row of the newest messages, written by the export's own statement. What Zstandard
    makes of them is about what gzip does, and its library is none that the web loads.
    """
    wanted = Options(
        without_senders=options.without_senders,
        columns=options.columns,
        time_zone=options.time_zone,
    )
    counter = _Counter()
    packed = GzipSink(counter) if options.gzip or options.zstd else None
    written = 0
    with transaction.atomic(), connection.cursor() as cursor:
        for number, channel in enumerate(channels[:_SAMPLED_CHANNELS]):
            parameters = parameters_of(channel, wanted) | {"sample": SAMPLE}
            with cursor.cursor.copy(format.statement(wanted, sample=True), parameters) as copy:
                for added, block in format.blocks(copy, first=number == 0):
                    (packed or counter).write(block)
                    written += added
    if packed:
        packed.close()
    return counter.size / written if written else 0.0

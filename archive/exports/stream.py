"""From PostgreSQL to a sink, at the speed of COPY and in constant memory."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg.sql import Identifier

from archive.exports import sql
from archive.exports.base import ExportFormat, Writer
from archive.exports.bundle import bundled
from archive.exports.options import Options
from archive.exports.reading import Reading
from archive.exports.redaction import Step, step_for
from archive.exports.sink import Counted, Sink, packed
from archive.filters import Matching, matching
from ingestion.models import Channel

#: Told after every block: rows and bytes so far, and the rows that are expected where that is
#: known.
Progress = Callable[[int, int, int | None], object]

_ALL = Options()
_NO_WORDS = Matching()


def stream(
    channels: Sequence[Channel],
    *,
    format: ExportFormat,  # noqa: A002, the field's word
    sink: Sink,
    options: Options = _ALL,
    progress: Progress = lambda *_: None,
    extra: dict[str, Any] | None = None,
) -> int:
    """Write the messages of channels, one channel after the other, each ordered by id, as of one
    moment; returns how many. What the manifest is to say besides comes into `extra`.

    Must not be called inside a transaction: it takes its own snapshot. What `progress` raises
    ends it.
    """
    step = step_of(channels, options)
    counted = Counted(sink)
    packing = packed(counted, options)
    if options.with_media:
        writer = bundled(format, packing.sink, options)
    else:
        writer = format.writer(packing.sink, options)
    rows, told = read_all(
        channels,
        writer,
        options=options,
        step=step,
        progress=lambda rows, expected: progress(rows, counted.size, expected),
    )
    packing.close()
    if extra is not None:
        extra.update(told)
    return rows


def step_of(channels: Sequence[Channel], options: Options) -> Step | None:
    """What rows go through. Raises `DataError` for a redaction that is not understood; asked for
    before anything is opened, so that there is nothing to close.
    """
    return step_for(channels[0].workspace, options.redaction) if channels else None


def read_all(
    channels: Sequence[Channel],
    writer: Writer,
    *,
    options: Options,
    step: Step | None,
    progress: Callable[[int, int | None], object] = lambda *_: None,
    before: Callable[[Any], Callable[[Channel], dict[str, Any]]] = lambda _: _nothing_more,
) -> tuple[int, dict[str, Any]]:
    """Have a writer take all channels in one snapshot; how many rows, and what the manifest is to
    say. `step` is what `step_of` has for these options. `before` is asked first in the snapshot, and
    gives what adds parameters for a channel.
    """
    asked = options.filters
    words = matching(asked.words, tags=asked.tags)
    rows = 0
    readings: list[Reading] = []
    _look_at_tables()
    with transaction.atomic(durable=True), connection.cursor() as cursor, _abandoning(readings):
        cursor.execute(sql.SNAPSHOT)
        cursor.execute(sql.TIME_ZONE, {"zone": options.time_zone})
        cursor.execute("SELECT now()")
        told: dict[str, Any] = {"taken_at": cursor.fetchone()[0]}
        more = before(cursor)
        expected = _expected(cursor, channels, options)

        def check() -> None:
            progress(rows, expected)

        for channel in channels:
            parameters = parameters_of(channel, options, words) | more(channel)
            reading = Reading(
                cursor=cursor,
                channel=channel,
                options=options,
                parameters=parameters,
                step=step,
                check=check,
            )
            readings.append(reading)
            for added in writer.take(reading):
                rows += added
                progress(rows, expected)
        told |= writer.close()
    return rows, told


def _look_at_tables() -> None:
    """Have PostgreSQL look at tables that have just been filled. Knowing them as empty, it would look
    through a whole channel for each message: 24 s for 20,000 of them, instead of 1.
    """
    with connection.cursor() as cursor:
        cursor.execute(sql.STALE, {"tables": list(sql.TABLES)})
        for (name,) in cursor.fetchall():
            statement = sql.ANALYZE.format(table=Identifier(name))
            # Somebody else may be at it, or build an index.
            with suppress(OperationalError):
                cursor.execute(statement.as_string(cursor.connection))


def _nothing_more(_channel: Channel) -> dict[str, Any]:
    return {}


@contextmanager
def _abandoning(readings: Sequence[Reading]) -> Iterator[None]:
    """When the work ends in the middle, no COPY stays open: its transaction could not end."""
    try:
        yield
    except BaseException as error:
        for reading in readings:
            reading.abandon(error)
        raise


def parameters_of(
    channel: Channel, options: Options, words: Matching = _NO_WORDS
) -> dict[str, Any]:
    """What a format's statement takes."""
    return {
        "channel": channel.pk,
        "peer": channel.peer_id,
        "sample": None,
        "since_xmin": None,
        **filter_parameters(options, words),
    }


def filter_parameters(options: Options, words: Matching) -> dict[str, Any]:
    """The part of it that says which messages."""
    parameters = options.filters.parameters() | words.parameters()
    if not options.with_deleted:
        parameters["present"] = True
    return parameters


def _expected(cursor: Any, channels: Sequence[Channel], options: Options) -> int | None:
    """As the writer counted them; None where a filter has to be tried on each row."""
    if not options.is_whole:
        return None
    present = not options.with_deleted
    cursor.execute(sql.EXPECTED_ROWS, {"channels": [c.pk for c in channels], "present": present})
    return int(cursor.fetchone()[0])

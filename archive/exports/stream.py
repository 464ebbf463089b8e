"""From PostgreSQL to a sink, at the speed of COPY and in constant memory."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from django.db import connection, transaction

from archive.exports import sql
from archive.exports.base import ExportFormat
from archive.exports.options import Options
from archive.exports.sink import GzipSink, Sink
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
) -> int:
    """Write the messages of channels, one channel after the other, each ordered by id, as of one
    moment; returns how many.

    Must not be called inside a transaction: it takes its own snapshot. What `progress` raises
    ends it.
    """
    words = matching(options.filters.words)
    statement = format.statement(options)
    packed = GzipSink(sink) if options.gzip else None
    target = packed or sink
    rows = size = 0
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(sql.SNAPSHOT)
        cursor.execute(sql.TIME_ZONE, {"zone": options.time_zone})
        expected = _expected(cursor, channels, options)
        for number, channel in enumerate(channels):
            parameters = parameters_of(channel, options, words)
            # Past Django, whose wrapper for debugging takes no parameters here.
            with cursor.cursor.copy(statement, parameters) as copy:
                messages = cast("Iterable[memoryview]", copy)
                for added, block in format.blocks(messages, first=number == 0):
                    target.write(block)
                    rows += added
                    size += len(block)
                    progress(rows, packed.size if packed else size, expected)
    if packed:
        packed.close()
    return rows


def parameters_of(
    channel: Channel, options: Options, words: Matching = _NO_WORDS
) -> dict[str, Any]:
    """What a format's statement takes."""
    return {
        "channel": channel.pk,
        "peer": channel.peer_id,
        "sample": None,
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

"""From PostgreSQL to a sink, at the speed of COPY and in constant memory."""

from collections.abc import Callable, Iterable
from typing import Any, cast

from django.db import connection, transaction

from archive.exports import sql
from archive.exports.base import ExportFormat
from archive.exports.sink import Sink
from ingestion.models import Channel

#: Told after every block: rows and bytes so far, and the rows that are expected.
Progress = Callable[[int, int, int], object]


def stream(
    channel: Channel,
    *,
    format: ExportFormat,  # noqa: A002, the field's word
    with_deleted: bool,
    sink: Sink,
    progress: Progress = lambda *_: None,
) -> int:
    """Write a channel's messages, ordered by id, as of one moment; returns how many.

    Must not be called inside a transaction: it takes its own snapshot. What `progress` raises
    ends it.
    """
    parameters: dict[str, Any] = {
        "channel": channel.pk,
        "peer": channel.peer_id,
        "with_deleted": with_deleted,
    }
    rows = size = 0
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(sql.SNAPSHOT)
        cursor.execute(sql.EXPECTED_ROWS, parameters)
        found = cursor.fetchone()
        expected = found[0] if found else 0
        with cursor.copy(format.statement, parameters) as copy:
            for added, block in format.blocks(cast("Iterable[memoryview]", copy)):
                sink.write(block)
                rows += added
                size += len(block)
                progress(rows, size, expected)
    return rows

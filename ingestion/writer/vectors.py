"""Rows of new messages with their search vectors, which another connection makes meanwhile.

The vector is half of what PostgreSQL does for a message, and one connection uses one processor. So
vectors are asked of a second one by a thread, a stretch of rows at a time, while the writer's own
connection takes in the raw records. It only calls a function of what it
is sent: nothing is read or written, and where it cannot be had, the rows go without, and the trigger
of the table makes the vector (migration 0005), as it does for few rows.
"""

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from typing import Any, Final

import psycopg
from django.db import connection

from ingestion.languages import detect
from ingestion.records import MessageRecord
from ingestion.writer.rows import message_row
from tgadmin.lib.copying import BinaryArray, binary_cursor

logger = logging.getLogger(__name__)

#: With fewer rows, a connection costs more than it brings.
FEWEST: Final = 500
#: Rows that are asked for at a time.
STRETCH: Final = 1_000
#: Stands between the addresses of a message, which do not have it.
_BETWEEN: Final = "\x1f"

#: One row: the vectors in binary form, in the order of what was sent.
VECTORS: Final = """
SELECT array_agg(tsvectorsend(search_vector(
    sent.text, string_to_array(nullif(sent.links, ''), %(between)s), sent.language
)) ORDER BY sent.place)
FROM unnest(%(texts)b::text[], %(links)b::text[], %(languages)b::text[])
     WITH ORDINALITY AS sent (text, links, language, place)
"""

#: As `message_row` makes it; and its vector in binary form, None where the trigger makes it.
Row = tuple[tuple[Any, ...], bytes | None]


@contextmanager
def with_vectors(records: Sequence[MessageRecord]) -> Iterator[Iterator[Row]]:
    """Yield the rows of these records, in their order; vectors are being made from here on."""
    helper = _helper() if len(records) >= FEWEST else None
    if helper is None:
        yield ((message_row(record), None) for record in records)
        return
    pool = ThreadPoolExecutor(1, thread_name_prefix="vectors")
    try:
        stretches = [
            pool.submit(_stretch, helper, records[start : start + STRETCH])
            for start in range(0, len(records), STRETCH)
        ]
        told = chain.from_iterable(made.result() for made in stretches)
        yield (
            (message_row(record, language), vector)
            for record, (language, vector) in zip(records, told, strict=True)
        )
    finally:
        pool.shutdown(cancel_futures=True)
        helper.close()


def _helper() -> "psycopg.Connection[Any] | None":
    """None behind a pooler: it would wait for a connection there which whoever waits for it holds."""
    if connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]:
        return None
    try:
        return psycopg.connect(**{**connection.get_connection_params(), "autocommit": True})
    except psycopg.Error as error:
        logger.info("No second connection, the trigger makes the vectors: %s", error)
        return None


def _stretch(
    helper: "psycopg.Connection[Any]", records: Sequence[MessageRecord]
) -> list[tuple[str, bytes | None]]:
    """Tell language and vector of each; no more of a batch is kept than that."""
    languages = [detect(record.text) for record in records]
    if any(_BETWEEN in link for record in records for link in record.links):
        return [(language, None) for language in languages]
    asked = {
        "texts": BinaryArray.of_texts([record.text for record in records]),
        "links": BinaryArray.of_texts([_BETWEEN.join(record.links) for record in records]),
        "languages": BinaryArray.of_texts(languages),
        "between": _BETWEEN,
    }
    try:
        found = binary_cursor(helper).execute(VECTORS, asked, binary=True).fetchone()
    except psycopg.Error as error:
        logger.info("The trigger makes the vectors of %d messages: %s", len(records), error)
        found = None
    return list(zip(languages, found[0] if found else [None] * len(records), strict=True))

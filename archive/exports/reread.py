"""Parquet files that were written, read again."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS: Final = 500


def read(path: Path, columns: Sequence[str] | None = None) -> Iterator["pa.RecordBatch"]:
    """Some hundreds of rows at a time."""
    import pyarrow.parquet as pq  # noqa: PLC0415, heavy

    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(_ROWS, columns=columns)


def names_any(path: Path, words: Sequence[str], pattern: str = "") -> bool:
    """Whether any of the words stands in a cell, in the keys of JSON, too, or what the pattern
    says (https://github.com/google/re2/wiki/Syntax).
    """
    import pyarrow as pa  # noqa: PLC0415, heavy
    import pyarrow.compute as pc  # noqa: PLC0415, heavy

    # In JSON, quotation marks and backslashes have one more in front.
    spelled = {form for word in words for form in (word, orjson.dumps(word).decode()[1:-1])}
    for batch in read(path):
        for column in batch.columns:
            cells = pc.list_flatten(column) if pa.types.is_list(column.type) else column
            if not (pa.types.is_string(cells.type) or pa.types.is_integer(cells.type)):
                continue
            texts = cells.cast(pa.string())
            if any(pc.any(pc.match_substring(texts, word)).as_py() for word in spelled):
                return True
            if pattern and pc.any(pc.match_substring_regex(texts, pattern)).as_py():
                return True
    return False

"""Parquet: typed, compressed with Zstandard, with dictionaries where values repeat, in row groups.

One file, or some in folders (`channel_id=7/month=2026-05/`) as DuckDB, Spark and pandas read
them: https://arrow.apache.org/docs/python/dataset.html#partitioned-datasets.
"""

import shutil
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from psycopg.sql import Composed

from archive.exports import arrow, fields, files, sql
from archive.exports.base import Writer
from archive.exports.options import Options
from archive.exports.reading import Reading
from archive.exports.sink import Sink, as_file
from archive.exports.zips import Zip
from tgadmin import __version__

if TYPE_CHECKING:
    import pyarrow as pa

#: A row group ends at the first of both: readers skip whole ones, and two are held in memory.
GROUP_ROWS: Final = 100_000
GROUP_BYTES: Final = 8 << 20
#: What repeats from row to row. For texts a dictionary costs time and saves nothing.
_REPEATING: Final = frozenset(
    {"channel_id", "peer_id", "sender_id", "author", "kind", "topic_id", "hashtags.list.element"}
)
#: Files that are written at once: months come nearly in order.
_OPEN: Final = 4


class Parquet:
    name = "parquet"
    content_type = "application/vnd.apache.parquet"

    def writer(self, sink: Sink, options: Options) -> Writer:
        return _Split(sink, options) if options.partition else _Single(sink, options)

    def statement(self, options: Options, *, sample: bool = False) -> Composed:  # noqa: ARG002, no sample of it is ever taken
        """The same columns as plain CSV: the limit that bench measures."""
        columns = options.columns_of(self.name)
        return sql.typed_statement(columns, without_senders=options.without_senders, plain=True)


class File:
    """One Parquet file that is being written to a path or a file object: a row group is packed by a
    thread of its own while the next one is read.
    """

    def __init__(self, target: Any, schema: "pa.Schema") -> None:
        import pyarrow.parquet as pq  # noqa: PLC0415, heavy

        told = {"tgadmin": __version__, "tgadmin.schema": str(fields.VERSION)}
        self._schema = schema
        self._writer = pq.ParquetWriter(
            target,
            schema.with_metadata(told),
            compression="zstd",
            compression_level=1,
            use_dictionary=[name for name in _REPEATING if name.split(".")[0] in schema.names],
        )
        self._batches: list[pa.RecordBatch] = []
        self._held = self._bytes = 0
        self.rows = 0
        self._packer = ThreadPoolExecutor(1, "parquet")
        self._packing: Future[None] | None = None

    def add(self, batch: "pa.RecordBatch") -> None:
        self._batches.append(batch)
        self._held += batch.num_rows
        self._bytes += batch.nbytes
        self.rows += batch.num_rows
        if self._held >= GROUP_ROWS or self._bytes >= GROUP_BYTES:
            self._write()

    def _write(self) -> None:
        import pyarrow as pa  # noqa: PLC0415, heavy

        self._wait()
        if self._batches:
            table = pa.Table.from_batches(self._batches, self._schema)
            self._packing = self._packer.submit(
                self._writer.write_table, table, row_group_size=GROUP_ROWS
            )
        self._batches, self._held, self._bytes = [], 0, 0

    @contextmanager
    def settled(self) -> Iterator[None]:
        """Behind it nothing is being written, whatever happened: its target may be closed."""
        try:
            yield
        finally:
            if self._packing:
                wait([self._packing])

    def _wait(self) -> None:
        """For the group before; raises what went wrong with it."""
        packing, self._packing = self._packing, None
        if packing:
            packing.result()

    def close(self) -> None:
        with self._packer:
            self._write()
            self._wait()
        self._writer.close()


class _Single:
    def __init__(self, sink: Sink, options: Options) -> None:
        self._schema = arrow.schema(options.columns_of("parquet"), options.time_zone)
        self._file = File(as_file(sink), self._schema)

    def take(self, reading: Reading) -> Iterator[int]:
        with reading.kept(self._file.settled()):
            for batch in arrow.batches(reading, self._schema):
                self._file.add(batch)
                yield batch.num_rows

    def close(self) -> dict[str, Any]:
        self._file.close()
        return {}


class Tree:
    """Files below a folder, `channel_id=7/month=2026-05/PREFIX-0.parquet`, months in UTC."""

    def __init__(self, root: Path, options: Options, *, prefix: str = "part") -> None:
        self._root = root
        self._by_month = options.partition != "channel"
        self._prefix = prefix
        self._shown = options.columns_of("parquet")
        #: The month is taken from it, wished for or not.
        read = dict.fromkeys([*self._shown, *(["date"] if self._by_month else [])])
        self._read = arrow.schema(list(read), options.time_zone)
        # Folders say it already, and readers do not like to be told twice.
        self._kept = [name for name in self._shown if name != "channel_id"]
        self._schema = arrow.schema(self._kept, options.time_zone)
        self._open: OrderedDict[Path, File] = OrderedDict()
        #: How often a folder got a file.
        self._parts: dict[Path, int] = {}
        #: File below the root → rows.
        self.files: dict[Path, int] = {}

    def take(self, reading: Reading) -> Iterator[int]:
        with reading.kept(self._settled()):
            for batch in arrow.batches(reading, self._read):
                for folder, part in self._split(reading.channel.pk, batch):
                    self._file(folder).add(part.select(self._kept))
                yield batch.num_rows

    @contextmanager
    def _settled(self) -> Iterator[None]:
        """The same of all files that are open by then."""
        with ExitStack() as stack:
            try:
                yield
            finally:
                for file in self._open.values():
                    stack.enter_context(file.settled())

    def _split(
        self, channel: int, batch: "pa.RecordBatch"
    ) -> Iterator[tuple[Path, "pa.RecordBatch"]]:
        import pyarrow as pa  # noqa: PLC0415, heavy
        import pyarrow.compute as pc  # noqa: PLC0415, heavy

        above = self._root / f"channel_id={channel}"
        if not self._by_month:
            yield above, batch
            return
        moments = batch.column("date").cast(pa.timestamp("us", tz="UTC"))
        months = pc.floor_temporal(moments, unit="month")
        for month in pc.unique(months):
            begun = month.as_py().astimezone(UTC)
            part = batch.filter(pc.equal(months, month))
            yield above / f"month={begun:%Y-%m}", part

    def _file(self, folder: Path) -> File:
        if folder in self._open:
            self._open.move_to_end(folder)
            return self._open[folder]
        if len(self._open) >= _OPEN:
            self._finish(next(iter(self._open)))
        folder.mkdir(parents=True, exist_ok=True)
        number = self._parts.get(folder, 0)
        self._open[folder] = File(folder / f"{self._prefix}-{number}.parquet", self._schema)
        return self._open[folder]

    def _finish(self, folder: Path) -> None:
        file = self._open.pop(folder)
        file.close()
        number = self._parts.get(folder, 0)
        self._parts[folder] = number + 1
        path = folder / f"{self._prefix}-{number}.parquet"
        self.files[path.relative_to(self._root)] = file.rows

    def close(self) -> dict[str, Any]:
        for folder in list(self._open):
            self._finish(folder)
        return {"files": {str(path): rows for path, rows in sorted(self.files.items())}}


class _Split:
    """A zip of a tree, which is written beside the export first: the parts of a zip come one
    after the other, and those of a tree do not.
    """

    def __init__(self, sink: Sink, options: Options) -> None:
        self._sink = sink
        self._folder = files.Folder()
        self._tree = Tree(self._folder.path, options)

    def take(self, reading: Reading) -> Iterator[int]:
        yield from self._tree.take(reading)

    def close(self) -> dict[str, Any]:
        told = self._tree.close()
        root = self._folder.path
        with Zip(self._sink) as archive:
            for name in told["files"]:
                with (
                    (root / name).open("rb") as file,
                    archive.open(name, "w", force_zip64=True) as part,
                ):
                    shutil.copyfileobj(file, part, 1 << 20)
        self._folder.close()
        return told

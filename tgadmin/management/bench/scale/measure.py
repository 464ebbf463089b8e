"""All that is measured at one size, in an order in which nothing disturbs what follows."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Final

import orjson
from django.conf import settings
from django.db import connection
from psycopg import sql as compose

from ingestion.models import Channel
from ingestion.services import channels
from tgadmin.management.bench import exports, imports, ingest
from tgadmin.management.bench.rows import Row
from tgadmin.management.bench.scale import pages, searches
from tgadmin.management.bench.scale.archive import ensure, with_raw_records
from tgadmin.management.bench.scale.size import Size
from tgadmin.management.generate.sizes import BY_MESSAGE, sizes
from workspaces.models import Workspace

#: The kept results of a run, beside its data.
RESULTS: Final = "results.json"
_SMALLER: Final = Size("1m", 1_000_000)
_LARGER: Final = "10m"
#: Messages that are exported, where there are so many.
_EXPORTED: Final = 1_000_000
#: Written to small archives, where nothing is to be believed but that it works.
_FEW: Final = (1_000, 1)


def measure(size: Size) -> Iterator[Row]:
    """Every row as soon as it is known; the results are kept beside the data."""
    workspace = ensure(size)
    with connection.cursor() as cursor:
        for table in BY_MESSAGE:
            cursor.execute(
                compose.SQL("VACUUM (ANALYZE) {}")
                .format(compose.Identifier(table))
                .as_string(cursor.connection)
            )
    found: dict[str, float] = {}
    for row in _rows(workspace, size):
        found[row.name] = row.ratio if row.ratio is not None else row.value
        yield row
    if size.label == _LARGER:
        yield from _flatness(found)
    Path(settings.TGADMIN_DATA_DIR, RESULTS).write_bytes(orjson.dumps(found))


def _rows(workspace: Workspace, size: Size) -> Iterator[Row]:
    yield from _bytes(workspace, size)
    small = size.messages < _SMALLER.messages
    yield from searches.measure(workspace, rounds=1 if small else 3)
    yield from pages.measure(workspace, rounds=2 if small else 12)
    yield from exports.measure(_exported(workspace), quick=True)
    yield from imports.measure(quick=small)
    yield from _writing(_FEW if small else ingest.LONG)


def _exported(workspace: Workspace) -> list[Channel]:
    """The largest channels with a million messages between them, or all. Of those that are copies
    only the largest has raw records (`multiplying`).
    """
    found: list[Channel] = []
    for channel in Channel.objects.filter(workspace=workspace).order_by("-totals__messages", "pk"):
        if sum(one.totals.messages for one in found) >= _EXPORTED:
            break
        found.append(channel)
    return found


def _bytes(workspace: Workspace, wanted: Size) -> Iterator[Row]:
    size = sizes(workspace)
    yield Row(
        "bytes_per_message",
        size.bytes_per_message,
        "bytes",
        target=5_000,
        at_most=True,
        more={
            "with_raw_records": round(with_raw_records(wanted), 3),
            "without_indexes": round(size.bytes_without_indexes),
            **{
                name: round((whole - index) / size.messages)
                for name, (whole, index) in size.tables.items()
            },
            **{
                f"{name}_indexes": round(index / size.messages)
                for name, (_, index) in size.tables.items()
            },
        },
    )


def _writing(how_much: tuple[int, int]) -> Iterator[Row]:
    """Into the large tables; what was written is taken away again."""
    try:
        yield from ingest.measure(how_much)
        yield ingest.rollup_cost(how_much)
    finally:
        for channel in Channel.objects.filter(workspace=ingest.bench_workspace()):
            channels.remove(channel=channel, delete_messages=True)
            channel.delete()


def _flatness(found: dict[str, float]) -> Iterator[Row]:
    """The larger archive's searches and pages beside the smaller one's, if that was measured."""
    kept = _SMALLER.directory / RESULTS
    if not kept.exists():
        return
    before = orjson.loads(kept.read_bytes())
    ratios = {
        name: value / before[name]
        for name, value in found.items()
        if "p95_ms" in name and before.get(name)
    }
    if ratios:
        worst = max(ratios, key=lambda name: ratios[name])
        yield Row(
            "flatness_10m_over_1m",
            median(ratios.values()),
            "times",
            target=1.5,
            at_most=True,
            more={"worst": ratios[worst], "worst_is": worst},
        )

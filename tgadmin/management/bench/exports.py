"""Exports beside COPY of the same columns of the same rows, read by Python and thrown away."""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from archive.exports import FORMATS, TEXT_FORMATS, FileSink, Options, parameters_of, stream
from archive.exports.parquet import Parquet
from archive.exports.sql import SNAPSHOT
from ingestion.models import Channel
from tgadmin.lib.copying import binary_cursor
from tgadmin.management.bench.memory import peak_mb
from tgadmin.management.bench.rows import Row, rate, stopwatch

TARGETS: Final = {"csv": 0.9, "jsonl": 0.75, "parquet": 0.9}
#: Megabytes of the whole process.
PEAKS: Final = {
    "export_peak_mb": (("csv", "jsonl"), 100),
    "export_parquet_peak_mb": (("parquet",), 250),
}
_WHOLE: Final = Options()
#: COPY of the columns as they are, as CSV. Those of JSON Lines and of Parquet are the same.
_EVERYTHING: Final = Parquet().statement(_WHOLE)
_LIMITS: Final = {
    "csv": TEXT_FORMATS["csv"].statement(_WHOLE),
    "jsonl": _EVERYTHING,
    "parquet": _EVERYTHING,
}


def measure(channels: Sequence[Channel], *, quick: bool) -> list[Row]:
    """export_csv_ratio, export_jsonl_ratio, export_parquet_ratio and the peaks, of archived channels
    that are exported together; in `more` how many `rows` that were.
    """
    rounds = 3 if quick else 5
    count = sum(channel.totals.messages for channel in channels)
    more = {"rows": count, "channels": len(channels)}
    rows = []
    for name, target in TARGETS.items():
        limit: list[float] = []
        ours: list[float] = []
        for _ in range(rounds):
            limit.append(_bare_copy(channels, name))
            ours.append(_export(channels, name))
        rows.append(
            Row(
                f"export_{name}_ratio",
                rate(count, ours),
                "messages/s",
                target=target,
                limit=rate(count, limit),
                more={**more},
            )
        )
    for label, (names, most) in PEAKS.items():
        peak = max(_peak_of_a_process(channels, name) for name in names)
        rows.append(Row(label, peak, "MB", target=most, at_most=True, more={**more}))
    return rows


def _bare_copy(channels: Sequence[Channel], name: str) -> float:
    """The columns from PostgreSQL, and nothing done with what comes."""
    with transaction.atomic(), stopwatch() as elapsed:
        connection.cursor().execute(SNAPSHOT)
        for channel in channels:
            with binary_cursor().copy(_LIMITS[name], parameters_of(channel, _WHOLE)) as copy:
                for _ in copy:
                    pass
        return elapsed()


def _export(channels: Sequence[Channel], name: str) -> float:
    target = Path(settings.TGADMIN_DATA_DIR) / f"bench.{name}"
    with stopwatch() as elapsed:
        with FileSink(target, temporary=target.with_suffix(".part")) as sink:
            stream(channels, format=FORMATS[name], sink=sink)
            sink.seal()
            sink.publish()
        took = elapsed()
    target.unlink()
    return took


def _peak_of_a_process(channels: Sequence[Channel], name: str) -> float:
    """Megabytes of a process that does nothing else."""
    command = [sys.executable, "-m", "tgadmin.management.bench.child", "export", name]
    keys = [str(channel.pk) for channel in channels]
    process = subprocess.Popen([*command, *keys], cwd=settings.BASE_DIR)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, peak_mb(process.pid))
        time.sleep(0.02)
    if process.returncode:
        raise RuntimeError(f"The export process failed with {process.returncode}")
    return peak

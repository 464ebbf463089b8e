"""Exports beside COPY of the same rows, read by Python and thrown away."""

import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from archive.exports import FORMATS, TEXT_FORMATS, FileSink, Options, parameters_of, stream
from archive.exports.base import TextFormat
from archive.exports.parquet import Parquet
from archive.exports.sql import SNAPSHOT
from ingestion.models import Channel
from tgadmin.lib.copying import binary_cursor
from tgadmin.management.bench.memory import peak_mb
from tgadmin.management.bench.rows import Row, rate, stopwatch

TARGETS = {"csv": 0.9, "jsonl": 0.75, "parquet": 0.9}
#: Megabytes of the whole process.
PEAKS = {"export_peak_mb": (("csv", "jsonl"), 100), "export_parquet_peak_mb": (("parquet",), 250)}
_STATEMENTS: dict[str, TextFormat | Parquet] = {**TEXT_FORMATS, "parquet": Parquet()}


def measure(channel: Channel, *, quick: bool) -> list[Row]:
    """export_csv_ratio, export_jsonl_ratio, export_parquet_ratio and the peaks, of an archived channel."""
    rounds = 3 if quick else 5
    count = channel.totals.messages
    rows = []
    for name, target in TARGETS.items():
        limit: list[float] = []
        ours: list[float] = []
        for _ in range(rounds):
            limit.append(_bare_copy(channel, name))
            ours.append(_export(channel, name))
        rows.append(
            Row(
                f"export_{name}_ratio",
                rate(count, ours),
                "messages/s",
                target=target,
                limit=rate(count, limit),
            )
        )
    for label, (names, most) in PEAKS.items():
        peak = max(_peak_of_a_process(channel, name) for name in names)
        rows.append(Row(label, peak, "MB", target=most, at_most=True))
    return rows


def _bare_copy(channel: Channel, name: str) -> float:
    """The statement of the export itself, and nothing done with what comes."""
    statement = _STATEMENTS[name].statement(Options())
    parameters = parameters_of(channel, Options())
    with transaction.atomic(), stopwatch() as elapsed:
        connection.cursor().execute(SNAPSHOT)
        with binary_cursor().copy(statement, parameters) as copy:
            for _ in copy:
                pass
        return elapsed()


def _export(channel: Channel, name: str) -> float:
    target = Path(settings.TGADMIN_DATA_DIR) / f"bench.{name}"
    with stopwatch() as elapsed:
        with FileSink(target, temporary=target.with_suffix(".part")) as sink:
            stream([channel], format=FORMATS[name], sink=sink)
            sink.seal()
            sink.publish()
        took = elapsed()
    target.unlink()
    return took


def _peak_of_a_process(channel: Channel, name: str) -> float:
    """Megabytes of a process that does nothing else."""
    command = [sys.executable, "-m", "tgadmin.management.bench.child", "export", name]
    process = subprocess.Popen([*command, str(channel.pk)], cwd=settings.BASE_DIR)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, peak_mb(process.pid))
        time.sleep(0.02)
    if process.returncode:
        raise RuntimeError(f"The export process failed with {process.returncode}")
    return peak

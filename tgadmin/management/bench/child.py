"""`python -m tgadmin.management.bench.child all|export|sync|scale`: works on the servers that the bench
command started; a process of its own, because settings are read once.
"""

import os
import sys
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from collections.abc import Callable

    from tgadmin.management.bench.rows import Row


def main() -> None:
    """Do what the arguments say."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tgadmin.settings")
    django.setup()
    what, *arguments = sys.argv[1:]
    if what == "export":
        _export(*arguments)
    elif what == "sync":
        _sync()
    elif what == "scale":
        _scale(*arguments)
    else:
        _measure(quick="--quick" in arguments)


def _export(name: str, *channel_ids: str) -> None:
    from pathlib import Path  # noqa: PLC0415, models need set-up

    from django.conf import settings  # noqa: PLC0415

    from archive.exports import FORMATS, FileSink, stream  # noqa: PLC0415
    from ingestion.models import Channel  # noqa: PLC0415

    channels = list(Channel.objects.filter(pk__in=channel_ids).order_by("pk"))
    target = Path(settings.TGADMIN_DATA_DIR) / f"peak.{name}"
    with FileSink(target, temporary=target.with_suffix(".part")) as sink:
        stream(channels, format=FORMATS[name], sink=sink)
        sink.seal()
        sink.publish()
    target.unlink()


def _sync() -> None:
    """Work until nothing is due; tell how long that took and how much memory."""
    import orjson  # noqa: PLC0415

    from ingestion import scheduler, sync  # noqa: PLC0415
    from tgadmin.management.bench.memory import peak_mb  # noqa: PLC0415
    from tgadmin.management.bench.rows import stopwatch  # noqa: PLC0415

    with stopwatch() as elapsed:
        while due := scheduler.claim_due():
            for item in due:
                sync.work_slice(run_id=item.run_id, slice_number=item.slice)
        seconds: float = elapsed()
    sys.stdout.buffer.write(orjson.dumps({"seconds": seconds, "peak_mb": peak_mb()}))


def _scale(label: str) -> None:
    from django.core.management import call_command  # noqa: PLC0415

    from tgadmin.management.bench.scale.measure import measure  # noqa: PLC0415
    from tgadmin.management.bench.scale.size import Size  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    for row in measure(Size.parse(label)):
        _tell(row)


def _tell(row: "Row") -> None:
    """One JSON object a line."""
    import orjson  # noqa: PLC0415

    sys.stdout.buffer.write(orjson.dumps(row.as_dict()) + b"\n")
    sys.stdout.buffer.flush()


def _measure(*, quick: bool) -> None:
    """Each row as it is measured."""
    from django.core.management import call_command  # noqa: PLC0415

    from tgadmin.management.bench import (  # noqa: PLC0415
        budget,
        exports,
        imports,
        ingest,
        listening,
        live,
        start,
        wire,
    )

    call_command("migrate", verbosity=0)
    writes = ingest.QUICK if quick else ingest.LONG
    wired, channel = wire.measure(quick=quick)
    groups: tuple[Callable[[], list[Row]], ...] = (
        lambda: wired,
        lambda: exports.measure([channel], quick=quick),
        lambda: ingest.measure(writes),
        lambda: [ingest.rollup_cost(writes)],
        lambda: imports.measure(quick=quick),
        budget.measure,
        lambda: live.measure(quick=quick),
        lambda: listening.measure(quick=quick),
        start.measure,
    )
    for group in groups:
        for row in group():
            _tell(row)


if __name__ == "__main__":
    main()
